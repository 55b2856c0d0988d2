/* SPDX-License-Identifier: MIT */
/*
 * ServerAliveInterval: a machine that has said nothing for so long is asked whether it is there, and
 * given up after ServerAliveCountMax questions without an answer. TCP notices a dead wire by itself
 * (see ssh_connect.c); this notices a machine whose kernel lives and whose sshd does not.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

#define COUNT_MAX 3

static int64_t interval_ms(const struct ssh *ssh)
{
	return ssh->settings.alive_interval > 0 ? (int64_t)ssh->settings.alive_interval * 1000 : 0;
}

void ssh_heard(struct ssh *ssh)
{
	ssh->heard_ms = loop_now_ms();
	ssh->alive_missed = 0;
}

int64_t ssh_alive_due_ms(const struct ssh *ssh)
{
	int64_t interval = interval_ms(ssh);

	return interval ? ssh->heard_ms + interval * (ssh->alive_missed + 1) : 0;
}

void ssh_step_alive(struct ssh *ssh)
{
	int max = ssh->settings.alive_count >= 0 ? ssh->settings.alive_count : COUNT_MAX;
	int64_t due = ssh_alive_due_ms(ssh);

	if (!due || loop_now_ms() < due)
		return;
	if (ssh->alive_missed++ >= max) {
		ssh_fail_with(ssh, ERROR_UNREACHABLE,
			      "connection to '%s' lost: it has not answered for %d s",
			      ssh->connection->machine,
			      ssh->settings.alive_interval * ssh->alive_missed);
		return;
	}
	/* libssh sends nothing at every second call. */
	ssh_send_keepalive(ssh->session);
	ssh_send_keepalive(ssh->session);
}
