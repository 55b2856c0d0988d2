/* SPDX-License-Identifier: MIT */
/*
 * A growing list of strings that it owns, always ended by a NULL, so that `v` can be handed to
 * execvp() and to anything that walks to the NULL.
 */
#ifndef BASE_STRVEC_H
#define BASE_STRVEC_H

#include <stdbool.h>
#include <stddef.h>

struct strvec {
	char **v; /* never NULL */
	size_t nr;
	size_t alloc;
};

extern char *strvec_empty[];
#define STRVEC_INIT                                                                                \
	{                                                                                          \
		.v = strvec_empty, .nr = 0, .alloc = 0                                             \
	}

void strvec_init(struct strvec *sv);
void strvec_release(struct strvec *sv); /* frees all, and leaves it as after strvec_init */

/* Each adds a copy at the end. */
void strvec_push(struct strvec *sv, const char *s);
void strvec_pushf(struct strvec *sv, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strvec_push_all(struct strvec *sv, const char *const *v); /* `v` ends in NULL; may be NULL */
void strvec_push_owned(struct strvec *sv, char *s); /* takes `s` (heap) over instead of copying */

bool strvec_has(const struct strvec *sv, const char *s);

#endif
