/* SPDX-License-Identifier: MIT */
/*
 * Prints what concert reads out of ssh_config for a host, in the manner of `ssh -G`, so that
 * t/012-ssh-config.t can compare the two: ssh_config FILE HOST [USER [PORT]]. With FILE "-", the
 * user's and the system's files.
 */
#include "base/base.h"
#include <sys/socket.h>
#include "transport/ssh_config.h"

static void print(const char *key, const char *value)
{
	if (value)
		printf("%s %s\n", key, value);
}

static void print_list(const char *key, const struct strvec *list)
{
	for (size_t i = 0; i < list->nr; i++)
		printf("%s %s\n", key, list->v[i]);
}

static void print_number(const char *key, int value)
{
	if (value >= 0)
		printf("%s %d\n", key, value);
}

static void print_bool(const char *key, int value)
{
	if (value >= 0)
		printf("%s %s\n", key, value ? "yes" : "no");
}

static void print_all(const struct ssh_settings *s)
{
	static const char *const strict[] = {"true", "ask", "accept-new", "false"};

	print("hostname", s->host);
	print("user", s->user);
	print_number("port", s->port);
	print_list("identityfile", &s->identity_files);
	print_list("certificatefile", &s->certificate_files);
	print_bool("identitiesonly", s->identities_only);
	print("identityagent", s->identity_agent);
	print("proxyjump", s->proxy_jump);
	print("proxycommand", s->proxy_command);
	print_number("connecttimeout", s->connect_timeout);
	print_number("serveraliveinterval", s->alive_interval);
	print_number("serveralivecountmax", s->alive_count);
	print_list("userknownhostsfile", &s->user_known_hosts);
	print_list("globalknownhostsfile", &s->global_known_hosts);
	print("stricthostkeychecking", strict[s->strict]);
	print("hostkeyalias", s->host_key_alias);
	print("addressfamily", s->family == AF_INET    ? "inet"
			       : s->family == AF_INET6 ? "inet6"
						       : "any");
	print("bindaddress", s->bind_address);
	print("preferredauthentications", s->preferred);
	print_bool("batchmode", s->batch);
	print_bool("passwordauthentication", s->password);
	print_bool("hashknownhosts", s->hash_known_hosts);
	print_number("numberofpasswordprompts", s->prompts);
	if (s->needs_ssh)
		puts("needs ssh");
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	struct ssh_settings settings;
	struct ssh_config config;
	int rc;

	if (argc < 3)
		return 2;
	ssh_config_init(&config, strcmp(argv[1], "-") ? argv[1] : NULL);
	rc = ssh_settings_read(&settings, &config, argv[2], argc > 3 && *argv[3] ? argv[3] : NULL,
			       argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0, &err);
	if (rc)
		printf("error %s\n", err.text);
	else
		print_all(&settings);
	ssh_settings_release(&settings);
	ssh_config_release(&config);
	return rc ? 1 : 0;
}
