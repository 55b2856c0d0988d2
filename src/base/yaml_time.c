/* SPDX-License-Identifier: MIT */
/*
 * Dates and times as YAML 1.1 and PyYAML have them, and their text as Python's str() gives it:
 * "2001-12-14" for a date, "2001-12-14 21:59:43.100000-05:00" for a time.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/yaml_scalar.h"

struct stamp {
	int year, month, day, hour, minute, second, microsecond;
	int zone; /* minutes east */
	bool has_time, has_zone;
};

/* Reads between `min` and `max` digits at *s and moves behind them. */
static bool read_number(const char **s, int min, int max, int *value)
{
	int n = 0;

	for (*value = 0; n < max && (*s)[0] >= '0' && (*s)[0] <= '9'; n++)
		*value = *value * 10 + *(*s)++ - '0';
	return n >= min;
}

static bool skip(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

static void skip_blanks(const char **s)
{
	*s += strspn(*s, " \t");
}

/* ".123456789": six digits count. */
static void read_microseconds(const char **s, struct stamp *t)
{
	int n = 0;

	if (!skip(s, '.'))
		return;
	for (; **s >= '0' && **s <= '9'; ++*s)
		if (n++ < 6)
			t->microsecond = t->microsecond * 10 + **s - '0';
	for (; n < 6; n++)
		t->microsecond *= 10;
}

/* "Z", "+1", "-05:30", or nothing. */
static bool read_zone(const char **s, struct stamp *t)
{
	int hours, minutes = 0;
	bool west;

	skip_blanks(s);
	if (!**s)
		return true;
	t->has_zone = true;
	if (skip(s, 'Z'))
		return !**s;
	west = **s == '-';
	if (!skip(s, '-') && !skip(s, '+'))
		return false;
	if (!read_number(s, 1, 2, &hours))
		return false;
	if (skip(s, ':') && !read_number(s, 2, 2, &minutes))
		return false;
	t->zone = (west ? -1 : 1) * (60 * hours + minutes);
	return !**s;
}

static bool read_time(const char **s, struct stamp *t)
{
	bool blank = **s == ' ' || **s == '\t';

	t->has_time = true;
	if (blank)
		skip_blanks(s);
	else if (!skip(s, 'T') && !skip(s, 't'))
		return false;
	if (!read_number(s, 1, 2, &t->hour) || !skip(s, ':') || !read_number(s, 2, 2, &t->minute) ||
	    !skip(s, ':') || !read_number(s, 2, 2, &t->second))
		return false;
	read_microseconds(s, t);
	/* Blanks may stand before a zone, but not at the end; a plain scalar has none there. */
	return read_zone(s, t);
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool exists(const struct stamp *t)
{
	return t->year >= 1 && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
	       t->day <= days_of(t->year, t->month) && t->hour <= 23 && t->minute <= 59 &&
	       t->second <= 59 && abs(t->zone) < 24 * 60;
}

bool yaml_read_timestamp(const char *text, struct strbuf *str)
{
	struct stamp t = {.year = 0};
	const char *s = text;

	if (!read_number(&s, 4, 4, &t.year) || !skip(&s, '-') || !read_number(&s, 1, 2, &t.month) ||
	    !skip(&s, '-') || !read_number(&s, 1, 2, &t.day))
		return false;
	/* A date alone has two digits in each place; with a time, one may do. */
	if (!*s && strlen(text) != 10)
		return false;
	if (*s && !read_time(&s, &t))
		return false;
	if (!exists(&t))
		return false;
	strbuf_addf(str, "%04d-%02d-%02d", t.year, t.month, t.day);
	if (t.has_time)
		strbuf_addf(str, " %02d:%02d:%02d", t.hour, t.minute, t.second);
	if (t.microsecond)
		strbuf_addf(str, ".%06d", t.microsecond);
	if (t.has_zone)
		strbuf_addf(str, "%c%02d:%02d", t.zone < 0 ? '-' : '+', abs(t.zone) / 60,
			    abs(t.zone) % 60);
	return true;
}
