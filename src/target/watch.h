/* SPDX-License-Identifier: MIT */
/*
 * Following what processes write: one channel of a machine carries the logs of all that are wanted
 * there, run after run, byte by byte, with marks where a run begins and ends. Whoever loses it asks
 * again for what comes next. The script behind it ends with its channel, and without a heartbeat.
 */
#ifndef TARGET_WATCH_H
#define TARGET_WATCH_H

#include "target/target.h"

#define TARGET_WATCH_BEAT_MS 5000 /* how often target_watch_beat() is due */

struct target_watch_stream {
	const char *session, *process;
	const char *run; /* NULL: its last run, and those that follow */
	int64_t offset;	 /* go on with this byte of `run`; negative: with the run after it */
};

struct target_watch {
	const struct target_watch_stream *stream;
	size_t nr;
	int64_t lines;	/* of a last run: how many at the end to begin with; negative: all */
	bool no_follow; /* tell what is there, and end */
	bool once;	/* end when the run of each has ended, or it has none */
	bool marks;	/* no bytes, only BEGIN, END and NONE */
};

enum target_watch_type {
	TARGET_WATCH_NONE,  /* there is no run of it yet */
	TARGET_WATCH_BEGIN, /* what follows is of this run, from `offset` on */
	TARGET_WATCH_BYTES,
	TARGET_WATCH_LOST, /* the bytes before `offset` are gone: the log passed its cap */
	TARGET_WATCH_END,  /* the run ended, all of it was told; exit_status or signal */
};

struct target_watch_event {
	enum target_watch_type type;
	size_t stream;	 /* index into target_watch.stream */
	const char *run; /* BEGIN, END */
	int64_t offset;	 /* BYTES: of the first of them */
	double time;	 /* BYTES: the machine's clock when they were read; 0: they were older */
	const char *bytes;
	size_t len;
	int exit_status, signal; /* -1 and 0: not known */
	bool stopped;		 /* END: it was stopped on request */
};

struct target_watch_handler {
	/* From within it the job may be cancelled. */
	void (*event)(const struct target_watch_event *event, void *data);
	/* Once, last. `err` is NULL where the watch was to end by itself; see target_start. */
	void (*done)(const struct error *err, void *data);
};

/* All strings are copied. */
struct target_job *target_watch(struct target *target, const struct target_watch *watch,
				const struct target_watch_handler *handler, void *data);

/* Somebody still listens. */
void target_watch_beat(struct target_job *job);

#endif
