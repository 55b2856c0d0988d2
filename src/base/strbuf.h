/* SPDX-License-Identifier: MIT */
/*
 * A string that grows. `buf` is always there and always ends in a NUL that `len` does not count,
 * so it can be handed to anything that wants a C string; it may hold NULs of its own.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *buf;    /* never NULL; points to a constant "" until something is added */
	size_t len;   /* bytes in use, without the final NUL */
	size_t alloc; /* 0 while `buf` is not from the heap */
};

extern char strbuf_empty[];
#define STRBUF_INIT                                                                                \
	{                                                                                          \
		.buf = strbuf_empty, .len = 0, .alloc = 0                                          \
	}

void strbuf_init(struct strbuf *sb);
void strbuf_release(struct strbuf *sb); /* frees, and leaves it as after strbuf_init */
void strbuf_reset(struct strbuf *sb);	/* empties, keeps the memory */

/* Hands the string (from the heap, never NULL) over to the caller; `sb` is empty afterwards. */
char *strbuf_detach(struct strbuf *sb);

/* Makes sure that `extra` more bytes fit. */
void strbuf_grow(struct strbuf *sb, size_t extra);

void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_addstr(struct strbuf *sb, const char *s);
void strbuf_addch(struct strbuf *sb, char c);
void strbuf_addchars(struct strbuf *sb, char c, size_t n);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap);

/*
 * For what comes from a machine: adds at most as much as keeps `len` within `max` bytes.
 * Returns 0, or -1 if something had to be left out.
 */
int strbuf_add_max(struct strbuf *sb, const void *data, size_t len, size_t max);

/* Cuts to `len` bytes (no more than there are); removes `len` bytes at `pos`. */
void strbuf_setlen(struct strbuf *sb, size_t len);
void strbuf_remove(struct strbuf *sb, size_t pos, size_t len);

void strbuf_rtrim(struct strbuf *sb); /* removes white space at the end */

#endif
