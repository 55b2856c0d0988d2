/* SPDX-License-Identifier: MIT */
/*
 * Names of machines. What is let through is deliberately narrow: a name may end up in a
 * ProxyCommand, which a shell reads, and in messages.
 */
#include "base/base.h"
#include "transport/machine.h"

static bool good_user(const char *user)
{
	if (!*user || *user == '-')
		return false;
	for (; *user; user++)
		if (!isalnum((unsigned char)*user) && !strchr("._-+@\\$%", *user) &&
		    (unsigned char)*user < 128)
			return false;
	return true;
}

static bool good_host(const char *host)
{
	if (!*host || *host == '-' || strlen(host) > 255)
		return false;
	for (; *host; host++)
		if (!isalnum((unsigned char)*host) && !strchr("._-:%", *host) &&
		    (unsigned char)*host < 128)
			return false;
	return true;
}

static int parse_port(const char *text)
{
	char *end;
	long port;

	if (!isdigit((unsigned char)*text))
		return -1;
	port = strtol(text, &end, 10);
	return *end || port < 1 || port > 65535 ? -1 : (int)port;
}

/* Takes host and port out of `rest`, which it changes. A bare IPv6 address has several colons. */
static int split_host(struct machine_name *name, char *rest)
{
	char *colon;

	if (*rest == '[') {
		char *end = strchr(rest, ']');

		if (!end || (end[1] && end[1] != ':'))
			return -1;
		colon = end[1] ? end + 1 : NULL;
		*end = '\0';
		rest++;
	} else {
		colon = strchr(rest, ':');
		if (colon && strchr(colon + 1, ':'))
			colon = NULL;
	}
	if (colon) {
		*colon = '\0';
		name->port = parse_port(colon + 1);
	}
	name->host = xstrdup(rest);
	return name->port < 0 || !good_host(rest) ? -1 : 0;
}

static int split_name(struct machine_name *name, const char *text)
{
	char *copy, *rest, *at;
	int rc = 0;

	if (!strncasecmp(text, "ssh://", 6))
		text += 6;
	rest = copy = xstrdup(text);
	if (text[0] && text[strlen(text) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	at = strrchr(rest, '@');
	if (at) {
		*at = '\0';
		name->user = xstrdup(rest);
		rc = good_user(name->user) ? 0 : -1;
		rest = at + 1;
	}
	if (!rc)
		rc = split_host(name, rest);
	free(copy);
	return rc;
}

int machine_name_parse(struct machine_name *name, const char *text, struct error *err)
{
	*name = (struct machine_name)MACHINE_NAME_INIT;
	if (!text || !strcmp(text, "local") || !strcmp(text, "localhost")) {
		name->local = true;
		return 0;
	}
	if (!split_name(name, text))
		return 0;
	machine_name_release(name);
	return error_set(err, ERROR_USAGE,
			 "'%.300s' is not the name of a machine (local, host, user@host, "
			 "user@host:port, [address]:port or ssh://user@host:port)",
			 text);
}

void machine_name_release(struct machine_name *name)
{
	free(name->user);
	free(name->host);
	*name = (struct machine_name)MACHINE_NAME_INIT;
}
