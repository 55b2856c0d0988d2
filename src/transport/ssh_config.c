/* SPDX-License-Identifier: MIT */
/*
 * The options of ssh_config: which there are, what kind of value each takes, and how those for one
 * machine are gathered from the files. Where a value is given twice the first one holds.
 */
#include "base/base.h"
#include <glob.h>
#include <pwd.h>
#include <sys/socket.h>
#include "base/strbuf.h"
#include "transport/ssh_config_file.h"

#define INCLUDE_DEPTH 16
#define USER_CONFIG   "/.ssh/config"
#define SYSTEM_CONFIG "/etc/ssh/ssh_config"

enum option_kind {
	OPTION_STRING, /* one word */
	OPTION_REST,   /* the rest of the line as it stands */
	OPTION_INT,
	OPTION_TIME, /* seconds, or 1h30m */
	OPTION_BOOL,
	OPTION_ADD,  /* one word each, all of them count */
	OPTION_ONCE, /* several words, the first line counts */
	OPTION_PORT,
	OPTION_STRICT,
	OPTION_FAMILY,
	OPTION_PROXY, /* ProxyJump and ProxyCommand: whichever comes first */
	OPTION_SSH,   /* anything but "no" makes the answer one that only ssh knows */
	OPTION_IGNORED,
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset; /* in struct ssh_settings */
};

#define AT(member) offsetof(struct ssh_settings, member)

static const struct option options[] = {
	{"addressfamily", OPTION_FAMILY, AT(family)},
	{"batchmode", OPTION_BOOL, AT(batch)},
	{"bindaddress", OPTION_STRING, AT(bind_address)},
	{"canonicalizehostname", OPTION_SSH, AT(canonicalize)},
	{"certificatefile", OPTION_ADD, AT(certificate_files)},
	{"challengeresponseauthentication", OPTION_BOOL, AT(kbdint)},
	{"checkhostip", OPTION_BOOL, AT(check_host_ip)},
	{"ciphers", OPTION_STRING, AT(ciphers)},
	{"connecttimeout", OPTION_TIME, AT(connect_timeout)},
	{"globalknownhostsfile", OPTION_ONCE, AT(global_known_hosts)},
	{"hashknownhosts", OPTION_BOOL, AT(hash_known_hosts)},
	{"hostkeyalgorithms", OPTION_STRING, AT(host_key_algorithms)},
	{"hostkeyalias", OPTION_STRING, AT(host_key_alias)},
	{"hostname", OPTION_STRING, AT(host)},
	{"identitiesonly", OPTION_BOOL, AT(identities_only)},
	{"identityagent", OPTION_STRING, AT(identity_agent)},
	{"identityfile", OPTION_ADD, AT(identity_files)},
	{"ignoreunknown", OPTION_STRING, AT(ignore_unknown)},
	{"kbdinteractiveauthentication", OPTION_BOOL, AT(kbdint)},
	{"keepalive", OPTION_BOOL, AT(tcp_keepalive)},
	{"kexalgorithms", OPTION_STRING, AT(kex)},
	{"macs", OPTION_STRING, AT(macs)},
	{"numberofpasswordprompts", OPTION_INT, AT(prompts)},
	{"passwordauthentication", OPTION_BOOL, AT(password)},
	{"port", OPTION_PORT, AT(port)},
	{"preferredauthentications", OPTION_STRING, AT(preferred)},
	{"proxycommand", OPTION_PROXY, AT(proxy_command)},
	{"proxyjump", OPTION_PROXY, AT(proxy_jump)},
	{"pubkeyacceptedalgorithms", OPTION_STRING, AT(pubkey_algorithms)},
	{"pubkeyacceptedkeytypes", OPTION_STRING, AT(pubkey_algorithms)},
	{"pubkeyauthentication", OPTION_BOOL, AT(pubkey)},
	{"serveralivecountmax", OPTION_INT, AT(alive_count)},
	{"serveraliveinterval", OPTION_TIME, AT(alive_interval)},
	{"stricthostkeychecking", OPTION_STRICT, AT(strict)},
	{"tcpkeepalive", OPTION_BOOL, AT(tcp_keepalive)},
	{"user", OPTION_STRING, AT(user)},
	{"userknownhostsfile", OPTION_ONCE, AT(user_known_hosts)},
};

