/* SPDX-License-Identifier: MIT */
/*
 * From a configured process to what will really run: chooses the variants, settles which value
 * each parameter has (SPEC section 2 "Placeholders" gives the precedence), and replaces the
 * placeholders in every string that may hold them.
 */
#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include "core/config.h"

/* One process as it will run. All strings are owned by it. */
struct spec {
	const struct config_process *process;
	char *cmd;	 /* byte for byte what the shell on the target reads */
	char *machine;	 /* "local" or as ssh takes it; checked for hostile characters */
	char *container; /* NULL: none */
	char *setup, *cwd, *ready_cmd, *stop_cmd; /* NULL: none */
	struct strvec env;			  /* "NAME=VALUE" */
	struct strvec params;	/* "KEY=VALUE": every parameter in effect for it */
	struct strvec given;	/* "KEY=VALUE": what the command line gave and it uses */
	struct strvec variants; /* chosen ones, in the file's order: "verbose", "ctrl=ec_pos" */
};

/* The choices of a command line, checked against the whole configuration. */
struct choices {
	struct config_pairs params; /* -p, in order; a later one of the same key wins */
	struct strvec variants;	    /* -v, as typed */
};

/*
 * Parses -p ("KEY=VALUE", "KEY:=VALUE"; lists end in a NULL and may be NULL). Returns 0 or -1 with
 * `err`. choices_release() in either case.
 */
int choices_init(struct choices *choices, const char *const *params, const char *const *variants,
		 struct error *err);
void choices_release(struct choices *choices);

/*
 * Checks that every variant is known in one of the `nr` processes of the plan (an unknown one is
 * an error that offers the nearest; so are two choices of one group), and warns through `tell` of
 * parameters that none of them uses. Returns 0 or -1 with `err` (the first; all are told).
 */
int choices_check(const struct choices *choices, const struct config *config,
		  const struct config_process *const *plan, size_t nr, config_message_fn *tell,
		  void *data, struct error *err);

/*
 * Resolves one process. {log} becomes TARGET_LOG_MARK, for only its machine knows the path.
 * `choices` may be NULL. Returns 0 or -1 with `err` (ERROR_USAGE, file:line:column).
 * spec_release() in either case.
 */
int spec_resolve(struct spec *spec, const struct config *config,
		 const struct config_process *process, const struct choices *choices,
		 struct error *err);
void spec_release(struct spec *spec);

/*
 * Only where it runs: machine, container. For what needs no command (kill, status, list), and so
 * also for processes whose command has a placeholder that nothing defines. `choices` may be NULL.
 */
int spec_resolve_place(struct spec *spec, const struct config *config,
		       const struct config_process *process, const struct choices *choices,
		       struct error *err);

#endif
