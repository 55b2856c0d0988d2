/* SPDX-License-Identifier: MIT */
/*
 * A YAML document as a tree that knows where each node stood. What a plain scalar means follows
 * PyYAML's safe_load (YAML 1.1: `yes`, `off`, `0o17` as PyYAML has them), because the files that
 * concert must read were written for it. Aliases and merge keys are resolved while the tree is
 * built, and the number of nodes so made is bounded, so that no file can blow up.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

enum yaml_type {
	YAML_NULL,
	YAML_BOOL,
	YAML_INT,
	YAML_FLOAT,
	YAML_STRING,
	YAML_TIMESTAMP, /* PyYAML makes a date or datetime of it */
	YAML_SEQUENCE,
	YAML_MAPPING,
};

struct yaml_mark {
	const char *file; /* as yaml_parse() was given it, not a copy */
	int line, column; /* both from 1; the column counts characters */
};

struct arena;
struct yaml_node;

struct yaml_pair {
	struct yaml_node *key, *value;
	bool merged; /* came in through `<<` */
};

struct yaml_node {
	enum yaml_type type;
	struct yaml_mark mark;
	/*
	 * Scalars. `text` is what the file says (quotes and folds resolved); `str` is what Python's
	 * str() gives for the value that PyYAML makes of it ("False", "1.5", "None"). Both are the
	 * same for strings. NUL cannot occur in them.
	 */
	const char *text, *str;
	bool quoted;  /* written in quotes, as a block or with !!str: always a string */
	bool boolean; /* YAML_BOOL */
	bool aliased; /* stands where an alias is; its parts are shared with the anchored node */
	/*
	 * Collections, in the order of the file. Of a duplicate key the last value counts, at the
	 * place of the first, as in Python's dict.
	 */
	union {
		struct yaml_pair *pair;
		struct yaml_node **item;
	};
	size_t nr;
	size_t weight; /* nodes of this tree, itself and whatever aliases repeat included */
};

struct yaml_document {
	struct yaml_node *root; /* NULL for a file without any content */
	struct arena *arena;	/* what everything above lives in */
};

/* A warning found while reading (a duplicate key). */
typedef void yaml_warning_fn(const struct yaml_mark *mark, const char *text, void *data);

/*
 * Parses the only document of `text`. `file` is borrowed by every mark. Returns 0 or -1 with
 * `err` (ERROR_USAGE, text beginning with file:line:column). Bounds: 64 MiB of text, depth 100,
 * 4 million nodes after aliases are resolved; beyond is an error. More than one document, invalid
 * UTF-8 and unknown tags are errors too. `warn` may be NULL. yaml_release() in either case.
 */
int yaml_parse(struct yaml_document *doc, const char *file, const char *text, size_t len,
	       yaml_warning_fn *warn, void *data, struct error *err);
void yaml_release(struct yaml_document *doc);

/* The value of `key` in a mapping, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);

/* "a mapping", "a string", "a list", … for messages. */
const char *yaml_type_name(const struct yaml_node *node);

#endif
