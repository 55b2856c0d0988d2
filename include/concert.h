/* SPDX-License-Identifier: MIT */
/*
 * libconcert: everything that the program `concert` can do, for other programs.
 *
 * One `struct concert` is one configuration and one observer. Calls that ask machines block until
 * they are done, in an event loop of their own, and tell the observer what happens meanwhile. The
 * library never prints, never exits (out of memory and broken invariants apart) and keeps nothing
 * on the computer that it runs on. One `struct concert` must not be used by two threads at once.
 *
 * Functions that can fail return an `enum concert_status`. The reason has by then been told to
 * the observer: as a message, or, where it belongs to a process or a machine, as an event of type
 * CONCERT_EVENT_ERROR.
 *
 * Strings are UTF-8 and end in a NUL. What came from a machine is untrusted: the library bounds
 * its length, and whoever prints it must neutralise control characters.
 */
#ifndef CONCERT_H
#define CONCERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONCERT_VERSION "0.1.0"

/* The outcome of a call; the numbers are the program's exit statuses. The larger one wins. */
enum concert_status {
	CONCERT_OK = 0,
	CONCERT_FAILED = 1, /* a process failed, or would not stop */
	CONCERT_USAGE = 2,  /* the configuration or the request is wrong; nothing was touched */
	CONCERT_NOT_RUNNING = 3,   /* status of named processes: one of them does not run */
	CONCERT_UNREACHABLE = 4,   /* a machine did not answer or refused the login */
	CONCERT_CONFLICT = 5,	   /* something else stands where ours should */
	CONCERT_DEADLINE = 6,	   /* the deadline passed */
	CONCERT_INTERRUPTED = 130, /* concert_interrupt() was called */
};

/* What a process is doing. */
enum concert_state {
	CONCERT_STATE_STOPPED,	/* nothing of it is there, or a kill ended it */
	CONCERT_STATE_WAITING,	/* within a run: its dependencies are not there yet */
	CONCERT_STATE_SKIPPED,	/* within a run: a dependency failed */
	CONCERT_STATE_STARTING, /* it lives, and its ready check has not passed yet */
	CONCERT_STATE_RUNNING,	/* it lives, and has no ready check */
	CONCERT_STATE_READY,	/* it lives, and its last probe passed */
	CONCERT_STATE_STOPPING, /* a kill is under way */
	CONCERT_STATE_EXITED,	/* ended by itself with status 0 */
	CONCERT_STATE_FAILED,	/* ended by itself otherwise, or never became ready */
	CONCERT_STATE_ORPHANED, /* its window is gone, but processes that it started live on */
	CONCERT_STATE_CONFLICT, /* a foreign window has its name, or it runs with other settings */
	CONCERT_STATE_UNREACHABLE, /* its machine cannot be asked */
};

/* The lower-case word for a state ("ready"); a constant. */
const char *concert_state_name(enum concert_state state);

/* True where processes of a run live: starting, running, ready, stopping, orphaned. */
bool concert_state_is_alive(enum concert_state state);

enum concert_level {
	CONCERT_LEVEL_ERROR,
	CONCERT_LEVEL_WARNING,
	CONCERT_LEVEL_INFO,
	CONCERT_LEVEL_DEBUG,
};

enum concert_event_type {
	CONCERT_EVENT_CONNECT,	   /* a machine was logged in to */
	CONCERT_EVENT_START,	   /* a process was started, or found running */
	CONCERT_EVENT_OUTPUT,	   /* bytes that a one-shot wrote */
	CONCERT_EVENT_READY_CHECK, /* a probe did not pass; message: its last line of output */
	CONCERT_EVENT_READY,	   /* the process is ready (a one-shot: has succeeded) */
	CONCERT_EVENT_EXIT,	   /* the process ended */
	CONCERT_EVENT_SKIP,	   /* the process will not be started */
	CONCERT_EVENT_KILL,	   /* a step of stopping a process */
	CONCERT_EVENT_ERROR,	   /* something failed */
};

