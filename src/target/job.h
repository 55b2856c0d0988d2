/* SPDX-License-Identifier: MIT */
/*
 * A request under way: one channel, the answer that comes on it, and the one end that the caller is
 * told of. The kinds (query.c, start.c, stop.c) embed a `struct target_job` as their first member
 * and say what a fact means to them.
 */
#ifndef TARGET_JOB_H
#define TARGET_JOB_H

#include "target/answer.h"
#include "target/target.h"

struct job_kind {
	const char *main;   /* the function of the script that is called on its last line */
	bool keeps_input;   /* more goes to its standard input while it runs */
	int64_t silence_ms; /* it says something at least so often; 0: not promised */
	void (*fact)(struct target_job *job, const char *key, char *value);
	void (*raw)(struct target_job *job, const char *bytes, size_t len); /* may be NULL */
	/* The end: tells the caller. `err` is NULL if the answer came whole. */
	void (*over)(struct target_job *job, const struct error *err);
	void (*release)(struct target_job *job); /* frees what the kind added, not the job */
};

struct target_job {
	const struct job_kind *kind;
	struct target *target;
	struct channel *channel; /* NULL once closed */
	struct answer answer;
	struct strbuf complaint; /* standard error, for when no answer comes */
	struct error err;	 /* what the script said to have failed */
	char *what;		 /* "cannot start 'x'", for errors */
	bool inside;		 /* a callback of it runs */
	bool told;		 /* over() was called, or never will be */
	struct target_job *next; /* of its target */
};

struct target {
	struct connection *connection;
	char *tmux_socket;
	int log_keep;
	int64_t log_max_bytes;
	struct target_job *jobs; /* also those that only wait for their channel to close */
};

/* Fills `job`, which the caller allocated with size for its kind. `what` is taken over. */
void job_init(struct target_job *job, struct target *target, const struct job_kind *kind,
	      char *what);

/*
 * Runs it: `request` holds the assignments and functions that the script wants; `scripts` (ends
 * in a NULL) are put behind them. Both are only read.
 */
void job_run(struct target_job *job, const struct strbuf *request, const char *const *scripts,
	     enum channel_priority priority, int64_t timeout_ms);

#endif
