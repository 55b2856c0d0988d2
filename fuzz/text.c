/* SPDX-License-Identifier: MIT */
/*
 * What reaches a terminal: whatever bytes come in, what comes out is UTF-8 without a control
 * character, no wider than was asked for. The first byte is the width.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "cli/table.h"
#include "cli/text.h"
#include "fuzz/fuzz.h"

static const struct term plain = {.fd = -1};

/* Neither C0 nor C1 nor what turns the direction; `line_ends` are allowed where asked for. */
static void check_harmless(const struct strbuf *text, bool line_ends)
{
	const unsigned char *s = (const unsigned char *)text->buf;

	CHECK(fuzz_is_utf8(text->buf, text->len) && !memchr(text->buf, 0, text->len), "no UTF-8");
	for (size_t i = 0; i < text->len; i++) {
		CHECK((s[i] >= 0x20 && s[i] != 0x7f) || (line_ends && s[i] == '\n'), "byte %x",
		      s[i]);
		CHECK(s[i] != 0xc2 || s[i + 1] >= 0xa0, "a C1 control");
		CHECK(s[i] != 0xe2 || s[i + 1] != 0x80 || s[i + 2] < 0xaa || s[i + 2] > 0xae,
		      "a mark of direction");
		CHECK(s[i] != 0xe2 || s[i + 1] != 0x81 || s[i + 2] < 0xa6 || s[i + 2] > 0xa9,
		      "a mark of direction");
	}
}

/* Each line of `text` takes at most `width` columns. */
static void check_lines(const struct strbuf *text, size_t width)
{
	char *copy = xstrdup(text->buf), *line = copy, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		CHECK(text_width(line) <= width, "%zu columns, not %zu: '%s'", text_width(line),
		      width, line);
	}
	CHECK(!*line, "the last line has no end");
	free(copy);
}

static void check_layout(const char *text, size_t width)
{
	struct strbuf out = STRBUF_INIT;

	text_add_cut(&out, text, width);
	CHECK(text_width(out.buf) <= width, "cut to %zu: '%s'", width, out.buf);
	check_harmless(&out, false);
	strbuf_reset(&out);
	text_add_wrapped(&out, text, width / 4, width);
	check_harmless(&out, true);
	/* It needs room for 8 columns, and ends each line. */
	check_lines(&out, width > width / 4 + 8 ? width : !width ? SIZE_MAX : width / 4 + 8);
	strbuf_release(&out);
}

static void check_table(const char *text, size_t width)
{
	static const struct table_column columns[] = {
		{"PROCESS", 4, 0, false}, {"MACHINE", 3, 2, false}, {"PID", 3, 1, true}};
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < 3; i++) {
		table_row(table);
		table_cell(table, TERM_RED, "name");
		table_cell(table, TERM_PLAIN, i == 1 ? "" : text);
		table_cell(table, TERM_PLAIN, i ? text : "12");
		table_note(table, TERM_DIM, 2, text);
		table_note_cut(table, TERM_DIM, 2, text);
	}
	table_render(table, &out, &plain, width);
	check_harmless(&out, true);
	check_lines(&out, !width ? SIZE_MAX : width < 16 ? 16 : width);
	strbuf_release(&out);
	table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	size_t width = fuzz_byte(&input);
	struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
	char *string = xstrndup(input.at, input.left);

	text_init();
	text_add_lines(&once, input.at, input.left);
	check_harmless(&once, true);
	strbuf_reset(&once);
	text_add(&once, input.at, input.left);
	check_harmless(&once, false);
	text_addstr(&twice, once.buf);
	CHECK(!strcmp(once.buf, twice.buf), "'%s', again '%s'", once.buf, twice.buf);
	check_layout(once.buf, width);
	check_table(string, width);
	strbuf_release(&once);
	strbuf_release(&twice);
	free(string);
	return 0;
}
