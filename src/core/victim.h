/* SPDX-License-Identifier: MIT */
/*
 * One process that is to be killed: waiting for those that depend on it, being stopped by its
 * machine, over. When its turn comes is kill.c's decision.
 */
#ifndef CORE_VICTIM_H
#define CORE_VICTIM_H

#include "core/census.h"
#include "core/plan.h"

enum victim_phase {
	VICTIM_SPARED,	 /* not to be killed */
	VICTIM_WAITING,	 /* for those that depend on it */
	VICTIM_STOPPING, /* its machine is at work */
	VICTIM_OVER,
};

struct victim {
	struct census *census;
	size_t entry;  /* in the census */
	bool *changed; /* set when it is over */
	enum victim_phase phase;
	struct plan_step step; /* what stop.cmd needs */
	struct target_job *job;
	struct loop_timer *retry;
	int64_t begun_ms;
	enum concert_status status;
};

struct census_entry *victim_entry(const struct victim *victim);
struct concert_report_row *victim_row(const struct victim *victim);

/* Has its machine stop it; tries again where the connection is lost. */
void victim_stop(struct victim *victim);

/* It is over without being stopped; `action` is a word for the report. */
void victim_end(struct victim *victim, const char *action, enum concert_status status);
void victim_release(struct victim *victim); /* gives up what is under way */

#endif
