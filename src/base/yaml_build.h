/* SPDX-License-Identifier: MIT */
/*
 * What the files that build a YAML tree share. For yaml*.c alone.
 */
#ifndef BASE_YAML_BUILD_H
#define BASE_YAML_BUILD_H

#include <yaml.h>
#include "base/arena.h"
#include "base/strmap.h"
#include "base/yaml.h"
#include "base/yaml_scalar.h"

/* A document while it is read. */
struct yaml_build {
	yaml_parser_t parser;
	const char *text, *file;
	size_t len;
	struct arena *arena;
	yaml_warning_fn *warn; /* may be NULL */
	void *data;
	struct error *err;
	struct yaml_node **stack; /* nodes whose collection is not complete yet */
	size_t nr_stack, alloc_stack;
	struct strmap anchors;	/* name → node */
	struct yaml_node *open; /* stands in `anchors` for what is not complete yet */
	size_t weight;		/* nodes so far, repeated ones counted each time */
	unsigned depth;
	bool aliases; /* there are any */
};

/* Sets the error and returns -1. */
int yaml_fail_at(struct yaml_build *build, const struct yaml_mark *mark, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Where libyaml's mark is, for people: lines and columns from 1. */
struct yaml_mark yaml_mark_at(const struct yaml_build *build, const yaml_mark_t *mark);

/* The next event (the caller deletes it); -1 with the error set if the text is no YAML. */
int yaml_next_event(struct yaml_build *build, yaml_event_t *event);

/* Counts nodes; -1 with the error set where there are too many. */
int yaml_add_weight(struct yaml_build *build, const struct yaml_mark *mark, size_t weight);

/*
 * Makes a mapping of the stack from `base` on, where keys and values alternate: merges what `<<`
 * names, and lets the last of duplicate keys count.
 */
int yaml_make_mapping(struct yaml_build *build, struct yaml_node *node, size_t base);

#endif
