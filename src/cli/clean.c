/* SPDX-License-Identifier: MIT */
/*
 * Plain lines from what was meant for a terminal. The contract is in clean.h.
 */
#include "base/base.h"
#include "cli/clean.h"
#include "cli/text.h"

#define ONES  0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* Eight bytes at a time, since nearly all lines are nothing but this: space to '~'. */
static bool is_plain(const char *s, size_t len)
{
	uint64_t bad = 0, word;

	for (; len >= 8; s += 8, len -= 8) {
		memcpy(&word, s, 8);
		/* Set where a byte is below ' ', above '~' or has its high bit set. */
		bad |= (word - ONES * 0x20) | (word + ONES) | word;
	}
	bad &= HIGHS;
	for (; len; s++, len--)
		bad |= *s < ' ' || *s > '~';
	return !bad;
}

/* Bytes of the escape sequence at `s`, which begins with ESC; what is cut ends with the line. */
static size_t escape_length(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return len;
	if (s[1] == '[') {
		while (i < len && (unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x40)
			i++;
		return i < len ? i + 1 : len;
	}
	if (s[1] && strchr("]PX^_", s[1])) {
		while (i < len && s[i] != '\a' && s[i] != '\033')
			i++;
		return i >= len ? len : s[i] == '\a' || i + 1 >= len ? i + 1 : i + 2;
	}
	i = 1;
	while (i < len && (unsigned char)s[i] >= 0x20 && (unsigned char)s[i] < 0x30)
		i++;
	return i < len ? i + 1 : len;
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* A run without control characters but tabs. */
static void add_run(struct strbuf *out, const char *s, size_t len, bool mend)
{
	while (mend && len) {
		const char *tab = memchr(s, '\t', len);
		size_t n = tab ? (size_t)(tab - s) : len;

		text_add(out, s, n);
		if (tab)
			strbuf_addch(out, '\t');
		n += tab != NULL;
		s += n;
		len -= n;
	}
	strbuf_add(out, s, len);
}

void clean_add(struct strbuf *out, const char *line, size_t len, bool mend)
{
	size_t i = 0, run;

	if (is_plain(line, len)) {
		strbuf_add(out, line, len);
		return;
	}
	while (i < len) {
		for (run = i; run < len && !is_control(line[run]); run++)
			;
		add_run(out, line + i, run - i, mend);
		if (run < len)
			run += line[run] == '\033' ? escape_length(line + run, len - run) : 1;
		i = run;
	}
}

size_t clean_overwritten(const char *line, size_t len)
{
	while (len && line[len - 1] == '\r')
		len--;
	if (!memchr(line, '\r', len))
		return 0;
	while (line[len - 1] != '\r')
		len--;
	return len;
}
