/* SPDX-License-Identifier: MIT */
/*
 * Takes the answer of a script apart. Its contract is in answer.h.
 */
#include "base/base.h"
#include "target/answer.h"
#include "target/random.h"

void answer_init(struct answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	strbuf_init(&answer->line);
	random_hex(answer->nonce, ANSWER_NONCE_LEN);
}

void answer_release(struct answer *answer)
{
	strbuf_release(&answer->line);
}

void answer_expect_raw(struct answer *answer, uint64_t len)
{
	answer->raw_left = len;
}

static int broken(struct answer *answer, struct error *err, const char *why)
{
	answer->state = ANSWER_BROKEN;
	return error_set(err, ERROR_FAILED, "the answer of the machine cannot be read: %s", why);
}

/* A line that begins the answer, or is noise of the login. */
static int line_before(struct answer *answer, struct error *err)
{
	char *line = answer->line.buf;

	if (strncmp(line, "concert ", 8))
		return 0;
	line += 8;
	if (strlen(line) < ANSWER_NONCE_LEN + 2 ||
	    strcmp(line + strlen(line) - ANSWER_NONCE_LEN, answer->nonce))
		return 0;
	if (strncmp(line, "1 ", 2))
		return broken(answer, err, "its version is another");
	answer->state = ANSWER_FACTS;
	return 0;
}

static void line_fact(struct answer *answer)
{
	char *key = answer->line.buf;
	char *value = key + strcspn(key, " ");

	if (*value)
		*value++ = '\0';
	if (!strcmp(key, "end") && !strcmp(value, answer->nonce))
		answer->state = ANSWER_OVER;
	else if (*key)
		answer->fact(key, value, answer->data);
}

static int end_line(struct answer *answer, struct error *err)
{
	int rc = 0;

	if (answer->state == ANSWER_BEFORE)
		rc = line_before(answer, err);
	else
		line_fact(answer);
	strbuf_reset(&answer->line);
	return rc;
}

/* Noise may be long; only its lines' beginnings are of interest. */
static int add_to_line(struct answer *answer, const char *data, size_t len, struct error *err)
{
	size_t *count = answer->state == ANSWER_BEFORE ? &answer->noise : &answer->facts;
	size_t max = answer->state == ANSWER_BEFORE ? ANSWER_NOISE_MAX : ANSWER_FACTS_MAX;

	*count += len + 1;
	if (*count > max)
		return broken(answer, err, "it is too long");
	if (strbuf_add_max(&answer->line, data, len, ANSWER_LINE_MAX) &&
	    answer->state == ANSWER_FACTS)
		return broken(answer, err, "a line of it is too long");
	return 0;
}

static size_t take_raw(struct answer *answer, const char *data, size_t len)
{
	if (len > answer->raw_left)
		len = (size_t)answer->raw_left;
	answer->raw_left -= len;
	answer->raw(data, len, answer->data);
	return len;
}

int answer_feed(struct answer *answer, const char *data, size_t len, struct error *err)
{
	while (len && answer->state < ANSWER_OVER) {
		const char *newline = memchr(data, '\n', len);
		size_t used = newline ? (size_t)(newline - data) : len;

		if (answer->raw_left) {
			used = take_raw(answer, data, len);
		} else {
			if (add_to_line(answer, data, used, err))
				return -1;
			used += newline != NULL;
			if (newline && end_line(answer, err))
				return -1;
		}
		data += used;
		len -= used;
	}
	return answer->state == ANSWER_BROKEN ? -1 : 0;
}
