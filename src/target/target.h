/* SPDX-License-Identifier: MIT */
/*
 * What is done on a machine: start a process in a tmux window there, follow it until it is ready,
 * ask for the state of all, stop one. Each of these is one channel on which a POSIX sh script of
 * scripts/ runs; this interface builds the request and gives back the answer, parsed and bounded.
 * It knows tmux, containers, logs and /proc, and nothing of sockets, of the graph or of what the
 * user sees.
 *
 * Callbacks run from loop_step() only. Strings handed to them live as long as the callback.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "transport/transport.h"

/*
 * In a command or ready check this stands where the path of the run's log belongs. Only the
 * machine knows that path, so the script that writes the command there splices it in.
 */
#define TARGET_LOG_MARK "\001log\001"

#define TARGET_COMMAND_MAX 100000 /* bytes of cmd, after substitution */
#define TARGET_RUN_ID_LEN  32	  /* lower-case hexadecimal digits */

/* Writes a run id, unique in the world, and its NUL. */
void target_new_run_id(char id[TARGET_RUN_ID_LEN + 1]);

/* One machine, seen as a place where processes run. */
struct target;

struct target_options {
	const char *tmux_socket; /* tmux -L; NULL: the user's default server */
	int log_keep;		 /* runs whose files are kept for each process */
	int64_t log_max_bytes;	 /* that the logs of these may have together; 0: no limit */
};

/* The connection is borrowed and must outlive the target. Options are copied. */
struct target *target_new(struct connection *connection, const struct target_options *options);
void target_free(struct target *target); /* jobs must be over or cancelled; NULL is allowed */
struct connection *target_connection(const struct target *target);

/* One request under way. Valid until its `done` returns. */
struct target_job;
/* Gives it up: no callback comes any more. What runs on the machine is not touched. NULL allowed. */
void target_job_cancel(struct target_job *job);

/* ---- what is there ---- */

/* How a run stands, as its machine knows it. */
enum run_phase {
	RUN_NONE,     /* no run of it is known */
	RUN_LIVES,    /* in its window */
	RUN_STOPPING, /* lives, and a stop script is at work on it */
	RUN_ENDED,    /* by itself: exit_status or signal say how */
	RUN_STOPPED,  /* it was stopped on request; exit_status or signal are those it ended with */
	RUN_ORPHANED, /* its window is gone or dead, but processes that bear its mark live */
	RUN_VANISHED, /* nothing of it lives and no status was left: a reboot, tmux killed */
	RUN_FOREIGN,  /* a window has its name that concert did not make */
};

struct target_pid {
	int64_t pid, ppid;
	int64_t start_ticks;  /* since boot: with the pid, it names a process for good */
	double cpu_percent;   /* over its life */
	int64_t memory_bytes; /* resident */
	char *command;	      /* arguments joined by spaces, cut at 1 KiB, as the machine told it */
	unsigned depth;
};

/* A run as its files, its window and its processes tell it. Strings: NULL where not known. */
struct target_run {
	char *session, *process;
	char *run; /* its id */
	enum run_phase phase;
	char *reason;  /* why, where the phase alone does not say ("the machine was rebooted") */
	char *machine; /* as the file that started it spelled it */
	char *container;
	char *started_by;	 /* USER@HOST */
	char *variants, *params; /* as given in target_start, joined by one space */
	char *settings;		 /* target_start.settings */
	char *cmd;		 /* its first 4 KiB */
	bool persistent;
	int exit_status;      /* -1: not known, or a signal */
	int signal;	      /* 0: none */
	int64_t pid;	      /* first pid that is the process's own; 0: none */
	double uptime_s;      /* of a live run; negative: not known */
	double ended_ago_s;   /* since a run that is over ended; negative: not known */
	double ready_age_s;   /* since its last probe passed; negative: never */
	double cpu_percent;   /* since the last look, or over its life; negative: not known */
	int64_t memory_bytes; /* negative: not known */
	bool never_ready;     /* it lives, but was not ready within its deadline */
	bool log_failed;      /* its log cannot be written any more (disk full) */
	struct target_pid *pid_list; /* all its pids if asked for; in tree order */
	size_t nr_pids;
};

/* All that a machine said. */
struct target_snapshot {
	char *tmux_version;	/* "3.3a"; NULL if tmux is missing */
	struct target_run *run; /* the last run of each process of the sessions asked for */
	size_t nr_runs;
};

/* The run of that name, or NULL. */
const struct target_run *target_snapshot_find(const struct target_snapshot *snapshot,
					      const char *session, const char *process);

struct target_query {
	const char *const *sessions; /* ends in a NULL */
	bool tree;		     /* fill pid_list */
};

/*
 * Asks for everything of some sessions in one exec. `done` is called once: with the snapshot
 * (which it may read until it returns), or with `err` set. `err->code` is ERROR_UNREACHABLE if
 * the connection failed, ERROR_FAILED if the machine answered and something there is wrong.
 */