/* Known to OpenSSH, and of no meaning to a program that runs commands. */
static const char *const ignored[] = {
	"addkeystoagent",
	"bindinterface",
	"canonicaldomains",
	"canonicalizefallbacklocal",
	"canonicalizemaxdots",
	"canonicalizepermittedcnames",
	"casignaturealgorithms",
	"channeltimeout",
	"cipher",
	"clearallforwardings",
	"compression",
	"compressionlevel",
	"connectionattempts",
	"controlmaster",
	"controlpath",
	"controlpersist",
	"dsaauthentication",
	"dynamicforward",
	"enableescapecommandline",
	"enablesshkeysign",
	"escapechar",
	"exitonforwardfailure",
	"fallbacktorsh",
	"fingerprinthash",
	"forkafterauthentication",
	"forwardagent",
	"forwardx11",
	"forwardx11timeout",
	"forwardx11trusted",
	"gatewayports",
	"globalknownhostsfile2",
	"gssapiauthentication",
	"gssapiclientidentity",
	"gssapidelegatecredentials",
	"gssapikexalgorithms",
	"gssapikeyexchange",
	"gssapirenewalforcesrekey",
	"gssapiserveridentity",
	"gssapitrustdns",
	"hostbasedacceptedalgorithms",
	"hostbasedauthentication",
	"hostbasedkeytypes",
	"ipqos",
	"kbdinteractivedevices",
	"knownhostscommand",
	"localcommand",
	"localforward",
	"loglevel",
	"logverbose",
	"nohostauthenticationforlocalhost",
	"obscurekeystroketiming",
	"permitlocalcommand",
	"permitremoteopen",
	"pkcs11provider",
	"protocol",
	"proxyusefdpass",
	"refuseconnection",
	"rekeylimit",
	"remotecommand",
	"remoteforward",
	"requesttty",
	"requiredrsasize",
	"revokedhostkeys",
	"rhostsrsaauthentication",
	"rsaauthentication",
	"securitykeyprovider",
	"sendenv",
	"sessiontype",
	"setenv",
	"skeyauthentication",
	"smartcarddevice",
	"stdinnull",
	"streamlocalbindmask",
	"streamlocalbindunlink",
	"syslogfacility",
	"tag",
	"tisauthentication",
	"tunnel",
	"tunneldevice",
	"updatehostkeys",
	"useblacklistedkeys",
	"usekeychain",
	"useprivilegedport",
	"userknownhostsfile2",
	"useroaming",
	"usersh",
	"verifyhostkeydns",
	"versionaddendum",
	"visualhostkey",
	"warnweakcrypto",
	"xauthlocation",
};

static int fault(const struct config_query *query, const struct config_line *line,
		 struct error *err, const char *what)
{
	return error_set(err, ERROR_USAGE, "%s:%d: %s '%.200s': %s", query->path, line->number,
			 line->keyword, line->rest, what);
}

static const struct option *find_option(const char *keyword)
{
	static const struct option nothing = {"", OPTION_IGNORED, 0};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcasecmp(options[i].name, keyword))
			return &options[i];
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (!strcasecmp(ignored[i], keyword))
			return &nothing;
	return NULL;
}

static int parse_int(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	return !isdigit((unsigned char)*text) || *end || value > INT_MAX ? -1 : (int)value;
}

/* "90", "1m30s", "2h"; "none" is 0. */
static int parse_time(const char *text)
{
	long total = 0;

	if (!strcasecmp(text, "none"))
		return 0;
	if (!*text)
		return -1;
	while (*text) {
		char *end;
		long value = strtol(text, &end, 10), unit = 1;

		if (!isdigit((unsigned char)*text) || value > INT_MAX)
			return -1;
		if (*end) {
			static const char units[] = "smhdw";
			static const int seconds[] = {1, 60, 3600, 86400, 604800};
			const char *u = strchr(units, tolower((unsigned char)*end++));

			if (!u)
				return -1;
			unit = seconds[u - units];
		}
		if (value > INT_MAX / unit || (total += value * unit) > INT_MAX)
			return -1;
		text = end;
	}
	return (int)total;
}

static int parse_word(const char *text, const char *const *words, const int *values)
{
	for (; *words; words++, values++)
		if (!strcasecmp(text, *words))
			return *values;
	return -1;
}

static int parse_bool(const char *text)
{
	static const char *const words[] = {"yes", "true", "no", "false", NULL};
	static const int values[] = {1, 1, 0, 0};

	return parse_word(text, words, values);
}

static int parse_strict(const char *text)
{
	static const char *const words[] = {"yes", "true",  "ask", "accept-new",
					    "no",  "false", "off", NULL};
	static const int values[] = {HOST_KEY_YES, HOST_KEY_YES, HOST_KEY_ASK, HOST_KEY_ACCEPT_NEW,
				     HOST_KEY_NO,  HOST_KEY_NO,	 HOST_KEY_NO};

	return parse_word(text, words, values);
}