/* The word for a type as it stands in JSON ("ready_check"); a constant. */
const char *concert_event_type_name(enum concert_event_type type);

/* What the engine tells. Everything in it lives only as long as the callback. */
struct concert_event {
	double time;	     /* seconds since the epoch, this computer's clock */
	const char *process; /* NULL if it is about a machine */
	const char *machine; /* as the configuration spells it */
	enum concert_event_type type;
	enum concert_state state; /* of the process after the event */
	enum concert_level level;
	const char *message; /* for people; for OUTPUT the bytes, which may hold NULs */
	size_t message_len;
};

/* Who is told. Every member may be NULL. Callbacks run on the caller's thread. */
struct concert_observer {
	void (*event)(const struct concert_event *event, void *data);
	/* A diagnostic that is about no process: configuration, usage, what could not be read. */
	void (*message)(enum concert_level level, const char *text, void *data);
	/* Called about ten times a second while a call waits: for displays. */
	void (*tick)(void *data);
	/*
	 * A secret is needed (`echo` false) or a question is asked (`echo` true). Writes the answer
	 * and its NUL into `answer` and returns 0, or returns -1 where nobody can be asked. The
	 * library wipes `answer`.
	 */
	int (*ask)(const char *prompt, bool echo, char *answer, size_t size, void *data);
	void *data;
};

/* How machines are reached and where the configuration is; zeroed memory is the default. */
struct concert_options {
	const char *config; /* a path, "-" for standard input; NULL: searched as in the manual */
	const char *ssh_config; /* as `ssh -F FILE`; NULL: as configured, else the user's */
	const char *host_key;	/* "accept-new" takes unknown host keys; NULL: as ssh_config says */
	int64_t connect_timeout_ms; /* 0: as ssh_config says, else 10 s */
	bool check;		    /* warn about what `concert check` warns about */
	bool strict;		    /* with check: warnings are errors */
	bool ancestor;		    /* with check: tell what concert_launcher did otherwise */
	bool verbose;		    /* say which file was chosen */
};

struct concert;

/*
 * Finds, reads and checks a configuration; tells every error and warning to the observer (copied,
 * NULL allowed), not only the first. Returns NULL with `*status` set (CONCERT_USAGE) if it cannot
 * be used; warnings do not prevent use unless `strict`.
 */
struct concert *concert_open(const struct concert_options *options,
			     const struct concert_observer *observer, enum concert_status *status);
void concert_close(struct concert *concert); /* NULL is allowed */

/* Makes the call that is under way return soon. Async-signal-safe, and safe from any thread. */
void concert_interrupt(struct concert *concert);

/* ---- what the configuration says ---- */

struct concert_variant_info {
	const char *name;
	const char *group; /* NULL if it is a flag of its own */
};

enum concert_condition {
	CONCERT_CONDITION_READY,
	CONCERT_CONDITION_STARTED,
	CONCERT_CONDITION_EXITED,    /* with any status */
	CONCERT_CONDITION_SUCCEEDED, /* with status 0 */
};

const char *concert_condition_name(enum concert_condition condition);

struct concert_dependency_info {
	const char *process;
	enum concert_condition condition;
	bool required;
};

/* A process as the file defines it, before variants; everything belongs to the concert. */
struct concert_process_info {
	const char *name;
	const char *cmd;
	const char *machine;   /* as spelled, placeholders replaced; "local" if left out */
	const char *container; /* NULL if none */
	const char *session;
	const char *description, *category; /* NULL if not given */
	bool persistent;		    /* false: a one-shot */
	bool show_ui;
	const struct concert_dependency_info *depends;
	size_t nr_depends;
	const struct concert_variant_info *variants;
	size_t nr_variants;
	const char *file; /* where it is defined */
	int line;
};

/* The path of the configuration in effect, "-" for standard input. */
const char *concert_config_path(const struct concert *concert);
/* The parameters of `context`, as "KEY=VALUE", ended by a NULL. */
const char *const *concert_context_params(const struct concert *concert);

