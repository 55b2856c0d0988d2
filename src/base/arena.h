/* SPDX-License-Identifier: MIT */
/*
 * Memory that is given away piece by piece and taken back as a whole: for trees of many small
 * parts that live and die together.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* and all that came from it; NULL is allowed */

/* `size` bytes, zeroed, aligned for pointers, integers and doubles; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* `len` bytes of `s` and a NUL. */
char *arena_strndup(struct arena *arena, const char *s, size_t len);

#endif