static int parse_family(const char *text)
{
	static const char *const words[] = {"any", "inet", "inet6", NULL};
	static const int values[] = {AF_UNSPEC, AF_INET, AF_INET6};

	return parse_word(text, words, values);
}

static int parse_number(enum option_kind kind, const char *text)
{
	int value;

	switch (kind) {
	case OPTION_TIME:
		return parse_time(text);
	case OPTION_BOOL:
		return parse_bool(text);
	case OPTION_STRICT:
		return parse_strict(text);
	case OPTION_FAMILY:
		return parse_family(text);
	case OPTION_PORT:
		value = parse_int(text);
		return value < 1 || value > 65535 ? -1 : value;
	default:
		return parse_int(text);
	}
}

static void set_string(char **value, const char *text)
{
	if (!*value)
		*value = xstrdup(text);
}

/* The other of the two is shut out as well; "none" shuts out both. Both are settled at the end. */
static void set_proxy(struct ssh_settings *settings, char **value, const char *text)
{
	if (!settings->proxy_jump && !settings->proxy_command)
		*value = xstrdup(text);
}

static void set_once(struct strvec *list, const struct strvec *arg)
{
	if (!list->nr)
		strvec_push_all(list, (const char *const *)arg->v);
}

static int set_option(const struct config_query *query, const struct config_line *line,
		      const struct option *option, bool active, struct error *err)
{
	void *member = (char *)query->settings + option->offset;
	int value;

	if (option->kind == OPTION_IGNORED)
		return 0;
	if (!line->arg.nr)
		return fault(query, line, err, "a value is missing");
	switch (option->kind) {
	case OPTION_STRING:
	case OPTION_SSH:
		if (active)
			set_string(member, line->arg.v[0]);
		return 0;
	case OPTION_PROXY:
		if (active)
			set_proxy(query->settings, member, line->rest);
		return 0;
	case OPTION_ADD:
		if (active && !strvec_has(member, line->arg.v[0]))
			strvec_push(member, line->arg.v[0]);
		return 0;
	case OPTION_ONCE:
		if (active)
			set_once(member, &line->arg);
		return 0;
	default:
		value = parse_number(option->kind, line->arg.v[0]);
		if (value < 0)
			return fault(query, line, err, "not a value that this option takes");
		if (active && *(int *)member < 0)
			*(int *)member = value;
		return 0;
	}
}

static int read_file(struct config_query *query, const char *path, bool hold, int depth,
		     struct error *err);

/* Relative paths are the user's ~/.ssh or the system's /etc/ssh, whoever includes. */
static char *include_path(const struct config_query *query, const char *pattern)
{
	const struct ssh_config *config = query->config;

	if (*pattern == '/' || *pattern == '~')
		return ssh_expand(query->settings, &config->user, pattern, "~%", NULL);
	if (!strncmp(query->path, "/etc/ssh/", 9))
		return xasprintf("/etc/ssh/%s", pattern);
	return xasprintf("%s/.ssh/%s", config->user.home, pattern);
}

static int include(struct config_query *query, const struct config_line *line, bool hold, int depth,
		   struct error *err)
{
	const char *including = query->path;
	int rc = 0;

	if (depth >= INCLUDE_DEPTH)
		return fault(query, line, err, "too many levels of Include");
	for (size_t i = 0; i < line->arg.nr && !rc; i++) {
		char *pattern = include_path(query, line->arg.v[i]);
		glob_t found;

		if (pattern && !glob(pattern, 0, NULL, &found)) {
			for (size_t n = 0; n < found.gl_pathc && !rc; n++)
				rc = read_file(query, found.gl_pathv[n], hold, depth + 1, err);
			globfree(&found);
		}
		query->path = including;
		free(pattern);
	}
	return rc;
}

static int unknown(const struct config_query *query, const struct config_line *line,
		   struct error *err)
{
	const char *tolerated = query->settings->ignore_unknown;

	if (tolerated && match_pattern_list(line->keyword, tolerated, true) == 1)
		return 0;
	return error_set(err, ERROR_USAGE, "%s:%d: '%.100s' is not an option of ssh", query->path,
			 line->number, line->keyword);
}

static int read_line(struct config_query *query, const struct config_line *line, bool hold,
		     bool *active, int depth, struct error *err)
{
	const struct option *option;
	int found;

	if (!strcasecmp(line->keyword, "include"))
		return include(query, line, hold && *active, depth, err);
	if (!strcasecmp(line->keyword, "host")) {
		*active = hold && config_match_host(query, line);
		return 0;
	}
	if (!strcasecmp(line->keyword, "match")) {
		/* Not even looked at where the file does not hold: it could run a program. */
		found = hold ? config_match(query, line, err) : 0;
		*active = found == 1;
		return found < 0 ? -1 : 0;
	}
	option = find_option(line->keyword);
	if (!option)
		return unknown(query, line, err);
	return set_option(query, line, option, hold && *active, err);
}

