/* SPDX-License-Identifier: MIT */
/*
 * The -w of `run` and `restart`: what the named processes write, from the first byte of the runs
 * that were started, on standard output; and their exit status in the end.
 */
#ifndef CLI_RUN_WATCH_H
#define CLI_RUN_WATCH_H

#include "concert.h"

struct cli;
struct run_watch;

/* Before the run: takes what named one-shots write from now on. Never NULL. */
struct run_watch *run_watch_begin(struct cli *cli);

/*
 * After the run, which ended with `status` and `report` (may be NULL): goes on with what the
 * processes write until all have ended. Returns the exit status of the program. Frees `watch`.
 */
int run_watch_end(struct run_watch *watch, enum concert_status status,
		  const struct concert_report *report);

#endif
