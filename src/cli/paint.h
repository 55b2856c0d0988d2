/* SPDX-License-Identifier: MIT */
/*
 * How states and reports look to people: the colours and tables that more than one command shows.
 */
#ifndef CLI_PAINT_H
#define CLI_PAINT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/strbuf.h"
#include "cli/term.h"
#include "concert.h"

enum term_colour paint_state(enum concert_state state);

/* Adds the table of what a run or kill did, survivors and reasons included. */
void paint_result(struct strbuf *out, const struct term *term, const struct concert_report *report);

/* Adds the table of what is there. */
void paint_status(struct strbuf *out, const struct term *term, const struct concert_report *report,
		  bool tree);

#endif
