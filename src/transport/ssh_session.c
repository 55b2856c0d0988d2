/* SPDX-License-Identifier: MIT */
/*
 * One libssh session on one socket: its options, the key exchange, moving bytes, its end. libssh is
 * given a connected socket and an event of its own, and none of the waiting is left to it.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

#define PUMPS 16 /* reads of libssh in one go: 4 KB each */

/* The fastest first. */
static const char default_ciphers[] =
	"aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,"
	"aes256-ctr,aes192-ctr,aes128-ctr";
/* Without sntrup761, which costs 75 ms a login. */
static const char default_kex[] =
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
	"ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
	"diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256";

static void set_list(struct ssh *ssh, enum ssh_options_e option, const char *name, const char *wish,
		     const char *otherwise)
{
	if (wish && !ssh_options_set(ssh->session, option, wish))
		return;
	if (wish)
		log_warning("'%s': libssh knows none of %s '%s'", ssh->connection->machine, name,
			    wish);
	if (otherwise)
		ssh_options_set(ssh->session, option, otherwise);
}

static void set_options(struct ssh *ssh)
{
	struct ssh_settings *s = &ssh->settings;
	char *types = ssh_host_key_types(ssh);
	bool no = false;

	/* First of all: else ssh_connect() would read the user's files over all that follows. */
	ssh_options_set(ssh->session, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(ssh->session, SSH_OPTIONS_HOST, s->host);
	ssh_options_set(ssh->session, SSH_OPTIONS_PORT, &s->port);
	ssh_options_set(ssh->session, SSH_OPTIONS_USER, s->user);
	ssh_options_set(ssh->session, SSH_OPTIONS_FD, &ssh->fd);
	/* Host keys are checked here; libssh would read long files again for each machine. */
	ssh_options_set(ssh->session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	set_list(ssh, SSH_OPTIONS_CIPHERS_C_S, "Ciphers", s->ciphers, default_ciphers);
	set_list(ssh, SSH_OPTIONS_CIPHERS_S_C, "Ciphers", s->ciphers, default_ciphers);
	set_list(ssh, SSH_OPTIONS_HMAC_C_S, "MACs", s->macs, NULL);
	set_list(ssh, SSH_OPTIONS_HMAC_S_C, "MACs", s->macs, NULL);
	set_list(ssh, SSH_OPTIONS_KEY_EXCHANGE, "KexAlgorithms", s->kex, default_kex);
	set_list(ssh, SSH_OPTIONS_HOSTKEYS, "HostKeyAlgorithms", s->host_key_algorithms, types);
	set_list(ssh, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, "PubkeyAcceptedAlgorithms",
		 s->pubkey_algorithms, NULL);
	free(types);
}

/* What a machine asks of us, channels above all. libssh would keep each, unanswered, in a list. */
static int refuse(ssh_session session, ssh_message message, void *data)
{
	(void)session;
	(void)message;
	(void)data;
	return 1;
}

int ssh_session_begin(struct ssh *ssh)
{
	char reason[256];
	int rc;

	ssh->session = ssh_new();
	ssh->event = ssh_event_new();
	if (!ssh->session || !ssh->event)
		BUG("libssh has no memory");
	set_options(ssh);
	ssh_set_blocking(ssh->session, 0);
	ssh_set_message_callback(ssh->session, refuse, NULL);
	ssh_guard(ssh);
	rc = ssh_connect(ssh->session);
	/* Before the first call libssh has no socket that the event could watch. */
	if (rc != SSH_ERROR && ssh_event_add_session(ssh->event, ssh->session))
		rc = SSH_ERROR;
	ssh_unguard(ssh);
	if (rc != SSH_ERROR)
		return 0;
	ssh_try_failed(ssh, ssh_reason(ssh, reason, sizeof(reason)));
	return -1;
}

int ssh_pump(struct ssh *ssh)
{
	int rc = SSH_OK;

	for (int i = 0; i < PUMPS && rc == SSH_OK; i++)
		rc = ssh_event_dopoll(ssh->event, 0);
	return rc == SSH_ERROR || !ssh_is_connected(ssh->session) ? -1 : 0;
}

void ssh_step_kex(struct ssh *ssh)
{
	char reason[256];
	int rc;

	ssh_guard(ssh);
	ssh_pump(ssh); /* whether it failed, ssh_connect() tells better */
	rc = ssh_connect(ssh->session);
	ssh_unguard(ssh);
	if (rc == SSH_AGAIN)
		return;
	if (rc == SSH_ERROR) {
		ssh_reason(ssh, reason, sizeof(reason));
		if (strstr(reason, "kex error"))
			ssh_fail(ssh, "no common way of encryption: %s", reason);
		else
			ssh_try_failed(ssh, reason);
		return;
	}
	/* libssh has made it blocking: a cut wire would freeze the whole program in send(). */
	fcntl(ssh->fd, F_SETFL, fcntl(ssh->fd, F_GETFL) | O_NONBLOCK);
	if (ssh_check_host_key(ssh))
		return;
	ssh_set_state(ssh, LOGIN_AUTH);
	ssh_auth_begin(ssh);
}

void ssh_session_end(struct ssh *ssh)
{
	loop_watch_remove(ssh->watch);
	ssh->watch = NULL;
	ssh_auth_free(ssh);
	ssh_guard(ssh);
	if (ssh->event) {
		if (ssh->session)
			ssh_event_remove_session(ssh->event, ssh->session);
		ssh_event_free(ssh->event);
	}
	if (ssh->session) {
		if (ssh_is_connected(ssh->session))
			ssh_disconnect(ssh->session);
		ssh_free(ssh->session);
	}
	ssh_unguard(ssh);
	ssh->event = NULL;
	ssh->session = NULL;
	child_close(&ssh->fd);
	child_hang_up(&ssh->proxy);
	child_abandon(ssh->transport, &ssh->proxy);
}