struct target_job *target_ask(struct target *target, const struct target_query *query,
			      void (*done)(const struct target_snapshot *snapshot,
					   const struct error *err, void *data),
			      void *data);

/* ---- start, and follow ---- */

struct target_start {
	const char *session, *process;
	const char *run;       /* the id that the run will have */
	const char *machine;   /* for CONCERT_MACHINE and the record */
	const char *container; /* NULL: none */
	const char *engine;    /* "docker", "podman", NULL: whichever the machine has */
	const char *shell;     /* "bash -ic": split at white space, the command is one more word */
	const char *setup, *cwd;    /* NULL: none */
	const char *cmd;	    /* byte for byte */
	const char *const *env;	    /* "NAME=VALUE", ends in a NULL */
	const char *const *environ; /* local only: the whole environment to start from; NULL: the
				       login's on the machine */
	bool persistent;	    /* false: one-shot: its output is told, its end is waited for */
	const char *ready_cmd;	    /* NULL: none */
	const char *ready_log;	    /* NULL: none */
	int64_t ready_interval_ms, ready_timeout_ms, ready_deadline_ms; /* 0: none */
	const char *variants, *params; /* for the record: joined by one space; "" if none */
	const char *settings;	       /* for the record: a fingerprint of all that could differ */
	const char *started_by;	       /* USER@HOST */
	/*
	 * False: if no run of it lives, a new one is started with the id `run` (if the last run
	 * has that very id already, an earlier attempt got through, and it is only followed).
	 * True: nothing is started; the run `run` is followed.
	 */
	bool follow_only;
	int64_t log_offset; /* OUTPUT begins at this byte of the log */
	/*
	 * How long the channel may be held while the process is not ready (a one-shot: not over);
	 * then TARGET_PENDING comes, and the caller asks again with follow_only. Negative: as long
	 * as it takes. 0: one probe.
	 */
	int64_t hold_ms;
	enum channel_priority priority;
};

enum target_event_type {
	TARGET_STARTED, /* a new run was started; `run` says all */
	TARGET_ALIVE,	/* a run of it lives already and was left alone; `run` says which */
	TARGET_OUTPUT,	/* bytes of its log; log_offset is that of the byte after them */
	TARGET_PROBE,	/* a probe did not pass: exit_status or signal; text: its last output */
	TARGET_READY,	/* ready, a one-shot: succeeded; without a ready check: it runs */
	TARGET_ENDED, /* the process ended before (a one-shot: or as) it was to; exit_status or signal */
	TARGET_NOT_READY, /* ready_deadline_ms passed; text: the last probe's output */
	TARGET_PENDING,	  /* hold_ms is over */
};

struct target_event {
	enum target_event_type type;
	const struct target_run *run; /* STARTED, ALIVE; NULL otherwise */
	const char *text; /* OUTPUT, PROBE, NOT_READY, ENDED: bytes; ENDED: its last lines */
	size_t text_len;
	int64_t log_offset;
	int exit_status, signal;
};

struct target_start_handler {
	void (*event)(const struct target_event *event, void *data);
	/*
	 * Once, last. After READY, ENDED, NOT_READY or PENDING `err` is NULL. Otherwise it says what
	 * prevented the start: ERROR_UNREACHABLE (connection lost: ask again with the same id),
	 * ERROR_CONFLICT (a foreign window), ERROR_FAILED (tmux or bash missing, no container, log
	 * directory not writable, disk full, …: machine, what and cure are named).
	 */
	void (*done)(const struct error *err, void *data);
};

struct target_job *target_start(struct target *target, const struct target_start *start,
				const struct target_start_handler *handler, void *data);

/* ---- stop ---- */

struct target_stop {
	const char *session, *process;
	const char *run;		 /* only if this is its last run; NULL: whichever is */
	int signal;			 /* the first to be sent */
	int64_t grace_ms;		 /* from it to TERM */
	int64_t term_ms;		 /* from TERM to KILL: 5000 */
	bool force;			 /* KILL at once */
	const char *stop_cmd;		 /* NULL: none; run first, as the ready check is */
	const char *shell, *setup, *cwd; /* for stop_cmd */
	const char *const *env;
	const char *container, *engine;
};

struct target_stop_handler {
	/* A signal ("INT") was sent to `nr` pids, or stop.cmd ("stop.cmd") was run. */
	void (*step)(const char *what, size_t nr, void *data);
	/*
	 * Once, last. `err` NULL: nothing is left of it; `was_alive` tells whether anything was
	 * there to end. ERROR_FAILED with survivors named (also in `run->pid_list`), or
	 * ERROR_UNREACHABLE, ERROR_CONFLICT (foreign window). `run` may be NULL.
	 */
	void (*done)(const struct target_run *run, bool was_alive, const struct error *err,
		     void *data);
};

struct target_job *target_stop(struct target *target, const struct target_stop *stop,
			       const struct target_stop_handler *handler, void *data);

#endif
