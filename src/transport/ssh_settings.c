/* SPDX-License-Identifier: MIT */
/*
 * The settings of one login before and after the files were read: nothing said, and defaults filled
 * in, tokens expanded.
 */
#include "base/base.h"
#include <sys/socket.h>
#include "transport/ssh_config_file.h"

void ssh_settings_init(struct ssh_settings *settings)
{
	*settings = (struct ssh_settings){
		.port = -1,
		.identity_files = STRVEC_INIT,
		.certificate_files = STRVEC_INIT,
		.identities_only = -1,
		.connect_timeout = -1,
		.alive_interval = -1,
		.alive_count = -1,
		.tcp_keepalive = -1,
		.user_known_hosts = STRVEC_INIT,
		.global_known_hosts = STRVEC_INIT,
		.strict = HOST_KEY_UNSET,
		.check_host_ip = -1,
		.hash_known_hosts = -1,
		.family = -1,
		.batch = -1,
		.pubkey = -1,
		.password = -1,
		.kbdint = -1,
		.prompts = -1,
	};
}

static void drop_none(char **value)
{
	if (*value && !strcasecmp(*value, "none")) {
		free(*value);
		*value = NULL;
	}
}

/* Expands one string in place; the error names which. */
static int expand(struct ssh_settings *settings, const struct ssh_config *config, char **value,
		  const char *allowed, struct error *err)
{
	char *text;

	if (!*value)
		return 0;
	text = ssh_expand(settings, &config->user, *value, allowed, err);
	if (!text)
		return -1;
	free(*value);
	*value = text;
	return 0;
}

static int expand_all(struct ssh_settings *settings, const struct ssh_config *config,
		      struct strvec *list, struct error *err)
{
	for (size_t i = 0; i < list->nr; i++)
		if (expand(settings, config, &list->v[i], "~%dhijkLlnpru", err))
			return -1;
	return 0;
}

static void add_defaults(struct ssh_settings *settings)
{
	static const char *const keys[] = {"~/.ssh/id_rsa",	   "~/.ssh/id_ecdsa",
					   "~/.ssh/id_ecdsa_sk",   "~/.ssh/id_ed25519",
					   "~/.ssh/id_ed25519_sk", "~/.ssh/id_xmss",
					   "~/.ssh/id_dsa",	   NULL};
	static const char *const user[] = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2", NULL};
	static const char *const global[] = {"/etc/ssh/ssh_known_hosts",
					     "/etc/ssh/ssh_known_hosts2", NULL};

	if (!settings->identity_files.nr) {
		strvec_push_all(&settings->identity_files, keys);
		settings->default_identities = true;
	}
	if (!settings->user_known_hosts.nr)
		strvec_push_all(&settings->user_known_hosts, user);
	if (!settings->global_known_hosts.nr)
		strvec_push_all(&settings->global_known_hosts, global);
	if (settings->port < 0)
		settings->port = 22;
	if (settings->strict == HOST_KEY_UNSET)
		settings->strict = HOST_KEY_ASK;
	if (settings->family < 0)
		settings->family = AF_UNSPEC;
}

/* The order matters: later expansions use what earlier ones made. */
int ssh_settings_finish(struct ssh_settings *settings, const struct ssh_config *config,
			struct error *err)
{
	char *host;

	add_defaults(settings);
	drop_none(&settings->proxy_jump);
	drop_none(&settings->proxy_command);
	host = ssh_expand_host(settings, &config->user, err);
	if (!host)
		return -1;
	free(settings->host);
	settings->host = host;
	if (!settings->user)
		settings->user = xstrdup(config->user.name);
	/* $NAME is a variable's name as a whole, and looked up where the agent is. */
	if (settings->identity_agent && settings->identity_agent[0] != '$' &&
	    expand(settings, config, &settings->identity_agent, "~%dhijkLlnpru", err))
		return -1;
	if (expand_all(settings, config, &settings->identity_files, err) ||
	    expand_all(settings, config, &settings->certificate_files, err) ||
	    expand_all(settings, config, &settings->user_known_hosts, err))
		return -1;
	return expand(settings, config, &settings->proxy_command, "%hnpr", err);
}

void ssh_settings_release(struct ssh_settings *settings)
{
	char *const strings[] = {
		settings->original,
		settings->host,
		settings->user,
		settings->identity_agent,
		settings->proxy_jump,
		settings->proxy_command,
		settings->host_key_alias,
		settings->bind_address,
		settings->ciphers,
		settings->kex,
		settings->macs,
		settings->host_key_algorithms,
		settings->preferred,
		settings->canonicalize,
		settings->pubkey_algorithms,
		settings->ignore_unknown,
	};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		free(strings[i]);
	strvec_release(&settings->identity_files);
	strvec_release(&settings->certificate_files);
	strvec_release(&settings->user_known_hosts);
	strvec_release(&settings->global_known_hosts);
	ssh_settings_init(settings);
}
