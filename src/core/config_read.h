/* SPDX-License-Identifier: MIT */
/*
 * What the files that read a configuration share: who is told, what a field is, and the readers
 * of single values. For config*.c alone.
 */
#ifndef CORE_CONFIG_READ_H
#define CORE_CONFIG_READ_H

#include "base/strbuf.h"
#include "core/config.h"

/* What holds for the processes of one file: its context, over that of the file that included it. */
struct config_context {
	char *session, *shell, *setup;
	struct yaml_mark setup_mark;
	struct config_ready ready; /* intervals and deadlines only */
	struct config_pairs env;
	struct config_pairs params; /* of an included file: those beyond config->params */
	/* What only the main file says. */
	char *ssh_config, *tmux_socket;
	int64_t log_max_bytes;
	int log_keep;
};

/* A configuration while it is read. */
struct config_reader {
	const struct concert_options *options;
	struct config *config;
	config_message_fn *tell;
	void *data;
	size_t errors;
	size_t kept;	     /* bytes of strings that the configuration holds by now */
	bool full;	     /* it may not hold more; that was told */
	struct strmap told;  /* every text once: what `<<` repeats is not wrong more often */
	struct strmap names; /* process → index + 1 */
	size_t alloc_processes, alloc_depends;
	const struct yaml_node **depends; /* for each process, its `depends`, or NULL */
	struct yaml_document *documents;  /* nodes live until all is read */
	size_t nr_documents;
	struct strvec real; /* every file that was opened, as realpath() has it */
	struct strvec open; /* those of them that are being read: who includes whom */
};

/* A key and its value. */
struct config_field {
	struct config_reader *reader;
	const char *name; /* "stop.grace": with the keys that it stands in */
	const struct yaml_node *value;
};

/* A key that is known, what reads it, and where what it says belongs. */
struct config_key {
	const char *name;
	void (*read)(const struct config_field *field, void *into);
	size_t offset; /* of `into` in the struct that the mapping fills */
	size_t mark;   /* offset of the struct yaml_mark that gets the value's place; 0: none */
};

/* Tells a message with its place in front; a warning is an error where the check is strict. */
void config_say(struct config_reader *reader, enum concert_level level,
		const struct yaml_mark *mark, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Tells an error about a field: "FILE:LINE:COLUMN: 'NAME': …". */
void config_wrong(const struct config_field *field, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Counts `bytes` that the configuration is about to hold. Aliases and contexts repeat a text at no
 * cost to whoever writes the file, so there is an end to it: false then, and it is told, once.
 */
bool config_may_keep(struct config_reader *reader, const struct yaml_mark *mark, size_t bytes);

/* True, or tells that it is something else. */
bool config_is_mapping(const struct config_field *field);

/*
 * Reads all keys of a mapping into the struct `into`. A key without a value counts as left out.
 * Keys that begin with '.', '_' or 'x-' are the user's own; other unknown ones are told where
 * that was asked for.
 */
void config_read_keys(struct config_reader *reader, const char *prefix,
		      const struct yaml_node *mapping, const struct config_key *keys, size_t nr,
		      void *into);

/* "", or " (did you mean 'x'?)"; the result lives until the next call. */
struct nearest;
const char *config_suggestion(struct strbuf *out, const struct nearest *nearest);

/* Readers for tables of keys. `into` is what the name says; on errors it is left as it is. */
void config_take_string(const struct config_field *field, void *into);	 /* char * */
void config_take_name(const struct config_field *field, void *into);	 /* char *; "" is none */
void config_take_scalar(const struct config_field *field, void *into);	 /* char * */
void config_take_session(const struct config_field *field, void *into);	 /* char * */
void config_take_socket(const struct config_field *field, void *into);	 /* char * */
void config_take_shell(const struct config_field *field, void *into);	 /* char * */
void config_take_bool(const struct config_field *field, void *into);	 /* bool */
void config_take_ms(const struct config_field *field, void *into);	 /* int64_t */
void config_take_size(const struct config_field *field, void *into);	 /* int64_t */
void config_take_count(const struct config_field *field, void *into);	 /* int */
void config_take_params(const struct config_field *field, void *into);	 /* struct config_pairs */
void config_take_env(const struct config_field *field, void *into);	 /* struct config_pairs */
void config_take_env_file(const struct config_field *field, void *into); /* struct config_pairs */
void config_take_depends(const struct config_field *field, void *into);	 /* struct yaml_node * */
void config_take_stop(const struct config_field *field, void *into);	 /* struct config_stop */
void config_take_ready(const struct config_field *field, void *into);	 /* struct config_ready */
void config_take_ready_times(const struct config_field *field, void *into); /* the same */
void config_take_ready_cmd(const struct config_field *field, void *into);   /* char * */

/* How many characters a regular expression is, once its repetitions are written out. */
double config_regex_size(const char *regex);

/* Sets `name`, over what it was. */
void config_pairs_set(struct config_pairs *pairs, const char *name, const char *value,
		      const struct yaml_mark *mark, bool literal);
size_t config_pairs_weight(const struct config_pairs *pairs); /* bytes that a copy takes */
void config_pairs_copy(struct config_pairs *to, const struct config_pairs *from);

/*
 * Reads the mapping under `context`; `main` is whether the file is the main one, which alone
 * speaks for the whole configuration.
 */
void config_read_context(struct config_reader *reader, const struct yaml_node *mapping, bool main,
			 struct config_context *context);
/* Moves what the main file's context says for the whole configuration to its place. */
void config_take_whole(struct config *config, struct config_context *context);
void config_context_init(struct config_context *context, const struct config_context *outer);
void config_context_release(struct config_context *context);

void config_read_process(struct config_reader *reader, const struct yaml_node *key,
			 const struct yaml_node *value, const struct config_context *context);
void config_read_variants(struct config_reader *reader, const struct yaml_node *node,
			  struct config_process *process);
void config_process_release(struct config_process *process);

/* Once all processes are known: who depends on whom, and that nobody waits for himself. */
void config_link(struct config_reader *reader);

/* What only `check` tells: placeholders that nothing defines; what concert_launcher did otherwise. */
void config_check_templates(struct config_reader *reader);
void config_tell_ancestor(struct config_reader *reader);

/* A path that stands in `file`: relative to it, "~/" is the user's home. From the heap. */
char *config_relative(const char *file, const char *path);

/*
 * Finds the main file and opens it. Returns a descriptor and sets *path (heap), or tells why not
 * and returns -1.
 */
int config_find_file(struct config_reader *reader, char **path);

/* Reads all of `fd`, which it closes. Returns 0, or -1 with `err` beginning with `path`. */
int config_read_fd(int fd, const char *path, struct strbuf *text, struct error *err);

#endif
