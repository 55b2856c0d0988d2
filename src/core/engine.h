/* SPDX-License-Identifier: MIT */
/*
 * Drives a plan: asks all machines at once what runs there, starts what its dependencies allow,
 * skips what cannot be had, and knows when all is said.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include "core/handle.h"
#include "core/plan.h"
#include "core/process.h"

struct engine {
	struct concert *concert;
	const struct concert_request *request;
	struct plan *plan;
	struct process *process; /* one for each step of the plan, in its order */
	size_t nr;
	struct visit *visit; /* one for each machine of the plan */
	size_t nr_visits;
	bool changed;	/* something happened since the plan was last gone through */
	bool looked;	/* the last look at processes without a ready check was begun */
	size_t looking; /* machines that have not answered it */
	struct loop_timer *settle;
	char *started_by;
	bool *needed; /* see engine_needs() */
};

/* Borrows all three. Returns NULL with `err` if a machine cannot have such a name. */
struct engine *engine_new(struct concert *concert, struct plan *plan,
			  const struct concert_request *request, struct error *err);
void engine_free(struct engine *engine); /* gives up what is under way; NULL is allowed */

void engine_begin(struct engine *engine);

/* Takes every decision that is possible; true once the run is over. For handle_drive(). */
bool engine_advance(void *engine);

/* How many processes of the plan its machine has to serve at once. */
size_t engine_load(const struct engine *engine, const struct machine *machine);

/*
 * True if the run as a whole needs the process at place `i`: it was named, or something that is
 * needed requires it.
 */
bool engine_needs(const struct engine *engine, size_t i);

/* ---- what a process tells ---- */

void engine_changed(struct engine *engine);
void engine_tell(struct engine *engine, const struct process *process, enum concert_event_type type,
		 enum concert_level level, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void engine_tell_output(struct engine *engine, const struct process *process, const char *data,
			size_t len);

#endif
