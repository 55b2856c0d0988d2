/* SPDX-License-Identifier: MIT */
/*
 * What every command has in its hands: what was typed, the two streams, and, once cli_open() has
 * read the configuration, the library.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/command.h"
#include "cli/observe.h"
#include "cli/options.h"
#include "cli/term.h"
#include "concert.h"

struct cli {
	const struct command *command; /* NULL before it is known */
	struct options opt;
	struct term out, err;
	struct observe observe;
	struct concert *concert; /* NULL until cli_open() */
};

/*
 * Opens the configuration that the options name. `mode` says how events are shown from then on.
 * Returns CONCERT_OK, or the status to exit with; the reason has been told.
 */
enum concert_status cli_open(struct cli *cli, enum observe_mode mode);

/* The request that the options make; it borrows from `cli`. */
struct concert_request cli_request(const struct cli *cli);

/* Prints "concert: TEXT (see 'concert help COMMAND')" and returns CONCERT_USAGE. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Prints "concert: TEXT" on standard error; live displays step aside. */
void cli_say(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Writes to standard output at once, and empties `out`. Returns 0, or -1 if nobody reads it any
 * more or the disk is full: there is no point in going on then.
 */
int cli_write(struct strbuf *out);

/* The status to exit with: that of the command, or CONCERT_FAILED if its output was lost. */
int cli_finish(int status);

/* True once SIGINT or SIGTERM came. */
bool cli_interrupted(void);

/* What the first of these interrupts; with NULL it ends the program. */
void cli_interruptible(struct concert *concert);

#endif
