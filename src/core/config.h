/* SPDX-License-Identifier: MIT */
/*
 * The validated configuration: what launcher.yaml says, every key parsed, every name checked, and
 * nothing substituted yet (that is resolve.h's work, because it needs the chosen variants and
 * parameters). Built once from YAML trees by config_load(), never changed afterwards.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/strmap.h"
#include "base/strvec.h"
#include "base/yaml.h"
#include "concert.h"

/* An ordered list of NAME → text. */
struct config_pairs {
	struct config_pair {
		char *name, *value;
		struct yaml_mark mark;
		bool literal; /* from an env_file: braces in it mean nothing */
	} * v;
	size_t nr, alloc;
};

/* The value of `name`, the last one given, or NULL. */
const char *config_pairs_get(const struct config_pairs *pairs, const char *name);
/* Adds copies at the end. */
void config_pairs_add(struct config_pairs *pairs, const char *name, const char *value,
		      const struct yaml_mark *mark);
void config_pairs_release(struct config_pairs *pairs);

struct config_ready {
	char *cmd;	     /* NULL if the check is not a command */
	char *log;	     /* POSIX extended regular expression; NULL if it is not on the log */
	int64_t interval_ms; /* between probes once it has backed off; default 500 */
	int64_t timeout_ms;  /* of one probe; 0: none */
	int64_t deadline_ms; /* until the process counts as failed; 0: none */
};

struct config_stop {
	int signal;	  /* default SIGINT; SIGQUIT with force_sigquit */
	int64_t grace_ms; /* default 10 s */
	char *cmd;	  /* NULL if none */
};

struct config_variant {
	char *name;
	char *group; /* NULL: a flag of its own */
	char *cmd;   /* may hold {cmd}; NULL: leaves the command as it is */
	struct config_pairs params;
	/* Other keys a variant may override, NULL if it does not. */
	char *machine, *container, *ready_cmd;
	struct yaml_mark mark, cmd_mark, machine_mark, container_mark, ready_mark;
};

struct config_dependency {
	size_t process; /* index into config.process */
	enum concert_condition condition;
	bool required;
	struct yaml_mark mark;
};

struct config_process {
	char *name;
	char *cmd;
	char *machine;	 /* NULL: local */
	char *container; /* NULL: none */
	char *engine;	 /* "docker" or "podman"; NULL: whichever the machine has */
	char *session;	 /* never NULL */
	char *shell;	 /* never NULL: a command to which one argument is added */
	char *setup, *cwd;
	char *description, *category;
	struct config_dependency *depends;
	size_t nr_depends;
	struct config_ready ready;
	struct config_stop stop;
	struct config_pairs params;
	struct config_pairs env; /* context.env, env_file and env, in that order */
	struct config_variant *variants;
	size_t nr_variants;
	bool persistent, show_ui;
	struct yaml_mark mark; /* of its name; those of strings that may hold placeholders follow */
	struct yaml_mark cmd_mark, machine_mark, container_mark, setup_mark, cwd_mark, ready_mark,
		stop_mark;
};

struct config {
	char *path; /* "-" for standard input */
	char *session;
	char *ssh_config;  /* NULL: the user's own */
	char *tmux_socket; /* NULL: tmux's default */
	int64_t log_max_bytes;
	int log_keep;
	struct config_pairs params; /* of context */
	struct config_process *process;
	size_t nr_processes;
	struct strmap by_name;	/* name → struct config_process * */
	struct strvec sessions; /* every session that a process of the file has, once */
	struct strvec files;	/* the main one and the included ones; marks point there */
};

/* Everything that is said while loading goes here, in the order of the files. */
typedef void config_message_fn(enum concert_level level, const char *text, void *data);

/*
 * Loads the configuration that `options` names, or the one that is found as SPEC section 2 says.
 * Tells every error and warning. Returns NULL if there was an error. Cycles of dependencies are
 * errors of this stage too. Unknown keys are told only with options->check.
 */
struct config *config_load(const struct concert_options *options, config_message_fn *tell,
			   void *data);
/* The same for a text in memory, which messages call `path`; includes are relative to that. */
struct config *config_parse(const char *path, const char *text, size_t len,
			    const struct concert_options *options, config_message_fn *tell,
			    void *data);
void config_free(struct config *config); /* NULL is allowed */

struct graph;

/* The graph of dependencies: the processes by their index. The caller releases it. */
void config_graph(const struct config *config, struct graph *graph);

/*
 * The process of that name, or NULL with `err` (ERROR_USAGE) that offers the nearest name:
 * "'rocore' is not a process of launcher.yaml (did you mean 'roscore'?)".
 */
const struct config_process *config_find(const struct config *config, const char *name,
					 struct error *err);
/* Nobody reads more than so many errors about names, and each searches for the nearest. */
#define CONFIG_WRONG_MAX 100

#endif
