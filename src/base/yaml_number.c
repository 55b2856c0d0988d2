/* SPDX-License-Identifier: MIT */
/*
 * Integers and floats as YAML 1.1 and PyYAML have them: underscores anywhere, 0b, 0x, octal by a
 * mere leading 0 (so 0o17 is a string), and sexagesimal, in which 1:30 is 90. Integers have any
 * size; floats come out as Python's repr(), the shortest text that reads back as the same number.
 */
#include "base/base.h"
#include <locale.h>
#include <math.h>
#include "base/strbuf.h"
#include "base/yaml_scalar.h"

/*
 * Longer numbers stay the text that they are: Python itself refuses to print them, and turning a
 * long one from base 16 to base 10 takes a time that grows with the square of its length.
 */
#define DIGITS_MAX	     4300
#define DIGITS_MAX_CONVERTED 1000

/* A natural number of any size, its lowest nine decimal digits first. */
struct big {
	uint32_t part[2 * DIGITS_MAX_CONVERTED / 9];
	size_t nr;
};

#define BIG_BASE 1000000000u

/* Multiplies by `factor` and adds `digit`. Returns false where the number gets too long. */
static bool big_push(struct big *big, unsigned factor, unsigned digit)
{
	uint64_t carry = digit;

	for (size_t i = 0; i < big->nr; i++) {
		carry += (uint64_t)big->part[i] * factor;
		big->part[i] = (uint32_t)(carry % BIG_BASE);
		carry /= BIG_BASE;
	}
	if (!carry)
		return true;
	if (big->nr == ARRAY_SIZE(big->part))
		return false;
	big->part[big->nr++] = (uint32_t)carry;
	return true;
}

static void big_print(const struct big *big, bool negative, struct strbuf *str)
{
	if (!big->nr) {
		strbuf_addch(str, '0');
		return;
	}
	if (negative)
		strbuf_addch(str, '-');
	strbuf_addf(str, "%" PRIu32, big->part[big->nr - 1]);
	for (size_t i = big->nr - 1; i-- > 0;)
		strbuf_addf(str, "%09" PRIu32, big->part[i]);
}

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A' + 10);
	return UINT_MAX;
}

/* Reads digits of `base` and underscores up to the end. At least one digit must be there. */
static bool read_digits(const char *s, unsigned base, struct big *big)
{
	bool any = false;

	for (; *s; s++) {
		if (*s == '_')
			continue;
		if (digit_value(*s) >= base || !big_push(big, base, digit_value(*s)))
			return false;
		any = true;
	}
	return any;
}

/*
 * What follows a colon: one or two digits below 60. Returns how many characters they are, or 0.
 */
static size_t sixtieth(const char *s, unsigned *value)
{
	unsigned tens = digit_value(s[0]);
	unsigned ones;

	if (tens > 9)
		return 0;
	ones = digit_value(s[1]);
	if (tens > 5 || ones > 9) {
		*value = tens;
		return 1;
	}
	*value = 10 * tens + ones;
	return 2;
}

/* Reads "190:20:30": a decimal number, then parts below 60. */
static bool read_sexagesimal(const char *s, struct big *big)
{
	const char *colon = strchr(s, ':');
	unsigned value;
	size_t len;

	for (; s < colon; s++) {
		if (*s == '_')
			continue;
		if (digit_value(*s) > 9 || !big_push(big, 10, digit_value(*s)))
			return false;
	}
	for (; *s == ':'; s += 1 + len) {
		len = sixtieth(s + 1, &value);
		if (!len || !big_push(big, 60, value))
			return false;
	}
	return !*s;
}

/* Decimal digits need no arithmetic. */
static bool copy_decimal(const char *s, bool negative, struct strbuf *str)
{
	if (s[strspn(s, "0123456789_")] || strlen(s) > DIGITS_MAX)
		return false;
	if (negative)
		strbuf_addch(str, '-');
	for (; *s; s++)
		if (*s != '_')
			strbuf_addch(str, *s);
	return true;
}

bool yaml_read_int(const char *text, struct strbuf *str)
{
	bool negative = *text == '-';
	const char *s = text + (*text == '-' || *text == '+');
	struct big big = {.nr = 0};
	bool good;

	if (digit_value(s[0]) > 9)
		return false;
	if (s[0] != '0' && !strchr(s, ':'))
		return copy_decimal(s, negative, str);
	if (strlen(s) > DIGITS_MAX_CONVERTED)
		return false;
	if (s[0] == '0' && s[1] == 'b')
		good = read_digits(s + 2, 2, &big);
	else if (s[0] == '0' && s[1] == 'x')
		good = read_digits(s + 2, 16, &big);
	else if (s[0] == '0')
		good = read_digits(s, 8, &big);
	else
		good = read_sexagesimal(s, &big);
	if (good)
		big_print(&big, negative, str);
	return good;
}

