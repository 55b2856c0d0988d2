/* SPDX-License-Identifier: MIT */
/*
 * Which processes a command is about, where each of them is, and what its machine says of it: what
 * query and kill have in common. A census visits every machine concerned once, all at the same
 * time, and keeps of each answer what the commands need.
 */
#ifndef CORE_CENSUS_H
#define CORE_CENSUS_H

#include "core/handle.h"
#include "core/report.h"
#include "core/resolve.h"
#include "core/visit.h"

struct census_entry {
	const struct config_process *process; /* NULL: not in the configuration */
	const char *name, *session;	      /* owned by the entry if `process` is NULL */
	struct spec place;
	struct machine *machine;
	bool asked; /* its machine has answered */
	bool alive; /* processes of its last run live */
	enum run_phase phase;
	char *run, *container;	 /* of its last run; NULL if none */
	char *variants, *params; /* records of it */
	size_t row;		 /* in the report */
	struct error err;	 /* why the machine could not be asked */
};

struct census {
	struct concert *concert;
	const struct concert_request *request;
	struct census_entry *entry;
	size_t nr, alloc;
	size_t nr_listed; /* the entries before this one are of the configuration, in its order */
	struct visit *visit;
	size_t nr_visits, open;
	bool find_unlisted;
	struct concert_report *report; /* a row for each entry, filled as the answers come */
	void (*answered)(struct census *census, void *data); /* once all have; may be NULL */
	void *data;
};

/*
 * Prepares to ask for the processes in `set` (one bool for each of the configuration). Returns 0,
 * or -1 with `err`. census_release() in either case.
 */
int census_init(struct census *census, struct concert *concert,
		const struct concert_request *request, const bool *set, struct error *err);
void census_release(struct census *census); /* gives up what is under way */
void census_begin(struct census *census);

/* The report, which is the caller's from now on. */
struct concert_report *census_take_report(struct census *census);

/*
 * Marks in `set` (zeroed, one bool for each process of the configuration) those that `names` (ends
 * in a NULL) names; every unknown name is told. Returns 0, or -1 with `err`.
 */
int census_mark(struct concert *concert, const char *const *names, bool *set, struct error *err);

#endif