/* Processes in the order of the file. `concert_process` returns NULL from `nr` on. */
size_t concert_nr_processes(const struct concert *concert);
const struct concert_process_info *concert_process(const struct concert *concert, size_t i);

/* ---- what a request would do ---- */

/* What is asked for; lists end in a NULL, and a list may be NULL. Zeroed memory asks for nothing. */
struct concert_request {
	const char *const *processes;
	const char *const *params;   /* "KEY=VALUE" or "KEY:=VALUE" */
	const char *const *variants; /* "NAME", "GROUP=CHOICE" or "PROCESS:NAME" */
	bool all;		     /* kill: all that the file defines */
	int64_t deadline_ms;	     /* of the whole call; 0: none */
	int ssh_retries;	     /* attempts to log in again after a lost connection */
	/* run */
	bool restart; /* end the named processes first, and start them again */
	/* kill */
	const char *signal; /* "INT", "TERM", …; NULL: as configured */
	int64_t grace_ms;   /* until TERM; negative: as configured */
	bool force;	    /* KILL at once */
	bool only;	    /* leave dependents alone */
	bool with_dependencies;
	bool unlisted;
	/* status */
	bool check; /* run the ready checks once more */
	bool tree;  /* the processes below each */
};

/* One process of a plan with variants and parameters applied: what would run, where and how. */
struct concert_step {
	const char *process;
	const char *machine;
	const char *container; /* NULL if none */
	const char *engine;    /* "docker", "podman", or NULL if none */
	const char *session;
	const char *shell;
	const char *setup; /* NULL if none */
	const char *cwd;   /* NULL if none */
	/* Byte for byte as it will be run; NULL if only the run that a restart replaces tells it. */
	const char *cmd;
	const char *ready_cmd;						/* NULL if none */
	const char *ready_log;						/* NULL if none */
	int64_t ready_interval_ms, ready_timeout_ms, ready_deadline_ms; /* 0: none */
	const char *const *env;	     /* "NAME=VALUE", ended by a NULL */
	const char *const *params;   /* "KEY=VALUE": those in effect, ended by a NULL */
	const char *const *variants; /* those chosen, ended by a NULL */
	const char *stop_signal;     /* "INT" */
	int64_t stop_grace_ms;
	const char *stop_cmd; /* NULL if none */
	bool persistent;
	bool named; /* asked for by name, not only as a dependency */
	const struct concert_dependency_info *depends;
	size_t nr_depends;
	unsigned level; /* 0 starts at once; n waits for something of level n - 1 */
};

struct concert_plan;

/* What `run` would do, in an order in which it could be done one by one. Touches no machine. */
enum concert_status concert_plan_new(struct concert *concert, const struct concert_request *request,
				     struct concert_plan **plan);
size_t concert_plan_size(const struct concert_plan *plan);
const struct concert_step *concert_plan_step(const struct concert_plan *plan, size_t i);
void concert_plan_free(struct concert_plan *plan); /* NULL is allowed */

/* One process, variants and parameters of `request` applied: a plan of this one step. */
enum concert_status concert_show(struct concert *concert, const struct concert_request *request,
				 struct concert_plan **plan);

/* ---- what is done, and what is there ---- */

/* One pid of a process's tree. */
struct concert_pid {
	int64_t pid, ppid;
	double cpu_percent;   /* over the pid's life; negative: not known */
	int64_t memory_bytes; /* negative: not known */
	const char *command;
	unsigned depth; /* below the process's first pid */
};

/* What is known of one process. Unknown: NULL, or a negative number. */
struct concert_report_row {
	const char *process, *machine, *container, *session;
	enum concert_state state;
	const char *reason;	/* why it is in this state, for people; NULL if that is plain */
	const char *run;	/* the id of its last run */
	const char *started_by; /* USER@HOST */
	const char *params, *variants; /* of that run, separated by a space; "" if none */
	bool listed;		       /* the configuration defines it */
	int64_t pid;
	int exit_status; /* of the last run, if it ended and not by a signal */
	int signal;	 /* of the last run, if a signal ended it */
	double ready_age_s, uptime_s, cpu_percent;
	int64_t memory_bytes;
	const struct concert_pid *pids; /* the tree, if it was asked for */
	size_t nr_pids;
	/* run, kill: what was done to it, "started", "already ready", "killed", …; NULL: nothing */
	const char *action;
	double duration_s; /* how long that took */
};

