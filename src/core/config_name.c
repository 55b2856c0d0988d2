/* SPDX-License-Identifier: MIT */
/*
 * The rules for names; config_name.h says why there are any. How the name of a machine is taken
 * apart is transport/machine.c's.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/config_name.h"
#include "core/template.h"
#include "transport/machine.h"

#define LETTERS		  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS		  "0123456789"
#define NAME_MAX_LEN	  64
#define CONTAINER_MAX_LEN 255

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 32 || *s == 127)
			return true;
	return false;
}

/* Refuses a value; control characters in it are shown as '?'. */
static int refuse(struct error *err, const char *value, const char *what)
{
	char shown[200];
	size_t i = 0;

	for (; i < sizeof(shown) - 1 && value[i]; i++)
		shown[i] = (unsigned char)value[i] < 32 || value[i] == 127 ? '?' : value[i];
	shown[i] = '\0';
	return error_set(err, ERROR_USAGE, "'%s' is no %s", shown, what);
}

static bool is_made_of(const char *value, const char *letters, const char *not_first, size_t max)
{
	size_t len = strlen(value);

	return len && len <= max && !value[strspn(value, letters)] && !strchr(not_first, *value);
}

int config_check_process_name(const char *value, struct error *err)
{
	if (is_made_of(value, LETTERS DIGITS "_-.", "-.", NAME_MAX_LEN))
		return 0;
	return refuse(err, value,
		      "name for a process (1 to 64 letters, digits, '_', '-' and '.', beginning "
		      "with neither '-' nor '.')");
}

int config_check_session(const char *value, struct error *err)
{
	if (is_made_of(value, LETTERS DIGITS "_-", "-", NAME_MAX_LEN))
		return 0;
	return refuse(err, value,
		      "name for a tmux session (1 to 64 letters, digits, '_' and '-', not "
		      "beginning with '-')");
}

int config_check_socket(const char *value, struct error *err)
{
	if (is_made_of(value, LETTERS DIGITS "_-.", "-.", NAME_MAX_LEN))
		return 0;
	return refuse(err, value,
		      "name for a tmux socket (1 to 64 letters, digits, '_', '-' and '.', "
		      "beginning with neither '-' nor '.')");
}

int config_check_container(const char *value, struct error *err)
{
	if (is_made_of(value, LETTERS DIGITS "_-.", "_-.", CONTAINER_MAX_LEN))
		return 0;
	return refuse(err, value,
		      "name of a container (letters, digits, '_', '-' and '.', beginning with a "
		      "letter or a digit)");
}

int config_check_machine(const char *value, struct error *err)
{
	struct machine_name name;

	if (has_control(value) || strpbrk(value, "$\\") || strlen(value) > 512)
		return refuse(err, value,
			      "name of a machine (local, host, user@host, user@host:port, "
			      "[address]:port or ssh://user@host:port)");
	if (machine_name_parse(&name, value, err) < 0)
		return -1;
	machine_name_release(&name);
	return 0;
}

int config_check_cwd(const char *value, struct error *err)
{
	const char *slash = *value == '~' ? strchr(value, '/') : value;

	if (!*value || *value == '-' || has_control(value) ||
	    strpbrk(value, "$`;&|<>()\"'\\*?[]") || (slash && strchr(slash, '~')) ||
	    strlen(value) > 4000)
		return refuse(err, value,
			      "name of a folder (a path, or '~/path' in the user's home, without "
			      "anything that a shell would replace)");
	return 0;
}

int config_check_variant_name(const char *value, struct error *err)
{
	if (*value && *value != '-' && !has_control(value) && !strpbrk(value, "=: ") &&
	    strlen(value) <= 255)
		return 0;
	return refuse(err, value,
		      "name for a variant (without spaces, '=' and ':', not beginning with '-')");
}

int config_check_template(config_name_fn *check, const char *value, struct error *err)
{
	struct template template = TEMPLATE_INIT(value, false);
	struct template_piece piece;
	struct strbuf plain = STRBUF_INIT;
	int r;

	/* "1" may stand for a user, a host, a port and a part of any name. */
	while (template_next(&template, &piece)) {
		if (piece.type == TEMPLATE_NAME)
			strbuf_addch(&plain, '1');
		else if (piece.type == TEMPLATE_TEXT)
			strbuf_add(&plain, piece.text, piece.len);
	}
	r = check(plain.buf, err);
	if (r < 0 && strcmp(plain.buf, value) != 0)
		check(value, err); /* to show the value as it is written */
	strbuf_release(&plain);
	return r;
}
