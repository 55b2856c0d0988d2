/* SPDX-License-Identifier: MIT */
/*
 * Memory that is always there, growing arrays, and the end of the program when an invariant is
 * broken. Running out of memory and BUG() are the only two ways in which the library ends the
 * program that it is part of.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>
#include <stdlib.h>

/* As malloc, calloc, realloc, strdup and strndup; never NULL. The caller owns what they return. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrdup_or_null(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Makes room in the array `v` for at least `nr` elements; `alloc` is how many fit now. */
#define ALLOC_GROW(v, nr, alloc)                                                                   \
	do {                                                                                       \
		if ((nr) > (alloc)) {                                                              \
			(alloc) = 3 * (alloc) / 2 + 16 > (nr) ? 3 * (alloc) / 2 + 16 : (nr);       \
			(v) = xreallocarray((v), (alloc), sizeof(*(v)));                           \
		}                                                                                  \
	} while (0)

/* Says where an invariant was broken and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));

#endif