struct concert_report;
size_t concert_report_size(const struct concert_report *report);
const struct concert_report_row *concert_report_row(const struct concert_report *report, size_t i);
void concert_report_free(struct concert_report *report); /* NULL is allowed */

/*
 * Each of these fills `*report` with a row for every process that it was about, also when it
 * fails; `report` may be NULL. *report is NULL where the request could not even be planned.
 *
 * run    brings the named processes and their dependencies up, and waits until they are ready.
 * kill   stops the named processes, their dependents first.
 * query  tells the state of the named processes, of all if none is named, and of those that run in
 *        the configuration's sessions without being in it.
 */
enum concert_status concert_run(struct concert *concert, const struct concert_request *request,
				struct concert_report **report);
enum concert_status concert_kill(struct concert *concert, const struct concert_request *request,
				 struct concert_report **report);
enum concert_status concert_query(struct concert *concert, const struct concert_request *request,
				  struct concert_report **report);

/* ---- the window of a process ---- */

/* A terminal of the caller's. Neither descriptor is made non-blocking, and both stay open. */
struct concert_terminal {
	int in, out;	  /* what is typed, what is shown */
	const char *term; /* its kind, as $TERM has it */
	bool read_only;
	/* Its size; asked at least ten times a second, and whenever a signal ends a wait. */
	void (*size)(int *rows, int *columns, void *data);
	/*
	 * `begin`: the window is about to be shown, and the terminal must be raw from now on.
	 * `end`: it is over; told if and only if `begin` was. `lost`: nothing has put the screen
	 * back as it was. `dead`: the process is over, its last screen is shown. NULL is allowed.
	 */
	void (*begin)(bool dead, void *data);
	void (*end)(bool lost, void *data);
	void *data;
};

/*
 * Shows the tmux window of a process until the user leaves it: by tmux's own key, or by typing
 * Ctrl-] three times within a second. Others who look at the same session see nothing of it.
 * Returns CONCERT_NOT_RUNNING where there is no window, CONCERT_FAILED if its session went away,
 * CONCERT_UNREACHABLE if its machine did, CONCERT_CONFLICT if the window is not concert's.
 */
enum concert_status concert_attach(struct concert *concert, const char *process,
				   const struct concert_terminal *terminal);

/* ---- what processes write ---- */

enum concert_output_type {
	CONCERT_OUTPUT_NONE,  /* it has no run yet */
	CONCERT_OUTPUT_BEGIN, /* what follows is of another run than before, from `offset` on */
	CONCERT_OUTPUT_BYTES, /* as they were written to its terminal, cut anywhere */
	CONCERT_OUTPUT_LOST,  /* bytes before `offset` were dropped: the log passed its cap */
	CONCERT_OUTPUT_END,   /* the run ended, and all that it wrote has been told */
};

/* A piece of what a process wrote, or a mark in it. Lives only as long as the callback. */
struct concert_output {
	enum concert_output_type type;
	size_t index; /* of the process among those asked for */
	const char *process, *machine;
	const char *run; /* NULL with NONE */
	int64_t offset;	 /* in what the run wrote: of the first byte; with END, behind the last */
	/* The machine's clock when it read the bytes as they came, in seconds since the epoch; 0 for
	 * bytes that were older. */
	double time;
	const char *data; /* not ended by a NUL */
	size_t len;
	bool first;	 /* BEGIN: the first run of it that is told of */
	bool stopped;	 /* END: on request */
	int exit_status; /* END: negative if it is not known, or a signal ended it */
	int signal;	 /* END: 0 if none */
};

/* Where to go on: with this byte of that run. */
struct concert_position {
	const char *run; /* NULL: nowhere in particular */
	int64_t offset;
};

