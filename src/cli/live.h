/* SPDX-License-Identifier: MIT */
/*
 * The live display of run and kill: a line for each process, in the order of the dependencies,
 * with what it waits for. It knows only what events tell it.
 */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/term.h"
#include "concert.h"

struct live;

/*
 * `plan` (NULL: none) gives the processes and their order; others are added when something is
 * told of them. `goal` is what they shall become, "ready" or "stopped". `term` is one that moves.
 */
struct live *live_new(const struct term *term, const struct concert_plan *plan, const char *goal);
void live_free(struct live *live); /* takes it off the terminal; NULL is allowed */

void live_event(struct live *live, const struct concert_event *event);
void live_draw(struct live *live);
void live_pause(struct live *live); /* until the next live_draw() */

#endif
