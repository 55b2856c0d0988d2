/* SPDX-License-Identifier: MIT */
/*
 * The inside of the ssh_config reader: files as lists of lines, and which blocks hold.
 */
#ifndef TRANSPORT_SSH_CONFIG_FILE_H
#define TRANSPORT_SSH_CONFIG_FILE_H

#include "transport/ssh_config.h"

struct config_line {
	int number;
	char *keyword;	   /* as written */
	char *rest;	   /* what follows it, trimmed */
	struct strvec arg; /* the same, split and unquoted */
};

struct config_file {
	char *path;
	struct config_line *line;
	size_t nr, alloc;
	bool missing;
};

/*
 * The file's lines, from the cache or newly read. NULL with `err` if it cannot be read; one that
 * does not exist is `missing` instead.
 */
const struct config_file *config_file_get(struct ssh_config *config, const char *path,
					  struct error *err);
void config_file_free(void *file);
/* From a text; not cached. */
struct config_file *config_file_parse(const char *path, const char *text, struct error *err);

/* Who asks: the blocks of a file hold for some of these and not for others. */
struct config_query {
	struct ssh_config *config;
	struct ssh_settings *settings; /* as worked out so far */
	const char *host;	       /* what Host is compared with */
	const char *path;	       /* the file being read, for errors */
	bool final;		       /* the second pass */
	unsigned includes;	       /* files read by Include so far */
};

/* Whether a comma-separated list of patterns (a Match list) takes `text`: 1 yes, 0 no, -1 by a
 * pattern with '!'. */
int match_pattern_list(const char *text, const char *patterns, bool fold);
bool match_pattern(const char *text, const char *pattern);

/* Whether the block that a Host or Match line begins holds: 1, 0, or -1 with `err`. */
int config_match_host(const struct config_query *query, const struct config_line *line);
int config_match(const struct config_query *query, const struct config_line *line,
		 struct error *err);

/* ssh_options.c: says FILE:LINE and `what` of a line. */
int config_fault(const struct config_query *query, const struct config_line *line,
		 struct error *err, const char *what);
/* Sets what the line says, if its block holds; a line that makes no sense is a fault anyway. */
int config_set_option(const struct config_query *query, const struct config_line *line, bool active,
		      struct error *err);

/* ssh_settings.c */
void ssh_settings_init(struct ssh_settings *settings);
/* After the last file: defaults, "none", tokens. */
int ssh_settings_finish(struct ssh_settings *settings, const struct ssh_config *config,
			struct error *err);

#endif
