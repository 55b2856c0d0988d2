/* SPDX-License-Identifier: MIT */
/*
 * Characters: decoding UTF-8 with suspicion, and how wide things are. The C library is asked only
 * for the width of a character.
 */
#include "base/base.h"
#include <langinfo.h>
#include <locale.h>
#include <wchar.h>
#include "cli/text.h"

#define REPLACEMENT 0xfffd

static bool utf8;

void text_init(void)
{
	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	/* A bare machine says LC_ALL=C although its terminal is UTF-8; widths are known all the
	 * same. */
	if (!utf8)
		setlocale(LC_CTYPE, "C.UTF-8");
}

bool text_is_utf8(void)
{
	return utf8;
}

const char *text_ellipsis(void)
{
	return utf8 ? "…" : "...";
}

/*
 * The character at the start of `s` (len > 0) and in `used` its bytes; -1, with one byte used, if
 * there is none: cut or overlong sequences, surrogates, beyond Unicode.
 */
static long decode(const char *s, size_t len, size_t *used)
{
	static const long smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)s[0];
	size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	long c = n == 1 ? first : first & (0xff >> (n + 1));

	*used = 1;
	if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || n > len)
		return -1;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < smallest[n] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return -1;
	*used = n;
	return c;
}

/* Marks that turn the direction of what follows could make a line say something else. */
static bool is_deceptive(long c)
{
	return (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* Columns of a character, -1 if it is not to be printed. */
static int width_of(long c)
{
	int width;

	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || is_deceptive(c))
		return -1;
	if (c < 0x7f)
		return 1;
	width = wcwidth((wchar_t)c);
	/* In a locale without Unicode nothing is known; one column is the best guess. */
	return width < 0 && MB_CUR_MAX == 1 ? 1 : width;
}

static void add_safe(struct strbuf *out, const char *s, size_t len, bool lines)
{
	size_t used;

	for (size_t i = 0; i < len; i += used) {
		long c = decode(s + i, len - i, &used);

		if (c == '\n' && lines)
			strbuf_addch(out, '\n');
		else if (c == '\n' || c == '\t')
			strbuf_addch(out, ' ');
		else if (c == '\r' && (i + 1 == len || s[i + 1] == '\n'))
			continue;
		else if ((c >= 0 && c < 0x20) || c == 0x7f)
			strbuf_addf(out, "^%c", (int)(c ^ 0x40));
		else if (width_of(c) < 0)
			strbuf_addstr(out, "\xef\xbf\xbd");
		else
			strbuf_add(out, s + i, used);
	}
}

void text_add(struct strbuf *out, const char *s, size_t len)
{
	add_safe(out, s, len, false);
}

void text_addstr(struct strbuf *out, const char *s)
{
	add_safe(out, s, strlen(s), false);
}

void text_add_lines(struct strbuf *out, const char *s, size_t len)
{
	add_safe(out, s, len, true);
}

/* Bytes of `s` that fit into `width` columns, with the columns that they take in `taken`. */
static size_t fit(const char *s, size_t width, size_t *taken)
{
	size_t len = strlen(s), i = 0, used;

	for (*taken = 0; i < len; i += used) {
		long c = decode(s + i, len - i, &used);
		int w = c < 0 ? 1 : width_of(c);

		if (w > 0 && *taken + (size_t)w > width)
			break;
		*taken += w > 0 ? (size_t)w : 0;
	}
	return i;
}

size_t text_width(const char *s)
{
	size_t taken;

	fit(s, SIZE_MAX, &taken);
	return taken;
}

void text_add_cut(struct strbuf *out, const char *s, size_t width)
{
	const char *mark = text_ellipsis();
	size_t taken, mark_width = text_width(mark);

	if (text_width(s) <= width) {
		strbuf_addstr(out, s);
	} else if (width <= mark_width) {
		strbuf_add(out, s, fit(s, width, &taken));
	} else {
		strbuf_add(out, s, fit(s, width - mark_width, &taken));
		strbuf_addstr(out, mark);
	}
}

/* Where a line of `width` columns at the start of `s` ends: after a word if that is possible. */
static size_t line_length(const char *s, size_t width)
{
	size_t taken, end = fit(s, width, &taken), space = end, used;

	if (!s[end])
		return end;
	while (space && s[space] != ' ')
		space--;
	if (space)
		return space;
	if (!end) /* a character wider than the line: better too wide than for ever */
		decode(s, strlen(s), &used), end = used;
	return end;
}

void text_add_wrapped(struct strbuf *out, const char *s, size_t indent, size_t width)
{
	size_t room = !width ? SIZE_MAX : width > indent + 8 ? width - indent : 8;
	size_t len;

	do {
		len = line_length(s, room);
		strbuf_addchars(out, ' ', indent);
		strbuf_add(out, s, len);
		strbuf_addch(out, '\n');
		s += len;
		while (*s == ' ')
			s++;
	} while (*s);
}
