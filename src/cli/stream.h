/* SPDX-License-Identifier: MIT */
/*
 * What processes write, on standard output: as it is where one process has the terminal for itself,
 * otherwise line by line, with the process in front of each where there are several. That a run
 * begins or ends is said on standard error.
 */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"
#include "concert.h"

struct cli;
struct stream;

struct stream_options {
	const char *const *processes; /* their names, ended by a NULL; in the order of `index` */
	const char *grep;	      /* only lines that match it; NULL: all */
	int64_t skip_lines;	      /* of each process, at the beginning */
	bool timestamps, json;
};

/* NULL with `err` (ERROR_USAGE) if `grep` is no regular expression. The names must outlive it. */
struct stream *stream_new(struct cli *cli, const struct stream_options *options, struct error *err);

/* Has the shape of concert_watch.output: not 0 once nobody reads standard output any more. */
int stream_output(const struct concert_output *output, void *stream);

/* Shows the beginnings of lines for whose end nobody should wait; now and then. */
void stream_tick(void *stream);

/* The largest of the exit statuses that were told, 128 + N for a signal; -1 if none was. */
int stream_exit_status(const struct stream *stream);

/* Completes unfinished lines. NULL is allowed. */
void stream_free(struct stream *stream);

#endif
