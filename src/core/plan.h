/* SPDX-License-Identifier: MIT */
/*
 * What a command is about to do, settled before any machine is touched: which processes, in which
 * order, each with its variants and parameters applied.
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "concert.h"
#include "core/config.h"
#include "core/resolve.h"

struct plan_dependency {
	size_t step; /* index into the plan */
	enum concert_condition condition;
	bool required;
};

struct plan_step {
	const struct config_process *process;
	struct spec spec;
	/*
	 * Named by a restart that gives no choices: it keeps the variants and parameters of the run
	 * that it replaces, see plan_settle(). Where it cannot be resolved without them, `spec`
	 * holds the place alone and `settled` is false.
	 */
	bool inherits;
	bool settled;
	bool named;
	struct plan_dependency *depends;
	size_t nr_depends;
	size_t *dependents; /* indices into the plan */
	size_t nr_dependents;
	unsigned level;
};

struct plan {
	const struct config *config;
	struct choices choices;
	struct plan_step *step; /* each after all that it depends on */
	size_t nr;
};

/*
 * Plans `request`: the named processes with all that they depend on. Tells warnings and all errors
 * but the last through `tell`; returns NULL with `err` if anything is wrong.
 */
struct plan *plan_run(const struct config *config, const struct concert_request *request,
		      config_message_fn *tell, void *data, struct error *err);

/* Plans only the named processes themselves. */
struct plan *plan_show(const struct config *config, const struct concert_request *request,
		       config_message_fn *tell, void *data, struct error *err);
void plan_free(struct plan *plan); /* NULL is allowed */

/*
 * Settles a step once more with the variants and parameters of an earlier run, as record_list()
 * wrote them (NULL: none). Returns 0 or -1 with `err`.
 */
int plan_settle(struct plan *plan, struct plan_step *step, const char *variants, const char *params,
		struct error *err);

/*
 * The entries, one a line, for the record of a run; a line end within one is followed by a tab.
 * From the heap.
 */
char *record_list(const struct strvec *entries);

/*
 * A fingerprint of all that decides what runs: two specs with the same one would do the same.
 * From the heap.
 */
char *spec_fingerprint(const struct spec *spec);

#endif
