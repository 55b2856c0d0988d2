/* SPDX-License-Identifier: MIT */
/*
 * Which files of ssh_config are read for a machine, in which order, and which of their blocks hold.
 * What an option means is ssh_options.c's, what the values become in the end ssh_settings.c's.
 */
#include "base/base.h"
#include <glob.h>
#include <pwd.h>
#include "transport/ssh_config_file.h"

#define INCLUDE_DEPTH 16
#define INCLUDE_FILES 10000 /* files that include each other ten times are read for ever */
#define USER_CONFIG   "/.ssh/config"
#define SYSTEM_CONFIG "/etc/ssh/ssh_config"

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
		return config_fault(query, line, err, "too many levels of Include");
	if (query->includes > INCLUDE_FILES)
		return config_fault(query, line, err, "too many files");
	for (size_t i = 0; i < line->arg.nr && !rc; i++) {
		char *pattern = include_path(query, line->arg.v[i]);
		glob_t found;

		if (pattern && !glob(pattern, 0, NULL, &found)) {
			query->includes += (unsigned)found.gl_pathc;
			for (size_t n = 0; n < found.gl_pathc && !rc; n++)
				rc = read_file(query, found.gl_pathv[n], hold, depth + 1, err);
			globfree(&found);
		}
		query->path = including;
		free(pattern);
	}
	return rc;
}

static int read_line(struct config_query *query, const struct config_line *line, bool hold,
		     bool *active, int depth, struct error *err)
{
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
	return config_set_option(query, line, hold && *active, err);
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

int ssh_settings_read(struct ssh_settings *settings, struct ssh_config *config, const char *host,
		      const char *user, int port, struct error *err)
{
	struct config_query query = {.config = config, .settings = settings, .host = host};
	char *final = NULL;
	int rc;

	ssh_settings_init(settings);
	settings->original = xstrdup(host);
	settings->user = xstrdup_or_null(user);
	settings->port = port > 0 ? port : -1;
	rc = read_all(&query, err);
	if (!rc && settings->wants_final) {
		query.final = true;
		query.host = final = ssh_expand_host(settings, &config->user, err);
		rc = final ? read_all(&query, err) : -1;
	}
	free(final);
	if (settings->canonicalize && strcasecmp(settings->canonicalize, "no") != 0 &&
	    strcasecmp(settings->canonicalize, "none") != 0)
		settings->needs_ssh = true;
	return rc ? rc : ssh_settings_finish(settings, config, err);
}

/* ssh prints its defaults for lists of algorithms; what the user wished was seen before. `host` it
 * prints too, and would be taken for the beginning of a block. */
static bool is_not_taken(const char *keyword)
{
	static const char *const words[] = {
		"host",		 "ciphers",	      "macs",
		"kexalgorithms", "hostkeyalgorithms", "pubkeyacceptedalgorithms"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(words[i], keyword))
			return true;
	return false;
}

int ssh_settings_take(struct ssh_settings *settings, struct ssh_config *config, const char *text,
		      struct error *err)
{
	struct ssh_settings taken;
	struct config_query query = {
		.config = config, .settings = &taken, .host = settings->original};
	struct config_file *file;
	int rc = -1;

	ssh_settings_init(&taken);
	taken.original = xstrdup(settings->original);
	taken.ignore_unknown = xstrdup("*");
	taken.ciphers = xstrdup_or_null(settings->ciphers);
	taken.kex = xstrdup_or_null(settings->kex);
	taken.macs = xstrdup_or_null(settings->macs);
	taken.host_key_algorithms = xstrdup_or_null(settings->host_key_algorithms);
	file = config_file_parse("ssh -G", text, err);
	if (file) {
		for (size_t n = 0; n < file->nr; n++)
			if (is_not_taken(file->line[n].keyword))
				file->line[n].keyword[0] = '-';
		rc = read_lines(&query, file, true, 0, err);
		config_file_free(file);
	}
	if (!rc)
		rc = ssh_settings_finish(&taken, config, err);
	ssh_settings_release(settings);
	*settings = taken;
	return rc;
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
