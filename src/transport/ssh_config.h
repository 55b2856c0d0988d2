/* SPDX-License-Identifier: MIT */
/*
 * ssh_config, as OpenSSH reads it: Host and Match blocks, Include, quoting, tokens, first value
 * wins. Files are read once and kept; what holds for a machine is worked out for each. What this
 * reader cannot know (`Match exec`, CanonicalizeHostname, …) it says, so that `ssh -G` can be asked.
 */
#ifndef TRANSPORT_SSH_CONFIG_H
#define TRANSPORT_SSH_CONFIG_H

#include <stdbool.h>
#include "base/error.h"
#include "base/strmap.h"
#include "base/strvec.h"

enum host_key_checking {
	HOST_KEY_UNSET = -1,
	HOST_KEY_YES,	     /* unknown keys are refused */
	HOST_KEY_ASK,	     /* the user is asked about unknown keys */
	HOST_KEY_ACCEPT_NEW, /* unknown keys are taken and kept, changed ones refused */
	HOST_KEY_NO,	     /* unknown and changed keys are taken */
};

/* All that holds for one login. Strings are NULL, numbers -1 where nothing was said. */
struct ssh_settings {
	char *original; /* the name as the caller has it */
	char *host;	/* HostName, expanded */
	char *user;
	int port;
	struct strvec identity_files, certificate_files;
	bool default_identities; /* identity_files are ssh's own defaults */
	int identities_only;
	char *identity_agent;
	char *proxy_jump, *proxy_command; /* at most one of them; "none" is NULL */
	int connect_timeout;		  /* seconds */
	int alive_interval, alive_count;
	int tcp_keepalive;
	struct strvec user_known_hosts, global_known_hosts;
	int strict; /* enum host_key_checking */
	char *host_key_alias;
	int check_host_ip;
	int hash_known_hosts;
	int family; /* AF_… */
	char *bind_address;
	char *ciphers, *kex, *macs, *host_key_algorithms, *pubkey_algorithms;
	char *preferred;
	int batch, pubkey, password, kbdint, prompts;
	char *canonicalize, *ignore_unknown;
	bool needs_ssh; /* the files use what only ssh itself can work out */
	bool wants_final;
};

/* What `ssh_settings_read` needs to know beside the files. */
struct ssh_config_user {
	char *name, *home;
	unsigned uid;
	char *local_host; /* gethostname */
};

struct ssh_config {
	struct ssh_config_user user;
	char *only;	     /* as ssh -F: this file and no other; NULL: the usual two */
	struct strmap files; /* path → struct config_file */
};

/* The user is that of the passwd entry, as with OpenSSH. `only` may be NULL. */
void ssh_config_init(struct ssh_config *config, const char *only);
void ssh_config_release(struct ssh_config *config);

/*
 * Works out what holds for `host`. `user` (may be NULL) and `port` (0) go before anything that the
 * files say. Returns 0 or -1 with ERROR_USAGE, the text beginning with FILE:LINE.
 * Either way `settings` is to be released.
 */
int ssh_settings_read(struct ssh_settings *settings, struct ssh_config *config, const char *host,
		      const char *user, int port, struct error *err);

/*
 * The same from what `ssh -G` printed. The lists of algorithms stay as `settings` has them: ssh
 * prints its own defaults there, which are not the user's wish.
 */
int ssh_settings_take(struct ssh_settings *settings, struct ssh_config *config, const char *text,
		      struct error *err);
void ssh_settings_release(struct ssh_settings *settings);

/*
 * Replaces a leading ~, ${NAME} and the tokens of ssh_config(5) that `allowed` lists ("hpr").
 * Returns the text (the caller's), or NULL with `err`.
 */
char *ssh_expand(const struct ssh_settings *settings, const struct ssh_config_user *user,
		 const char *text, const char *allowed, struct error *err);

/* HostName, expanded; without one, the host's name in lower case. NULL with `err`. */
char *ssh_expand_host(const struct ssh_settings *settings, const struct ssh_config_user *user,
		      struct error *err);

#endif
