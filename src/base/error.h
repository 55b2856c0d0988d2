/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, as a value: a class, and a text for the user. A function that can fail takes a
 * `struct error *` as its last argument, fills it and returns -1 (or NULL); success leaves it
 * alone. Each layer on the way up may put its own context in front, once.
 *
 * Texts follow git's manner: lower case, no full stop, the failing thing first in single quotes,
 * the cause last, and in brackets what to do about it when that is known.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* The class of a failure. The numbers are the exit statuses that a command reports for it. */
enum error_code {
	ERROR_NONE = 0,
	ERROR_FAILED = 1,	 /* something that was asked for did not happen */
	ERROR_USAGE = 2,	 /* the command line or the configuration is wrong */
	ERROR_UNREACHABLE = 4,	 /* a machine does not answer or refuses the login */
	ERROR_CONFLICT = 5,	 /* something else stands where ours should */
	ERROR_DEADLINE = 6,	 /* it took longer than was allowed */
	ERROR_INTERRUPTED = 130, /* the user asked to stop */
};

struct error {
	enum error_code code;
	char text[1024]; /* cut, never overrun; valid UTF-8 is not promised */
};

#define ERROR_INIT                                                                                 \
	{                                                                                          \
		.code = ERROR_NONE, .text = ""                                                     \
	}

/* Fills `err` (which may be NULL) and returns -1, so that callers write `return error_set(…)`. */
int error_set(struct error *err, enum error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with ": " and the text of `errnum` (an errno value) at the end. */
int error_set_errno(struct error *err, enum error_code code, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts context and ": " in front of the text; the class stays. Returns -1. */
int error_prefix(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
