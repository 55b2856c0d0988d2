/* SPDX-License-Identifier: MIT */
/*
 * Quoting for POSIX sh. Its contract is in shell.h. Single quotes are the one form in which
 * nothing is special but the quote itself, in every shell that is a sh.
 */
#include "base/base.h"
#include "base/strvec.h"
#include "target/shell.h"

static void quote_mem(struct strbuf *sb, const char *s, size_t len)
{
	const char *end = s + len, *next;

	strbuf_addch(sb, '\'');
	for (; (next = memchr(s, '\'', (size_t)(end - s))); s = next + 1) {
		strbuf_add(sb, s, (size_t)(next - s));
		strbuf_addstr(sb, "'\\''");
	}
	strbuf_add(sb, s, (size_t)(end - s));
	strbuf_addch(sb, '\'');
}

void shell_quote(struct strbuf *sb, const char *s)
{
	quote_mem(sb, s, strlen(s));
}

void shell_assign(struct strbuf *sb, const char *name, const char *value)
{
	strbuf_addf(sb, "%s=", name);
	shell_quote(sb, value ? value : "");
	strbuf_addch(sb, '\n');
}

void shell_assign_int(struct strbuf *sb, const char *name, int64_t value)
{
	strbuf_addf(sb, "%s=%" PRId64 "\n", name, value);
}

void shell_assign_words(struct strbuf *sb, const char *name, const char *s)
{
	struct strbuf list = STRBUF_INIT;
	const char *space = " \t\n\r\f\v";

	for (s += strspn(s, space); *s; s += strspn(s, space)) {
		size_t len = strcspn(s, space);

		if (list.len)
			strbuf_addch(&list, ' ');
		quote_mem(&list, s, len);
		s += len;
	}
	shell_assign(sb, name, list.buf);
	strbuf_release(&list);
}

void shell_printer(struct strbuf *sb, const char *function, const char *text, const char *mark,
		   const char *expansion)
{
	const char *next;

	strbuf_addf(sb, "%s() {\nprintf %%s ", function);
	for (; mark && (next = strstr(text, mark)); text = next + strlen(mark)) {
		quote_mem(sb, text, (size_t)(next - text));
		strbuf_addf(sb, "\"$%s\"", expansion);
	}
	shell_quote(sb, text);
	strbuf_addstr(sb, "\n}\n");
}

bool shell_is_name(const char *s)
{
	size_t len = strcspn(s, "=");

	if (!len || isdigit((unsigned char)*s))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return true;
}

void shell_export(struct strbuf *sb, const char *assignment)
{
	const char *equals = strchr(assignment, '=');

	if (!equals || !shell_is_name(assignment))
		return;
	strbuf_addstr(sb, "export ");
	strbuf_add(sb, assignment, (size_t)(equals + 1 - assignment));
	shell_quote(sb, equals + 1);
	strbuf_addch(sb, '\n');
}

void shell_cd(struct strbuf *sb, const char *dir)
{
	strbuf_addstr(sb, "cd -- ");
	if (*dir == '~' && (!dir[1] || dir[1] == '/')) {
		strbuf_addstr(sb, "\"$HOME\"");
		dir++;
	}
	shell_quote(sb, dir);
	strbuf_addstr(sb, " || exit\n");
}