struct concert_watch {
	int64_t lines;	/* of the last run: how many at the end to begin with; negative: all */
	bool no_follow; /* tell what is there, and return */
	bool until_end; /* return when the run of each has ended, or it has none */
	bool marks;	/* no BYTES and LOST */
	const struct concert_position *positions; /* one for each named process; NULL: none */
	int (*output)(const struct concert_output *output, void *data); /* not 0: enough */
	void *data;
};

/*
 * Tells what the named processes (none: all) write, run after run, each byte once and none left
 * out, until it is interrupted or `watch` says so. A machine whose connection is lost is logged in
 * to again without limit, and goes on with the next byte. Returns CONCERT_UNREACHABLE where one
 * could not be reached at all; those that could were told meanwhile.
 */
enum concert_status concert_watch(struct concert *concert, const struct concert_request *request,
				  const struct concert_watch *watch);

/*
 * Waits until the last run of each named process has ended. `*report` (may be NULL) has a row for
 * each that is known about, with its exit status or signal. Returns CONCERT_OK if all ended with
 * status 0, CONCERT_FAILED if one ended otherwise or has never run.
 */
enum concert_status concert_wait(struct concert *concert, const struct concert_request *request,
				 struct concert_report **report);

/* ---- the dashboard ---- */

struct concert_dashboard_options {
	/*
	 * What each pane runs begins with these words (ended by a NULL): the program `concert` and
	 * its global options, all paths absolute. "attach --keep PROC" or "status -w" is added.
	 */
	const char *const *program;
	const char *config; /* whose the dashboard is: the absolute path of the configuration */
	const char *tmux;   /* $TMUX of the caller; NULL if it is not within tmux */
	int rows, columns;  /* of the terminal that will show it; 0: not known */
};

struct concert_dashboard {
	const char *session; /* its name: SESSION_mon */
	/* What shows it in a terminal: a program and its arguments, ended by a NULL. */
	const char *const *show;
	bool made; /* false: it was there already */
};

/*
 * Makes a tmux session on this computer with a pane for each process that is to be shown, or finds
 * it made already. CONCERT_CONFLICT if a session of that name is another configuration's or was
 * not made by concert. The caller frees `*dashboard`, which is NULL on failure.
 */
enum concert_status concert_dashboard(struct concert *concert,
				      const struct concert_dashboard_options *options,
				      struct concert_dashboard **dashboard);
void concert_dashboard_free(struct concert_dashboard *dashboard); /* NULL is allowed */

/* ---- are the machines fit, and how concert leaves them ---- */

/* One thing that was looked at on a machine. */
struct concert_finding {
	const char *machine;	  /* as it was named */
	const char *check;	  /* one word: login, latency, tmux, shell, files, logout, … */
	enum concert_level level; /* INFO: it is well; WARNING; ERROR: concert cannot work there */
	const char *message;
	const char *cure; /* what to do about it; NULL where nothing is wrong or nothing is known */
};

struct concert_diagnosis;
size_t concert_diagnosis_size(const struct concert_diagnosis *diagnosis);
/* In the order of the machines; NULL from `size` on. */
const struct concert_finding *concert_diagnosis_finding(const struct concert_diagnosis *diagnosis,
							size_t i);
void concert_diagnosis_free(struct concert_diagnosis *diagnosis); /* NULL is allowed */

/*
 * Looks at the named machines, at all of the file if `machines` (ends in a NULL, may be NULL) names
 * none. Nothing is changed there. CONCERT_FAILED if something is wrong (warnings do not count),
 * CONCERT_UNREACHABLE if a machine could not be asked. `*diagnosis` is NULL only where nothing
 * could be asked at all.
 */
enum concert_status concert_doctor(struct concert *concert, const char *const *machines,
				   struct concert_diagnosis **diagnosis);

/*
 * Removes all files of concert from a machine; `*removed` tells whether there were any.
 * CONCERT_CONFLICT, and nothing is removed, while something that concert started runs there.
 */
enum concert_status concert_purge(struct concert *concert, const char *machine, bool *removed);

#ifdef __cplusplus
}
#endif

#endif
