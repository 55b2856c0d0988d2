/* SPDX-License-Identifier: MIT */
/*
 * The options of the command line: one table, from which parsing, help, completion and the check
 * of the manual come, and one struct that holds what was given.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

/* Which commands an option belongs to; a set of them, or OPTION_GLOBAL. */
enum option_scope {
	OPTION_RUN = 1 << 0,
	OPTION_RESTART = 1 << 1,
	OPTION_KILL = 1 << 2,
	OPTION_STATUS = 1 << 3,
	OPTION_LIST = 1 << 4,
	OPTION_CHECK = 1 << 5,
	OPTION_SHOW = 1 << 6,
	OPTION_GRAPH = 1 << 7,
	OPTION_HELP = 1 << 8,
	OPTION_ATTACH = 1 << 16,
	OPTION_MON = 1 << 17,
	OPTION_DOCTOR = 1 << 18,
	OPTION_WATCH = 1 << 20,
	OPTION_WAIT = 1 << 21,
	OPTION_GLOBAL = 1 << 30, /* all commands, and before the command */
};

enum option_kind {
	OPTION_FLAG,	 /* a bool */
	OPTION_STRING,	 /* a const char *, which points into argv */
	OPTION_COUNT,	 /* an int, not negative */
	OPTION_DURATION, /* an int64_t, milliseconds */
	OPTION_CHOICE,	 /* an int, the index in `argument`, which is "first|second" */
	OPTION_WORDS,	 /* a struct strvec: all words up to the next option; may be repeated */
};

struct option {
	char letter;	  /* 0: none */
	const char *name; /* without dashes */
	enum option_kind kind;
	size_t offset; /* in struct options */
	unsigned scope;
	const char *argument; /* as help shows it; NULL for flags */
	const char *help;     /* one line; NULL: another spelling, accepted and not shown */
};

/* Ends with an entry whose name is NULL. */
extern const struct option option_table[];

/* What was given; options_init() sets the defaults. Strings point into argv. */
struct options {
	/* global */
	const char *config, *ssh_config, *host_key;
	int color;     /* enum term_when */
	int log_level; /* index of "debug|info|warning|error|critical"; -1: not given */
	bool quiet, verbose, help, version;
	/* run, restart, show */
	struct strvec params, variants;
	bool dry_run;
	int64_t deadline_ms;
	int ssh_retries;
	/* kill */
	const char *signal;
	int64_t grace_ms; /* -1: as configured */
	bool all, force, only, with_dependencies, unlisted;
	/* status, list, check, graph, help */
	bool json, watch, tree, check, strict, ancestor, dot, dump;
	/* attach, mon, run, doctor */
	bool read_only, keep, here, monitor, purge;
	/* watch */
	const char *lines, *grep; /* NULL: not given */
	bool timestamps, no_follow;
	/* words that are no options */
	struct strvec args;
};

void options_init(struct options *opt);
void options_release(struct options *opt);

/*
 * Takes the words from `argv[*i]` on (argv ends in NULL) with the options of `scope` and the
 * global ones; what belongs to `scope` comes first where a letter stands for both. With scope 0
 * (before the command) it stops at the first word that is no option. Leaves *i at the first word
 * that was not taken. Returns 0, or -1 with `err`.
 */
int options_parse(struct options *opt, unsigned scope, char *const *argv, int *i,
		  struct error *err);

/* Adds a line for each option of `scope`: "  -p, --params KEY=VALUE...   help". */
void options_add_help(struct strbuf *out, unsigned scope, size_t width);

/* Adds the options of `scope` as a synopsis has them: " [-p KEY=VALUE...] [--json]". */
void options_add_synopsis(struct strbuf *out, unsigned scope);

#endif
