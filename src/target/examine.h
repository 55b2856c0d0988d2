/* SPDX-License-Identifier: MIT */
/*
 * Whether a machine has what concert needs: how long a login and a round trip take, then one script
 * that looks at everything else and tells its findings, each with its cure. And the removal of what
 * concert keeps there.
 */
#ifndef TARGET_EXAMINE_H
#define TARGET_EXAMINE_H

#include "target/target.h"

enum finding_level {
	FINDING_OK,
	FINDING_WARNING,
	FINDING_ERROR,
};

struct target_exam; /* one under way */

struct target_examine {
	const char *const *shells;     /* programs that must be there; ends in a NULL */
	const char *const *containers; /* "ENGINE NAME", with - for an engine that is not given */
};

struct target_exam_handler {
	/* `what` is one word ("tmux"); `cure` is NULL where nothing is wrong. */
	void (*found)(enum finding_level level, const char *what, const char *text,
		      const char *cure, void *data);
	/* Once, last. `err` (NULL if all was looked at) says why nothing more is known. */
	void (*done)(const struct error *err, void *data);
};

struct target_exam *target_examine(struct target *target, const struct target_examine *examine,
				   const struct target_exam_handler *handler, void *data);
void target_exam_cancel(struct target_exam *exam); /* NULL is allowed */

/*
 * Removes all files of concert from the machine. ERROR_CONFLICT while something runs there that it
 * started. `removed`: there were some.
 */
struct target_job *target_purge(struct target *target,
				void (*done)(bool removed, const struct error *err, void *data),
				void *data);

#endif
