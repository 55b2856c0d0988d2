/* SPDX-License-Identifier: MIT */
/*
 * The order in which a run's pids are shown: children after their parent, oldest first. The list
 * comes from a machine, which may lie, so it takes little time whatever is in it.
 */
#ifndef TARGET_PIDTREE_H
#define TARGET_PIDTREE_H

#include "target/target.h"

#define PIDTREE_DEPTH_MAX 64 /* what is deeper is shown as deep as this */

/*
 * Sorts the list and sets `depth`: first what is below `above` (0: nothing), then what has no
 * parent in the list, then rings, which only a machine that lies has. Of entries with the same pid
 * the first counts. Returns how many are left.
 */
size_t pidtree_sort(struct target_pid *pid, size_t nr, int64_t above);

#endif