static int read_lines(struct config_query *query, const struct config_file *file, bool hold,
		      int depth, struct error *err)
{
	bool active = true;

	query->path = file->path;
	for (size_t i = 0; i < file->nr; i++) {
		if (read_line(query, &file->line[i], hold, &active, depth, err))
			return -1;
		query->path = file->path;
	}
	return 0;
}

static int read_file(struct config_query *query, const char *path, bool hold, int depth,
		     struct error *err)
{
	const struct config_file *file = config_file_get(query->config, path, err);

	return file ? read_lines(query, file, hold, depth, err) : -1;
}

static int read_all(struct config_query *query, struct error *err)
{
	struct ssh_config *config = query->config;
	const struct config_file *file;
	char *user;
	int rc;

	if (config->only && !strcmp(config->only, "none"))
		return 0;
	if (config->only) {
		file = config_file_get(config, config->only, err);
		if (file && file->missing)
			return error_set(err, ERROR_USAGE,
					 "cannot read '%s': there is no such file", config->only);
		return file ? read_lines(query, file, true, 0, err) : -1;
	}
	user = xasprintf("%s%s", config->user.home, USER_CONFIG);
	rc = read_file(query, user, true, 0, err);
	free(user);
	return rc ? rc : read_file(query, SYSTEM_CONFIG, true, 0, err);
}

static void init_settings(struct ssh_settings *settings)
{
	*settings = (struct ssh_settings){
		.port = -1,
		.identity_files = STRVEC_INIT,
		.certificate_files = STRVEC_INIT,
		.identities_only = -1,
		.connect_timeout = -1,
		.alive_interval = -1,
		.alive_count = -1,
		.tcp_keepalive = -1,
		.user_known_hosts = STRVEC_INIT,
		.global_known_hosts = STRVEC_INIT,
		.strict = HOST_KEY_UNSET,
		.check_host_ip = -1,
		.hash_known_hosts = -1,
		.family = -1,
		.batch = -1,
		.pubkey = -1,
		.password = -1,
		.kbdint = -1,
		.prompts = -1,
	};
}

static void drop_none(char **value)
{
	if (*value && !strcasecmp(*value, "none")) {
		free(*value);
		*value = NULL;
	}
}

/* Expands one string in place; the error names which. */
static int expand(struct ssh_settings *settings, const struct ssh_config *config, char **value,
		  const char *allowed, struct error *err)
{
	char *text;

	if (!*value)
		return 0;
	text = ssh_expand(settings, &config->user, *value, allowed, err);
	if (!text)
		return -1;
	free(*value);
	*value = text;
	return 0;
}

static int expand_all(struct ssh_settings *settings, const struct ssh_config *config,
		      struct strvec *list, struct error *err)
{
	for (size_t i = 0; i < list->nr; i++)
		if (expand(settings, config, &list->v[i], "~%dhijkLlnpru", err))
			return -1;
	return 0;
}

static void add_defaults(struct ssh_settings *settings)
{
	static const char *const keys[] = {"~/.ssh/id_rsa",	   "~/.ssh/id_ecdsa",
					   "~/.ssh/id_ecdsa_sk",   "~/.ssh/id_ed25519",
					   "~/.ssh/id_ed25519_sk", "~/.ssh/id_xmss",
					   "~/.ssh/id_dsa",	   NULL};
	static const char *const user[] = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2", NULL};
	static const char *const global[] = {"/etc/ssh/ssh_known_hosts",
					     "/etc/ssh/ssh_known_hosts2", NULL};

	if (!settings->identity_files.nr) {
		strvec_push_all(&settings->identity_files, keys);
		settings->default_identities = true;
	}
	if (!settings->user_known_hosts.nr)
		strvec_push_all(&settings->user_known_hosts, user);
	if (!settings->global_known_hosts.nr)
		strvec_push_all(&settings->global_known_hosts, global);
	if (settings->port < 0)
		settings->port = 22;
	if (settings->strict == HOST_KEY_UNSET)
		settings->strict = HOST_KEY_ASK;
	if (settings->family < 0)
		settings->family = AF_UNSPEC;
}

