/* SPDX-License-Identifier: MIT */
/*
 * What the files that resolve a process share. For resolve*.c alone.
 */
#ifndef CORE_RESOLVE_PARTS_H
#define CORE_RESOLVE_PARTS_H

#include "base/strbuf.h"
#include "core/resolve.h"

/* Which value each name has for one process. Nothing in it is owned but `used`. */
struct values {
	const struct config *config;
	const struct config_process *process;
	const struct choices *choices;	      /* NULL: none */
	const struct config_variant **chosen; /* in the file's order */
	size_t nr_chosen;
	const struct spec *spec; /* machine and container, as far as they are known */
	bool *used;		 /* for each parameter of `choices`: something asked for it */
};

/* Finds out which variants are chosen. Returns 0, or -1 with `err`. values_release() always. */
int values_init(struct values *values, const struct config *config,
		const struct config_process *process, const struct choices *choices,
		const struct spec *spec, struct error *err);
void values_release(struct values *values);

/* The value that a parameter has for the process, built-in ones left out; NULL if none. */
const char *values_param(const struct values *values, const char *name);

/* A string of the configuration, and how it is to be read. */
struct source {
	const char *key; /* for messages */
	const char *text;
	const struct yaml_mark *mark;
	bool is_cmd;  /* `{{` is one brace */
	bool has_log; /* {log} may stand in it */
};

/* Replaces the placeholders. Returns 0 and sets *out (heap), or -1 with `err`. */
int values_expand(struct values *values, const struct source *source, char **out,
		  struct error *err);

/* Fills `err` with "FILE:LINE:COLUMN: 'KEY' of 'PROCESS': …" and returns -1. */
int values_fail(const struct values *values, const struct source *source, struct error *err,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Each sets what the chosen variants make of a string; `text` NULL: there is none. */
struct source source_machine(const struct values *values);
struct source source_container(const struct values *values);
struct source source_ready(const struct values *values);

/*
 * The command with those of the chosen variants around it; sets *owned (heap, may be NULL), where
 * the text lives if it is none of the file's. Returns 0, or -1 with `err`.
 */
int source_cmd(const struct values *values, struct source *source, char **owned, struct error *err);

/*
 * Sets in `chosen` (one for each variant of the process) which are chosen. Returns 0, or -1 with
 * `err` if two are of one group.
 */
int choices_select(const struct choices *choices, const struct config_process *process,
		   bool *chosen, struct error *err);

#endif
