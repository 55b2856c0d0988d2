/* SPDX-License-Identifier: MIT */
/*
 * Integers as YAML 1.1 and PyYAML have them, of any size: underscores anywhere, 0b, 0x, octal by a
 * mere leading 0 (so 0o17 is a string), and sexagesimal, in which 1:30 is 90.
 */
#include "base/base.h"
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

unsigned yaml_digit(char c)
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
		if (yaml_digit(*s) >= base || !big_push(big, base, yaml_digit(*s)))
			return false;
		any = true;
	}
	return any;
}

size_t yaml_sixtieth(const char *s, unsigned *value)
{
	unsigned tens = yaml_digit(s[0]);
	unsigned ones;

	if (tens > 9)
		return 0;
	ones = yaml_digit(s[1]);
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
		if (yaml_digit(*s) > 9 || !big_push(big, 10, yaml_digit(*s)))
			return false;
	}
	for (; *s == ':'; s += 1 + len) {
		len = yaml_sixtieth(s + 1, &value);
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

	if (yaml_digit(s[0]) > 9)
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