/* The order matters: later expansions use what earlier ones made. */
static int finish(struct ssh_settings *settings, const struct ssh_config *config, struct error *err)
{
	add_defaults(settings);
	drop_none(&settings->proxy_jump);
	drop_none(&settings->proxy_command);
	if (expand(settings, config, &settings->host, "%h", err))
		return -1;
	if (!settings->host)
		settings->host = xstrdup(settings->original);
	if (!settings->user)
		settings->user = xstrdup(config->user.name);
	/* $NAME is a variable's name as a whole, and looked up where the agent is. */
	if (settings->identity_agent && settings->identity_agent[0] != '$' &&
	    expand(settings, config, &settings->identity_agent, "~%dhijkLlnpru", err))
		return -1;
	if (expand_all(settings, config, &settings->identity_files, err) ||
	    expand_all(settings, config, &settings->certificate_files, err) ||
	    expand_all(settings, config, &settings->user_known_hosts, err))
		return -1;
	return expand(settings, config, &settings->proxy_command, "%hnpr", err);
}

int ssh_settings_read(struct ssh_settings *settings, struct ssh_config *config, const char *host,
		      const char *user, int port, struct error *err)
{
	struct config_query query = {.config = config, .settings = settings, .host = host};
	char *final = NULL;
	int rc;

	init_settings(settings);
	settings->original = xstrdup(host);
	settings->user = xstrdup_or_null(user);
	settings->port = port > 0 ? port : -1;
	rc = read_all(&query, err);
	if (!rc && settings->wants_final) {
		query.final = true;
		query.host = final = settings->host ? ssh_expand(settings, &config->user,
								 settings->host, "%h", err)
						    : xstrdup(host);
		rc = final ? read_all(&query, err) : -1;
	}
	free(final);
	if (settings->canonicalize && strcasecmp(settings->canonicalize, "no") != 0 &&
	    strcasecmp(settings->canonicalize, "none") != 0)
		settings->needs_ssh = true;
	return rc ? rc : finish(settings, config, err);
}

int ssh_settings_take(struct ssh_settings *settings, struct ssh_config *config, const char *text,
		      struct error *err)
{
	struct ssh_settings taken;
	struct config_query query = {
		.config = config, .settings = &taken, .host = settings->original};
	struct config_file *file;
	int rc = -1;

	init_settings(&taken);
	taken.original = xstrdup(settings->original);
	taken.ignore_unknown = xstrdup("*");
	taken.ciphers = xstrdup_or_null(settings->ciphers);
	taken.kex = xstrdup_or_null(settings->kex);
	taken.macs = xstrdup_or_null(settings->macs);
	taken.host_key_algorithms = xstrdup_or_null(settings->host_key_algorithms);
	file = config_file_parse("ssh -G", text, err);
	if (file) {
		/* ssh prints its defaults for these; what the user wished was seen before. */
		for (size_t i = 0; i < file->nr; i++)
			if (strstr("ciphers macs kexalgorithms hostkeyalgorithms "
				   "pubkeyacceptedalgorithms",
				   file->line[i].keyword))
				file->line[i].keyword[0] = '-';
		rc = read_lines(&query, file, true, 0, err);
		config_file_free(file);
	}
	if (!rc)
		rc = finish(&taken, config, err);
	ssh_settings_release(settings);
	*settings = taken;
	return rc;
}

void ssh_settings_release(struct ssh_settings *settings)
{
	char *const strings[] = {
		settings->original,
		settings->host,
		settings->user,
		settings->identity_agent,
		settings->proxy_jump,
		settings->proxy_command,
		settings->host_key_alias,
		settings->bind_address,
		settings->ciphers,
		settings->kex,
		settings->macs,
		settings->host_key_algorithms,
		settings->preferred,
		settings->canonicalize,
		settings->pubkey_algorithms,
		settings->ignore_unknown,
	};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(strings[i]);
	strvec_release(&settings->identity_files);
	strvec_release(&settings->certificate_files);
	strvec_release(&settings->user_known_hosts);
	strvec_release(&settings->global_known_hosts);
	init_settings(settings);
}

void ssh_config_init(struct ssh_config *config, const char *only)
{
	struct passwd *pw = getpwuid(getuid());
	const char *home = getenv("HOME");
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	*config = (struct ssh_config){
		.user = {.name = xstrdup(pw ? pw->pw_name : "unknown"),
			 .home = xstrdup(pw	? pw->pw_dir
					 : home ? home
						: "/"),
			 .uid = getuid(),
			 .local_host = xstrdup(host)},
		.only = xstrdup_or_null(only),
		.files = STRMAP_INIT,
	};
}

void ssh_config_release(struct ssh_config *config)
{
	free(config->user.name);
	free(config->user.home);
	free(config->user.local_host);
	free(config->only);
	strmap_release(&config->files, config_file_free);
}
