/* SPDX-License-Identifier: MIT */
/*
 * What scripts/facts.sh told, collected line by line, and turned into runs with a phase. The
 * collecting half trusts nothing; the judging half is pure, so that every combination of files,
 * windows and processes can be tried without a machine.
 */
#ifndef TARGET_FACTS_H
#define TARGET_FACTS_H

#include "base/strbuf.h"
#include "base/strmap.h"
#include "target/target.h"

#define FACTS_RUNS_MAX	4096
#define FACTS_PIDS_MAX	65536
#define FACTS_PANES_MAX 16384

/* A pane of a session that was asked for, or of a window that concert made. */
struct fact_pane {
	char *pane, *run, *own_session, *own_process; /* the options; "" if it has none */
	char *session, *window;			      /* its names now */
	bool managed, dead, pipe;
	int dead_status, dead_signal; /* -1: not known */
	double cpu_up, cpu_ticks;     /* at the last look; negative: none */
};

/* The last run of a process, as its files have it. */
struct fact_run {
	struct target_run run; /* what info says is filled in already */
	char *boot, *pane;
	char *status, *stopped; /* "exit:0:12.34", "12.34"; NULL if not there */
	double began, ready;	/* on the machine's clock since boot, in s; negative: not known */
	int64_t wrapper, wrapper_start; /* its pid; 0: none known */
	bool holder_lives, wrapper_lives, started, stopping;
	double ticks; /* of all its pids */
	struct target_pid *pid;
	size_t nr_pid, alloc_pid;
};

/* What a pid's arguments are. */
struct fact_command {
	int64_t pid;
	size_t nr; /* in the order in which they came */
	char *text;
};

struct facts {
	char *boot, *tmux_version;
	double up;
	int64_t page;
	struct fact_run *run;
	size_t nr_run, alloc_run;
	struct strmap ids; /* of runs → index in `run` + 1 */
	struct fact_command *command;
	size_t nr_command, alloc_command;
	struct fact_pane *pane;
	size_t nr_pane, alloc_pane;
	size_t nr_pids;
};

void facts_init(struct facts *facts);
void facts_release(struct facts *facts);

/* Takes one line; false if it is none of these. What is malformed or too much is dropped. */
bool facts_add(struct facts *facts, const char *key, char *value);

/* Judges. Takes the strings over: `facts` can only be released afterwards. */
void facts_snapshot(struct facts *facts, struct target_snapshot *snapshot);

void snapshot_release(struct target_snapshot *snapshot);
void run_release(struct target_run *run);
void run_init(struct target_run *run);

/* %XX to bytes, in place; NULs become spaces. Returns `s`. */
char *percent_decode(char *s);
/* Appends `s` so that it is one word of one line. */
void percent_encode(struct strbuf *sb, const char *s, size_t max);

#endif
