/* SPDX-License-Identifier: MIT */
/*
 * Cuts strings into text and placeholders; the grammar is in template.h. A string is read once,
 * from left to right, so that what a placeholder stands for is never read again.
 */
#include "base/base.h"
#include "core/template.h"

size_t template_identifier(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	return *s >= '0' && *s <= '9' ? 0 : len;
}

/* Skips one of `set` if it stands at *s. */
static bool skip_any(const char **s, const char *set)
{
	if (!**s || !strchr(set, **s))
		return false;
	++*s;
	return true;
}

/*
 * Whether what stands between `:` and `}` is a format of Python's: [[fill]align][sign][#][0]
 * [width][,][.precision][type]. A number or a letter alone is as likely a piece of JSON or YAML.
 */
static enum template_type judge_format(const char *spec, const char *end)
{
	const char *s = spec;
	bool sure = false;

	if (end - s >= 2 && strchr("<>=^", s[1])) {
		sure = true;
		s += 2;
	} else {
		sure = skip_any(&s, "<>=^");
	}
	skip_any(&s, "+-");
	skip_any(&s, "#");
	sure |= *s == '0' && s[1] >= '0' && s[1] <= '9';
	s += strspn(s, "0123456789");
	sure |= skip_any(&s, ",");
	if (skip_any(&s, ".")) {
		size_t digits = strspn(s, "0123456789");

		if (!digits)
			return TEMPLATE_TEXT;
		s += digits;
		sure |= *s && strchr("eEfFgG%", *s) != NULL;
	}
	sure |= s > spec && *s && strchr("dxXobcs", *s) != NULL;
	skip_any(&s, "bcdeEfFgGnosxX%");
	if (s != end || s == spec)
		return TEMPLATE_TEXT;
	return sure ? TEMPLATE_FORMAT : TEMPLATE_MAYBE_FORMAT;
}

/* What begins with the identifier behind a brace, of which `len` characters are known. */
static enum template_type judge(const char *name, size_t len, size_t *raw_len)
{
	const char *end = name + len;
	const char *close = strpbrk(end, "{}\n");

	if (!len)
		return TEMPLATE_TEXT;
	if (*end == '}') {
		*raw_len = len + 2;
		return TEMPLATE_NAME;
	}
	if (!close || *close != '}')
		return TEMPLATE_TEXT;
	*raw_len = (size_t)(close - name) + 2;
	if (*end == '!' && end[1] && strchr("rsa", end[1]) && (end + 2 == close || end[2] == ':'))
		return TEMPLATE_FORMAT;
	return *end == ':' ? judge_format(end + 1, close) : TEMPLATE_TEXT;
}

/* `{{` or `}}` at `s`: one brace in commands, both elsewhere. */
static void double_brace(const struct template *template, struct template_piece *piece)
{
	piece->raw_len = 2;
	piece->len = template->braces ? 1 : 2;
}

static void open_brace(const struct template *template, struct template_piece *piece)
{
	const char *s = piece->raw;

	if (s[1] == '{') {
		double_brace(template, piece);
		return;
	}
	piece->type = judge(s + 1, template_identifier(s + 1), &piece->raw_len);
	if (piece->type == TEMPLATE_TEXT) {
		piece->raw_len = 1;
		return;
	}
	piece->text = s + 1;
	piece->len = template_identifier(s + 1);
}

/*
 * How much of `s` is the shell's: all of ${HOME} and ${a:-b}, and of one that holds braces itself
 * the beginning, since there may be placeholders in it. 0: nothing.
 */
static size_t shell_expansion(const char *s)
{
	size_t len;

	if (s[0] != '$' || s[1] != '{' || s[2] == '{')
		return 0;
	len = 2 + strcspn(s + 2, "{}");
	return s[len] == '}' ? len + 1 : 2;
}

bool template_next(struct template *template, struct template_piece *piece)
{
	const char *s = template->at;
	size_t expansion;

	if (!*s)
		return false;
	*piece = (struct template_piece){TEMPLATE_TEXT, s, 1, s, 1};
	expansion = shell_expansion(s);
	if (expansion)
		piece->len = piece->raw_len = expansion;
	else if (*s == '{')
		open_brace(template, piece);
	else if (*s == '}')
		s[1] == '}' ? double_brace(template, piece) : (void)0;
	else
		piece->len = piece->raw_len = 1 + strcspn(s + 1, "${}");
	template->at += piece->type == TEMPLATE_MAYBE_FORMAT ? 1 : piece->raw_len;
	return true;
}
