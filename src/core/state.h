/* SPDX-License-Identifier: MIT */
/*
 * The words for states, events and conditions, and what the run that a machine knows of means as
 * a state of SPEC section 5.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "concert.h"
#include "target/target.h"

/*
 * The state of a process whose last run is `run` (NULL: none is known). `checked`: it has a ready
 * check, so that living alone does not make it ready.
 */
enum concert_state state_of_run(const struct target_run *run, bool checked);

/* True if processes of the run live, whatever became of its window. */
bool run_is_alive(const struct target_run *run);

#endif
