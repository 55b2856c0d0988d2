/* SPDX-License-Identifier: MIT */
/*
 * The answer of a call: one row for each process that it was about, with strings of its own.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "concert.h"
#include "target/target.h"

struct concert_report *report_new(void);

/* A new row, everything unknown. Valid until the next one is added. */
struct concert_report_row *report_add(struct concert_report *report, const char *process,
				      const char *machine);

/* Row `i`, to be changed; it must be there. */
struct concert_report_row *report_at(struct concert_report *report, size_t i);

void report_remove(struct concert_report *report, size_t i);

/* Sets a string of a row to a copy of `value` (NULL allowed), freeing what it was. */
void report_set(const char **field, const char *value);

/* Forgets the pids below a row: they are gone. */
void report_drop_pids(struct concert_report_row *row);

/* Copies what the machine knows of a run (NULL: of none). `checked` is as for state_of_run(). */
void report_fill(struct concert_report_row *row, const struct target_run *run, bool checked);

#endif