/* Copies what `text` is without its underscores; returns false if it is no decimal fraction. */
static bool read_fraction(const char *s, struct strbuf *plain)
{
	const char *dot = strchr(s, '.');

	/* [0-9][0-9_]*\.[0-9_]* with a sign, \.[0-9][0-9_]* without one */
	if (dot == s ? digit_value(s[1]) > 9 : digit_value(s[0]) > 9)
		return false;
	for (; digit_value(*s) <= 9 || *s == '_' || s == dot; s++)
		if (*s != '_')
			strbuf_addch(plain, *s);
	if (*s == 'e' || *s == 'E') {
		if ((s[1] != '-' && s[1] != '+') || digit_value(s[2]) > 9)
			return false;
		strbuf_add(plain, s, 2);
		for (s += 2; digit_value(*s) <= 9; s++)
			strbuf_addch(plain, *s);
	}
	return !*s && s > dot;
}

/* Reads "190:20:30.15" as PyYAML does: from the last part, each worth 60 of the one behind it. */
static bool read_sexagesimal_fraction(const char *s, double *value)
{
	struct strbuf plain = STRBUF_INIT;
	const char *end = strchr(s, '.');
	double base = 1;
	bool good = digit_value(s[0]) <= 9;

	*value = 0;
	for (const char *p = s; good && p < end; p++)
		good = digit_value(*p) <= 9 || *p == ':' || (*p == '_' && !memchr(s, ':', p - s));
	for (const char *p = end + 1; good && *p; p++)
		good = digit_value(*p) <= 9 || *p == '_';
	for (const char *p = s; *p; p++)
		if (*p != '_')
			strbuf_addch(&plain, *p);
	for (char *colon; good && (colon = strrchr(plain.buf, ':')); base *= 60) {
		unsigned unused;
		size_t len = strcspn(colon + 1, ".");

		good = len && sixtieth(colon + 1, &unused) == len;
		*value += strtod(colon + 1, NULL) * base;
		strbuf_setlen(&plain, (size_t)(colon - plain.buf));
	}
	*value += strtod(plain.buf, NULL) * base;
	strbuf_release(&plain);
	return good;
}

static bool read_special(const char *text, struct strbuf *str)
{
	const char *s = text + (*text == '-' || *text == '+');

	if (!strcmp(s, ".inf") || !strcmp(s, ".Inf") || !strcmp(s, ".INF"))
		strbuf_addf(str, "%sinf", *text == '-' ? "-" : "");
	else if (!strcmp(text, ".nan") || !strcmp(text, ".NaN") || !strcmp(text, ".NAN"))
		strbuf_addstr(str, "nan");
	return str->len > 0;
}

/* Lays out the digits of "d.ddde±xx" as repr() does: with an exponent only where that is long. */
static void lay_out(const char *shortest, struct strbuf *str)
{
	const char *e = strchr(shortest, 'e');
	long exponent = strtol(e + 1, NULL, 10);
	struct strbuf digits = STRBUF_INIT;

	for (const char *p = shortest; p < e; p++)
		if (*p >= '0' && *p <= '9')
			strbuf_addch(&digits, *p);
	if (*shortest == '-')
		strbuf_addch(str, '-');
	if (exponent < -4 || exponent >= 16) {
		strbuf_addf(str, "%c%s%se%c%02ld", digits.buf[0], digits.len > 1 ? "." : "",
			    digits.buf + 1, exponent < 0 ? '-' : '+', labs(exponent));
	} else if (exponent < 0) {
		strbuf_addstr(str, "0.");
		strbuf_addchars(str, '0', (size_t)(-exponent - 1));
		strbuf_addstr(str, digits.buf);
	} else {
		size_t whole = (size_t)exponent + 1;

		if (digits.len < whole + 1)
			strbuf_addchars(&digits, '0', whole + 1 - digits.len);
		strbuf_add(str, digits.buf, whole);
		strbuf_addf(str, ".%s", digits.buf + whole);
	}
	strbuf_release(&digits);
}

static void print_repr(double value, struct strbuf *str)
{
	char text[40];

	if (isinf(value)) {
		strbuf_addstr(str, value < 0 ? "-inf" : "inf");
		return;
	}
	for (int precision = 0; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	lay_out(text, str);
}

bool yaml_read_float(const char *text, struct strbuf *str)
{
	bool negative = *text == '-';
	const char *s = text + (*text == '-' || *text == '+');
	struct strbuf plain = STRBUF_INIT;
	locale_t c, before;
	double value = 0;
	bool good;

	if (!strchr(s, '.') || strlen(s) > DIGITS_MAX)
		return false;
	if (read_special(text, str))
		return true;
	if (s != text && *s == '.')
		return false;
	/* The program that uses the library may have a locale with a decimal comma. */
	c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	before = uselocale(c);
	if (strchr(s, ':')) {
		good = read_sexagesimal_fraction(s, &value);
	} else {
		good = read_fraction(s, &plain);
		value = strtod(plain.buf, NULL);
	}
	if (good)
		print_repr(negative ? -value : value, str);
	uselocale(before);
	freelocale(c);
	strbuf_release(&plain);
	return good;
}
