/* SPDX-License-Identifier: MIT */
/*
 * The dashboard as `mon` and `run -m` open it.
 */
#ifndef CLI_MON_H
#define CLI_MON_H

#include <stdbool.h>

struct cli;

/*
 * Makes it or finds it; then shows it in this terminal (`here`; returns only if that fails) or
 * says how to see it. cli_open() must have been called. Returns the exit status.
 */
int mon_open(struct cli *cli, bool here);

/* The same after a run that ended with `status`: here if this is a terminal. */
int mon_after(struct cli *cli, int status);

#endif
