/* SPDX-License-Identifier: MIT */
/*
 * Host names as known_hosts lines have them: lists of patterns, and names that are hidden behind a
 * hash. Whether a name is one that a line speaks of is decided here and nowhere else.
 */
#ifndef TRANSPORT_HOSTNAME_H
#define TRANSPORT_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

struct hostname_hash;

void hostname_lower(char *name); /* ASCII only, whatever the locale */

/*
 * Does the comma-separated `list` (patterns with * and ?, ! for negation) speak of `name`? Both
 * are in lower case.
 */
bool hostname_is_in(const char *name, const char *list);

/* Parses "|1|salt|hash". Heap, for free(); NULL if that is not what `text` is. */
struct hostname_hash *hostname_hash_parse(const char *text);
bool hostname_has_hash(const char *name, size_t len, const struct hostname_hash *hash);

/* The name as HashKnownHosts hides it, with a new salt; heap. */
char *hostname_hide(const char *name);

#endif
