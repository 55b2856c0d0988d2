/* SPDX-License-Identifier: MIT */
/*
 * The table of sub-commands. Each has one file and one function cmd_x(); main() checks the number
 * of words and the options before it calls that.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stddef.h>
#include "base/strbuf.h"
#include "cli/options.h"

struct cli;

enum command_words {
	WORDS_NONE,
	WORDS_ONE,
	WORDS_OPTIONAL, /* one or none */
	WORDS_SOME,	/* one or more */
	WORDS_ANY,
};

struct command {
	const char *name;
	enum option_scope scope;
	enum command_words words;
	const char *positional; /* as the synopsis shows it; NULL if there is none */
	const char *summary;	/* one line */
	const char *description;
	int (*run)(struct cli *cli); /* returns the exit status */
};

/* Ends with an entry whose name is NULL. */
extern const struct command command_table[];

/* The command of that name, or NULL with `err`, which offers the nearest. */
const struct command *command_find(const char *name, struct error *err);

/* Fails, with `err`, if the command does not take `nr` words. */
int command_check_words(const struct command *command, char *const *words, size_t nr,
			struct error *err);

/* Adds "concert run PROC... [-p KEY=VALUE...]", wrapped at `width` with `indent` spaces. */
void command_add_synopsis(struct strbuf *out, const struct command *command, size_t indent,
			  size_t width);

int cmd_run(struct cli *cli);
int cmd_restart(struct cli *cli);
int cmd_kill(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_watch(struct cli *cli);
int cmd_wait(struct cli *cli);
int cmd_list(struct cli *cli);
int cmd_check(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_graph(struct cli *cli);
int cmd_attach(struct cli *cli);
int cmd_mon(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_help(struct cli *cli);

#endif
