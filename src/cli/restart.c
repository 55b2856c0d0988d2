/* SPDX-License-Identifier: MIT */
/*
 * `concert restart`: a run that ends the named processes first. Which variants and parameters
 * they keep is the library's decision, because only the machines know them.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/run.h"

int cmd_restart(struct cli *cli)
{
	return run_processes(cli, true);
}
