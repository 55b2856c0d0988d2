/* SPDX-License-Identifier: MIT */
/*
 * A map from strings to pointers, which remembers the order in which the keys came: configuration
 * is shown back to people in the order in which they wrote it.
 */
#ifndef BASE_STRMAP_H
#define BASE_STRMAP_H

#include <stddef.h>
#include <stdint.h>

struct strmap_entry {
	char *key; /* owned by the map */
	void *value;
};

struct strmap {
	struct strmap_entry *entry; /* in the order of arrival; walk from 0 to nr - 1 */
	size_t nr, alloc;
	uint32_t *slot; /* open addressing: index into `entry` + 1, or 0 */
	size_t nr_slot;
};

#define STRMAP_INIT                                                                                \
	{                                                                                          \
		.entry = NULL                                                                      \
	}

/* Frees keys; calls `free_value` (may be NULL) for each value. */
void strmap_release(struct strmap *map, void (*free_value)(void *value));

/* Sets the value of `key` (copied) and returns the value that it had, or NULL. */
void *strmap_put(struct strmap *map, const char *key, void *value);

/* The value, or NULL if the key is not there. */
void *strmap_get(const struct strmap *map, const char *key);

/* The entry's index, or -1 if the key is not there. */
ptrdiff_t strmap_index(const struct strmap *map, const char *key);

#endif
