/* SPDX-License-Identifier: MIT */
/*
 * Text for terminals, and quantities for people.
 */
#include "base/base.h"
#include "cli/human.h"
#include "cli/text.h"
#include "tap.h"

static void harmless(const char *s, size_t len, const char *want, const char *name)
{
	struct strbuf sb = STRBUF_INIT;

	text_add(&sb, s, len);
	is_str(sb.buf, want, name);
	strbuf_release(&sb);
}

#define HARMLESS(s, want, name) harmless((s), sizeof(s) - 1, (want), (name))

static void test_harmless(void)
{
	HARMLESS("plain äöü 日本", "plain äöü 日本", "letters stay");
	HARMLESS("\033[31mred\033]0;title\a", "^[[31mred^[]0;title^G", "escape sequences");
	HARMLESS("a\tb\nc\r\nd\0e", "a b c d^@e", "white space and NUL");
	HARMLESS("\x7f\r!", "^?^M!", "DEL, and a CR that would go back");
	HARMLESS("\xc2\x9b"
		 "31m",
		 "\xef\xbf\xbd"
		 "31m",
		 "the one-character CSI");
	HARMLESS("a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd", "no UTF-8, and UTF-8 that was cut");
	HARMLESS("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "overlong");
	HARMLESS("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "a surrogate");
	HARMLESS("x\xe2\x80\xaey", "x\xef\xbf\xbdy", "a mark that turns the direction");
}

static void cut(const char *s, size_t width, const char *want)
{
	struct strbuf sb = STRBUF_INIT;

	text_add_cut(&sb, s, width);
	is_str(sb.buf, want, want);
	ok(text_width(sb.buf) <= width, "is at most %zu wide", width);
	strbuf_release(&sb);
}

static void test_width(void)
{
	is_int((long long)text_width("abc"), 3, "letters");
	is_int((long long)text_width("日本"), 4, "wide letters");
	is_int((long long)text_width("e\xcc\x81"), 1, "a combining accent");
	cut("abcdef", 6, "abcdef");
	cut("abcdef", 5, text_is_utf8() ? "abcd…" : "ab...");
	cut("日本語", 4, text_is_utf8() ? "日…" : "...");
	cut("abcdef", 0, "");
}

static void wrapped(const char *s, size_t indent, size_t width, const char *want, const char *name)
{
	struct strbuf sb = STRBUF_INIT;

	text_add_wrapped(&sb, s, indent, width);
	is_str(sb.buf, want, name);
	strbuf_release(&sb);
}

static void test_wrapped(void)
{
	wrapped("one two three four", 2, 12, "  one two\n  three four\n", "broken at spaces");
	wrapped("one two", 0, 0, "one two\n", "no limit");
	wrapped("", 1, 20, " \n", "nothing is a line");
	wrapped("0123456789abcdef", 0, 8, "01234567\n89abcdef\n", "a long word is broken");
}

static void seconds(double value, const char *want)
{
	char buf[HUMAN_SIZE];

	is_str(human_seconds(buf, value), want, want);
}

static void bytes(int64_t value, const char *want)
{
	char buf[HUMAN_SIZE];

	is_str(human_bytes(buf, value), want, want);
}

static void ms(const char *text, int64_t want)
{
	int64_t got = -1;

	ok(human_parse_ms(text, &got) == (want < 0 ? -1 : 0), "parse '%s'", text);
	is_int(got, want, "its value");
}

static void test_human(void)
{
	char buf[HUMAN_SIZE];

	seconds(-1, "");
	seconds(0.42, "0.4s");
	seconds(9.97, "9s");
	seconds(192, "3m12s");
	seconds(7500, "2h05m");
	seconds(200000, "2d07h");
	bytes(-1, "");
	bytes(0, "0B");
	bytes(12897485, "12.3M");
	bytes(832000, "812K");
	bytes(1023 * 1024, "1.0M");
	is_str(human_ms(buf, 90000), "90s", "90 s");
	is_str(human_ms(buf, 120000), "2m", "2 m");
	is_str(human_ms(buf, 1500), "1500ms", "1500 ms");
	is_str(human_percent(buf, 12.34), "12.3", "12.34 %");
	ms("10s", 10000);
	ms("500ms", 500);
	ms("1h30m", 5400000);
	ms("2", 2000);
	ms("0.5s", 500);
	ms("", -1);
	ms("s", -1);
	ms("10 s", -1);
	ms("-1s", -1);
	ms("1e9", -1);
	ms("inf", -1);
	ms("1y", -1);
}

int main(void)
{
	text_init();
	test_harmless();
	test_width();
	test_wrapped();
	test_human();
	return done_testing();
}
