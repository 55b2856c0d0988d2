/* SPDX-License-Identifier: MIT */
/*
 * One process within a run: from "nobody knows yet whether it lives" to "ready", "failed" or
 * "skipped". It drives the jobs on its own machine and tells the engine when something about it
 * has changed; when it may start is the engine's decision.
 */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include "core/fleet.h"
#include "core/plan.h"

struct engine;

enum process_phase {
	PROCESS_ASKING,	   /* its machine has not told yet what runs there */
	PROCESS_UNDECIDED, /* a one-shot; whether it must run depends on its dependents */
	PROCESS_WAITING,   /* for its dependencies; it will be started */
	PROCESS_STOPPING,  /* a restart ends the old run first */
	PROCESS_STARTING,  /* the start is under way */
	PROCESS_CHECKING,  /* it lives, and is not ready (a one-shot: not over) yet */
	PROCESS_READY,	   /* ready, or running without a ready check */
	PROCESS_ENDING,	   /* as READY, but a dependent waits for its end */
	PROCESS_DONE,	   /* it ended with success, or its last success counts */
	PROCESS_FAILED,	   /* see status and reason */
	PROCESS_SKIPPED,   /* a required dependency failed */
	PROCESS_LOST,	   /* its machine cannot be asked */
};

struct process {
	struct engine *engine;
	struct plan_step *step;
	struct machine *machine;
	enum process_phase phase;
	struct target_job *job;
	struct loop_timer *retry; /* until a lost connection is tried again */
	char run[TARGET_RUN_ID_LEN + 1];
	int64_t log_offset;
	bool started;	/* a run of it was started or found alive */
	bool found;	/* it was alive before */
	bool succeeded; /* its last run, before this call, ended with 0 */
	bool ended;	/* the run ended while we looked; how: */
	int exit_status, signal;
	bool unchecked; /* started without a ready check: a last look must tell whether it lives */
	enum concert_status status;
	enum concert_state state;
	const char *action; /* "started", …: a constant, for the report */
	char *reason;
	/* Of the run found there, from its record. */
	char *found_variants, *found_params, *found_container;
	int64_t begun_ms, over_ms;
};

void process_init(struct process *process, struct engine *engine, struct plan_step *step,
		  struct machine *machine);
void process_release(struct process *process); /* gives up what is under way */

/* No further change comes from it. */
bool process_is_over(const struct process *process);

/* The machine has told what its last run is (NULL: it knows none). Phase ASKING only. */
void process_learn(struct process *process, const struct target_run *run);

/* The machine could not be asked. */
void process_lose(struct process *process, const struct error *err);

/* The engine's decisions about an UNDECIDED or WAITING process. */
void process_want(struct process *process);	/* it must run */
void process_not_want(struct process *process); /* it need not run */
void process_start(struct process *process);
void process_skip(struct process *process, const char *cause);

/* The last look, for a process started without a ready check. */
void process_look(struct process *process, const struct target_run *run);

/* True if what was found alive runs with other settings; says in `what` which. */
bool process_differs(const struct process *process, const struct target_run *run,
		     struct error *what);

#endif
