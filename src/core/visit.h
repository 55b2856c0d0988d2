/* SPDX-License-Identifier: MIT */
/*
 * One question to each of several machines, all at once: what runs of these sessions are there?
 * run, kill and query begin with it; a machine that is lost while it is asked is asked again.
 */
#ifndef CORE_VISIT_H
#define CORE_VISIT_H

#include "base/strvec.h"
#include "core/fleet.h"

struct visit {
	struct machine *machine;
	struct strvec sessions;
	bool tree;
	int retries;
	struct loop *loop;
	struct target_job *job;
	struct loop_timer *retry;
	/* Once: with what the machine said (to be read until it returns), or with `err`. */
	void (*done)(struct visit *visit, const struct target_snapshot *snapshot,
		     const struct error *err, void *data);
	void *data;
};

/* Adds a session to ask for, once. */
void visit_add_session(struct visit *visit, const char *session);

/* Asks. All members but `job` and `retry` must have been set. May be begun again after `done`. */
void visit_begin(struct visit *visit);
void visit_release(struct visit *visit); /* gives up what is under way */

/* The visit to `machine` among `nr`, or NULL. */
struct visit *visit_find(struct visit *visits, size_t nr, const struct machine *machine);

#endif
