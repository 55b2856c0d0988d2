/* SPDX-License-Identifier: MIT */
/*
 * The answer of a script, taken apart as it comes: whatever a login shell printed before it, the
 * line "concert 1 NONCE", a line for each fact, stretches of raw bytes where a fact announces them,
 * and "end NONCE". Everything has a bound, since the machine is not trusted; an answer without its
 * end is never taken for a whole one. What the facts mean is not known here.
 */
#ifndef TARGET_ANSWER_H
#define TARGET_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/strbuf.h"

#define ANSWER_LINE_MAX	 65536		    /* bytes of one line */
#define ANSWER_NOISE_MAX (64 * 1024 * 1024) /* bytes before the answer */
#define ANSWER_FACTS_MAX (16 * 1024 * 1024) /* bytes of lines, without raw ones */
#define ANSWER_NONCE_LEN 16

struct answer {
	enum {
		ANSWER_BEFORE, /* the first line has not come */
		ANSWER_FACTS,
		ANSWER_OVER,   /* the end marker came: it is whole */
		ANSWER_BROKEN, /* a bound was passed or the version is another */
	} state;
	char nonce[ANSWER_NONCE_LEN + 1];
	struct strbuf line;
	uint64_t raw_left; /* bytes to come that are no lines */
	size_t noise, facts;
	/*
	 * One line: its first word, and what stands after the space ("" if nothing does). Both end
	 * in a NUL and live as long as the call; NULs in the line were cut off with what followed.
	 */
	void (*fact)(const char *key, char *value, void *data);
	void (*raw)(const char *bytes, size_t len, void *data); /* of those that were announced */
	void *data;
};

void answer_init(
	struct answer *answer); /* makes the nonce; the callbacks are the caller's to set */
void answer_release(struct answer *answer);

/*
 * Takes what came. Returns 0, also for what follows the end, or -1 with `err` (ERROR_FAILED) when
 * it cannot be an answer; it is broken from then on.
 */
int answer_feed(struct answer *answer, const char *data, size_t len, struct error *err);

/* From within `fact`: the next `len` bytes are raw. */
void answer_expect_raw(struct answer *answer, uint64_t len);

#endif
