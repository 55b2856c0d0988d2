/* SPDX-License-Identifier: MIT */
/*
 * The options of ssh_config: which there are, what kind of value each takes, and how a line sets
 * one. Where a value is given twice the first one holds.
 */
#include "base/base.h"
#include <sys/socket.h>
#include "transport/ssh_config_file.h"

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

int config_fault(const struct config_query *query, const struct config_line *line,
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
		return config_fault(query, line, err, "a value is missing");
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
			return config_fault(query, line, err, "not a value that this option takes");
		if (active && *(int *)member < 0)
			*(int *)member = value;
		return 0;
	}
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

int config_set_option(const struct config_query *query, const struct config_line *line, bool active,
		      struct error *err)
{
	const struct option *option = find_option(line->keyword);

	return option ? set_option(query, line, option, active, err) : unknown(query, line, err);
}
