/* SPDX-License-Identifier: MIT */
/*
 * A step of a plan as `show` and `run --dry-run` print it.
 */
#ifndef CLI_STEP_H
#define CLI_STEP_H

#include "base/strbuf.h"
#include "cli/term.h"
#include "concert.h"

/* Adds all that is known of the step but its name: a line each, the command last. */
void step_paint(struct strbuf *out, const struct term *term, const struct concert_step *step);

#endif
