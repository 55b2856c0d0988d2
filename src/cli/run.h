/* SPDX-License-Identifier: MIT */
/*
 * What `run` and `restart` have in common, which is nearly all.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <stdbool.h>

struct cli;

/* Runs the named processes (with `restart`: ends them first). Returns the exit status. */
int run_processes(struct cli *cli, bool restart);

#endif
