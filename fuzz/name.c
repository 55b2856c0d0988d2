/* SPDX-License-Identifier: MIT */
/*
 * Names of machines: what is let through is only a name, and means the same when it is written out
 * again. The second line is a list of host patterns, compared with a matcher too simple to be wrong.
 */
#include "base/base.h"
#include "core/config_name.h"
#include "fuzz/fuzz.h"
#include "transport/hostname.h"
#include "transport/machine.h"

static void check_part(const char *part, const char *marks)
{
	CHECK(*part && *part != '-', "'%s'", part);
	for (; *part; part++)
		CHECK((unsigned char)*part >= 0x80 || isalnum((unsigned char)*part) ||
			      strchr(marks, *part),
		      "'%s'", part);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void check_name(const char *text)
{
	struct machine_name name, again;
	struct error err = ERROR_INIT;
	char *written;

	if (machine_name_parse(&name, text, &err)) {
		CHECK(err.code == ERROR_USAGE && *err.text, "'%s'", err.text);
		CHECK(config_check_machine(text, &err), "'%s' is refused by one alone", text);
		return;
	}
	if (!name.local) {
		check_part(name.host, "._-:%");
		CHECK(name.port >= 0 && name.port <= 65535, "port %d", name.port);
		if (name.user)
			check_part(name.user, "._-+@\\$%");
		written = xasprintf(name.port ? "%s%s[%s]:%d" : "%s%s[%s]",
				    name.user ? name.user : "", name.user ? "@" : "", name.host,
				    name.port);
		CHECK(!machine_name_parse(&again, written, &err), "%s", err.text);
		CHECK(same(name.user, again.user) && same(name.host, again.host) &&
			      name.port == again.port,
		      "'%s' is not '%s'", text, written);
		machine_name_release(&again);
		free(written);
	}
	machine_name_release(&name);
}

static bool matches(const char *name, const char *pattern, size_t len)
{
	if (!len)
		return !*name;
	if (*pattern == '*')
		return matches(name, pattern + 1, len - 1) ||
		       (*name && matches(name + 1, pattern, len));
	return *name && (*pattern == '?' || *pattern == *name) &&
	       matches(name + 1, pattern + 1, len - 1);
}

static bool is_in(const char *name, const char *list)
{
	bool found = false;

	while (*list) {
		bool negated = *list == '!';
		size_t len = strcspn(list += negated, ",");

		if (matches(name, list, len) && negated)
			return false;
		found = found || matches(name, list, len);
		list += len + (list[len] == ',');
	}
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	char *name = fuzz_line(&input), *list = fuzz_line(&input);
	size_t stars = 0;

	check_name(name);
	hostname_lower(name);
	hostname_lower(list);
	/* The simple matcher takes time that explodes with the number of stars. */
	for (const char *s = list; *s; s++)
		stars += *s == '*';
	if (strlen(name) < 16 && strlen(list) < 1000 && stars < 5)
		CHECK(hostname_is_in(name, list) == is_in(name, list), "'%s' in '%s'", name, list);
	else
		hostname_is_in(name, list);
	free(name);
	free(list);
	return 0;
}
