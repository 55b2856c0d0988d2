/* SPDX-License-Identifier: MIT */
/*
 * What programs write for a terminal, as plain lines: no control character but tabs is left, and
 * where there was none, nothing is changed.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "cli/clean.h"
#include "cli/text.h"
#include "fuzz/fuzz.h"

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_control(s[i]))
			return true;
	return false;
}

/* What is left stands in the line, in the same order. */
static bool is_part(const struct strbuf *part, const char *line, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at < part->len; i++)
		at += part->buf[at] == line[i];
	return at == part->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	size_t gone = clean_overwritten(line, size);
	struct strbuf plain = STRBUF_INIT, mended = STRBUF_INIT;

	text_init();
	CHECK(gone <= size && (!gone || line[gone - 1] == '\r'), "%zu of %zu", gone, size);
	clean_add(&plain, line, size, false);
	CHECK(!has_control(plain.buf, plain.len), "a control character is left");
	CHECK(is_part(&plain, line, size), "something new");
	CHECK(has_control(line, size) || plain.len == size, "something is lost");
	clean_add(&mended, line, size, true);
	CHECK(!has_control(mended.buf, mended.len), "a control character is left");
	CHECK(fuzz_is_utf8(mended.buf, mended.len), "no UTF-8");
	for (size_t i = 0; i + 1 < mended.len; i++)
		CHECK(mended.buf[i] != '\xc2' || (unsigned char)mended.buf[i + 1] >= 0xa0, "C1");
	strbuf_release(&plain);
	strbuf_release(&mended);
	return 0;
}
