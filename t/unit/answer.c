/* SPDX-License-Identifier: MIT */
/*
 * The answer of a machine, whole, in pieces, cut, garbled, hostile and huge: facts come out of the
 * first two, and nothing bad of the others.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/answer.h"
#include "tap.h"

static struct strbuf seen = STRBUF_INIT;

static void on_fact(const char *key, char *value, void *data)
{
	strbuf_addf(&seen, "[%s=%s]", key, value);
	if (!strcmp(key, "out"))
		answer_expect_raw(data, strtoul(value, NULL, 10));
}

static void on_raw(const char *bytes, size_t len, void *data)
{
	(void)data;
	strbuf_add(&seen, bytes, len);
}

/* Feeds `text`, in which N stands for the nonce, in pieces of `piece` bytes. */
static struct answer feed(const char *text, size_t piece, int *rc)
{
	struct error err = ERROR_INIT;
	struct strbuf sb = STRBUF_INIT;
	struct answer answer;

	answer_init(&answer);
	answer.fact = on_fact;
	answer.raw = on_raw;
	answer.data = &answer;
	for (; *text; text++)
		if (*text == 'N')
			strbuf_addstr(&sb, answer.nonce);
		else
			strbuf_addch(&sb, *text);
	strbuf_reset(&seen);
	*rc = 0;
	for (size_t i = 0; i < sb.len && !*rc; i += piece)
		*rc = answer_feed(&answer, sb.buf + i, piece < sb.len - i ? piece : sb.len - i,
				  &err);
	strbuf_release(&sb);
	return answer;
}

static void check(const char *text, int want_state, const char *want, const char *name)
{
	for (size_t piece = 1; piece <= 64; piece *= 4) {
		int rc;
		struct answer answer = feed(text, piece, &rc);

		ok((int)answer.state == want_state && !strcmp(seen.buf, want),
		   "%s, in pieces of %zu", name, piece);
		if (strcmp(seen.buf, want))
			printf("#      got: %s\n# expected: %s\n", seen.buf, want);
		answer_release(&answer);
	}
}

static void test_bounds(void)
{
	struct error err = ERROR_INIT;
	struct strbuf sb = STRBUF_INIT;
	struct answer answer;
	size_t fed = 0;
	int rc;

	answer = feed("concert 1 N\nx ", 1000, &rc);
	strbuf_addchars(&sb, 'y', ANSWER_LINE_MAX + 1);
	is_int(answer_feed(&answer, sb.buf, sb.len, &err), -1, "a line without end is refused");
	is_int(answer.state, ANSWER_BROKEN, "for good");
	is_int(answer_feed(&answer, "\n", 1, &err), -1, "whatever comes then");
	answer_release(&answer);

	answer = feed("concert 1 N\n", 1000, &rc);
	strbuf_reset(&sb);
	for (int i = 0; i < 1000; i++)
		strbuf_addstr(&sb, "p 1 2 3\n");
	for (rc = 0; !rc && fed < 64 * 1024 * 1024; fed += sb.len) {
		strbuf_reset(&seen);
		rc = answer_feed(&answer, sb.buf, sb.len, &err);
	}
	ok(rc && fed <= ANSWER_FACTS_MAX + 2 * sb.len, "lines without end are refused");
	answer_release(&answer);

	answer = feed("", 1, &rc);
	strbuf_reset(&sb);
	strbuf_addchars(&sb, 'n', 1 << 20);
	for (fed = 0, rc = 0; !rc && fed < 256u << 20; fed += sb.len)
		rc = answer_feed(&answer, sb.buf, sb.len, &err);
	ok(rc && fed <= ANSWER_NOISE_MAX + 2 * sb.len, "so is noise without end");
	ok(answer.line.alloc < 4 * ANSWER_LINE_MAX, "which takes no memory");
	answer_release(&answer);
	strbuf_release(&sb);
}

static void test_random(void)
{
	struct error err = ERROR_INIT;
	char buf[512];

	srand(7);
	for (int i = 0; i < 2000; i++) {
		int rc;
		struct answer answer = feed("\nconcert 1 N\n", 100, &rc);

		for (size_t j = 0; j < sizeof(buf); j++)
			buf[j] = "out 0123456789\n end\0\xff"[rand() % 22];
		answer_feed(&answer, buf, sizeof(buf), &err);
		if (answer.state == ANSWER_OVER)
			ok(false, "an end without the nonce was believed");
		answer_release(&answer);
		strbuf_reset(&seen);
	}
	ok(true, "2000 garbled answers");
}

int main(void)
{
	check("concert 1 N\na b c\nd\nend N\n", ANSWER_OVER, "[a=b c][d=]", "a whole answer");
	check("Welcome!\n$ \nconcert 1 N\na 1\nend N\nbye\n", ANSWER_OVER, "[a=1]",
	      "what a login prints around it");
	check("concert 1 0123456789abcdef\na 1\nend 0123456789abcdef\n", ANSWER_BEFORE, "",
	      "an answer to somebody else");
	check("concert 1 N\na 1\nend 0123456789abcdef\n", ANSWER_FACTS,
	      "[a=1][end=0123456789abcdef]", "an end that is another's");
	check("concert 1 N\na 1\nb 2", ANSWER_FACTS, "[a=1]", "a cut answer");
	check("concert 1 N\na 1\nend N", ANSWER_FACTS, "[a=1]", "one cut at its last byte");
	check("concert 2 N\na 1\nend N\n", ANSWER_BROKEN, "", "another version");
	check("concert N\nconcert\nconcert 1 N\n\n\nend N\n", ANSWER_OVER, "", "empty lines");
	check("concert 1 N\nout 8\na\nend x\nb 2\nend N\n", ANSWER_OVER, "[out=8]a\nend x\n[b=2]",
	      "raw bytes hold no facts");
	check("concert 1 N\nout 3\na\n\nb 2\nend N\n", ANSWER_OVER, "[out=3]a\n\n[b=2]",
	      "facts after raw bytes");
	test_bounds();
	test_random();
	strbuf_release(&seen);
	return done_testing();
}
