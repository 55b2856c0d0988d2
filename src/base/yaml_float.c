/* SPDX-License-Identifier: MIT */
/*
 * Floats as YAML 1.1 and PyYAML have them: a dot is what makes one, an exponent needs its sign, and
 * 1:30.5 is 90.5. They are printed as Python's repr() does, with the fewest digits that read back
 * as the same number.
 */
#include "base/base.h"
#include <locale.h>
#include <math.h>
#include "base/strbuf.h"
#include "base/yaml_scalar.h"

#define LENGTH_MAX 4300 /* longer texts are no numbers that anybody wrote */

/* Copies what `text` is without its underscores; returns false if it is no decimal fraction. */
static bool read_fraction(const char *s, struct strbuf *plain)
{
	const char *dot = strchr(s, '.');

	/* [0-9][0-9_]*\.[0-9_]* with a sign, \.[0-9][0-9_]* without one */
	if (dot == s ? yaml_digit(s[1]) > 9 : yaml_digit(s[0]) > 9)
		return false;
	for (; yaml_digit(*s) <= 9 || *s == '_' || s == dot; s++)
		if (*s != '_')
			strbuf_addch(plain, *s);
	if (*s == 'e' || *s == 'E') {
		if ((s[1] != '-' && s[1] != '+') || yaml_digit(s[2]) > 9)
			return false;
		strbuf_add(plain, s, 2);
		for (s += 2; yaml_digit(*s) <= 9; s++)
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
	bool good = yaml_digit(s[0]) <= 9;

	*value = 0;
	for (const char *p = s; good && p < end; p++)
		good = yaml_digit(*p) <= 9 || *p == ':' || (*p == '_' && !memchr(s, ':', p - s));
	for (const char *p = end + 1; good && *p; p++)
		good = yaml_digit(*p) <= 9 || *p == '_';
	for (const char *p = s; *p; p++)
		if (*p != '_')
			strbuf_addch(&plain, *p);
	for (char *colon; good && (colon = strrchr(plain.buf, ':')); base *= 60) {
		unsigned unused;
		size_t len = strcspn(colon + 1, ".");

		good = len && yaml_sixtieth(colon + 1, &unused) == len;
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

	if (!strchr(s, '.') || strlen(s) > LENGTH_MAX)
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
