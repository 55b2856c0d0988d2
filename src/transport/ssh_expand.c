/* SPDX-License-Identifier: MIT */
/*
 * The percent tokens, ${NAME} and ~ of ssh_config.
 */
#include "base/base.h"
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include "base/strbuf.h"
#include "transport/ssh_config.h"

static const char *key_name(const struct ssh_settings *s)
{
	return s->host_key_alias ? s->host_key_alias : s->original;
}

static const char *host_name(const struct ssh_settings *s)
{
	return s->host ? s->host : s->original;
}

static void add_token(struct strbuf *out, const struct ssh_settings *s,
		      const struct ssh_config_user *user, char token)
{
	switch (token) {
	case '%':
		strbuf_addch(out, '%');
		break;
	case 'h':
		strbuf_addstr(out, host_name(s));
		break;
	case 'n':
		strbuf_addstr(out, s->original);
		break;
	case 'k':
		strbuf_addstr(out, key_name(s));
		break;
	case 'p':
		strbuf_addf(out, "%d", s->port > 0 ? s->port : 22);
		break;
	case 'r':
		strbuf_addstr(out, s->user ? s->user : user->name);
		break;
	case 'u':
		strbuf_addstr(out, user->name);
		break;
	case 'd':
		strbuf_addstr(out, user->home);
		break;
	case 'i':
		strbuf_addf(out, "%u", user->uid);
		break;
	case 'l':
		strbuf_addstr(out, user->local_host);
		break;
	case 'L':
		strbuf_add(out, user->local_host, strcspn(user->local_host, "."));
		break;
	case 'j':
		strbuf_addstr(out, s->proxy_jump ? s->proxy_jump : "");
		break;
	}
}

/* ${NAME}: an unset one is an error, as it is for ssh. Returns what follows it. */
static const char *add_variable(struct strbuf *out, const char *text, struct error *err)
{
	const char *end = strchr(text, '}'), *value;
	char *name;

	if (!end)
		end = text + strlen(text) - 1;
	name = xstrndup(text + 2, (size_t)(end - text - 2));
	value = getenv(name);
	if (value)
		strbuf_addstr(out, value);
	else
		error_set(err, ERROR_USAGE, "the variable '%s' is not set", name);
	free(name);
	return value ? end + 1 : NULL;
}

static const char *add_home(struct strbuf *out, const struct ssh_config_user *user,
			    const char *text, struct error *err)
{
	size_t len = strcspn(text, "/");
	struct passwd *pw;
	char *name;

	if (len == 1) {
		strbuf_addstr(out, user->home);
		return text + 1;
	}
	name = xstrndup(text + 1, len - 1);
	pw = getpwnam(name);
	if (pw)
		strbuf_addstr(out, pw->pw_dir);
	else
		error_set(err, ERROR_USAGE, "there is no user '%s'", name);
	free(name);
	return pw ? text + len : NULL;
}

char *ssh_expand(const struct ssh_settings *settings, const struct ssh_config_user *user,
		 const char *text, const char *allowed, struct error *err)
{
	struct strbuf out = STRBUF_INIT;
	const char *s = text;
	bool paths = strchr(allowed, '~') != NULL;

	if (paths && *s == '~')
		s = add_home(&out, user, s, err);
	while (s && *s) {
		if (*s == '%' && s[1] && strchr(allowed, s[1]) && s[1] != '~') {
			add_token(&out, settings, user, s[1]);
			s += 2;
		} else if (*s == '%') {
			error_set(err, ERROR_USAGE,
				  "'%s': '%.2s' is not a token that can stand here", text, s);
			s = NULL;
		} else if (paths && s[0] == '$' && s[1] == '{') {
			s = add_variable(&out, s, err);
		} else {
			strbuf_addch(&out, *s++);
		}
	}
	if (s)
		return strbuf_detach(&out);
	strbuf_release(&out);
	return NULL;
}

/* Within HostName itself, %h is the name as it was given. */
char *ssh_expand_host(const struct ssh_settings *settings, const struct ssh_config_user *user,
		      struct error *err)
{
	struct ssh_settings before = *settings;
	char *host;

	if (settings->host) {
		before.host = NULL;
		return ssh_expand(&before, user, settings->host, "%h", err);
	}
	host = xstrdup(settings->original);
	for (char *s = host; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	return host;
}
