/* SPDX-License-Identifier: MIT */
/*
 * Letting go of libssh's channels, those above all that the machine has not answered for yet. libssh
 * would forget such a channel at once; the machine would open it all the same, and count it among
 * its MaxSessions until the logout. So it is kept until the answer comes, and closed then.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

struct ssh_orphan {
	struct ssh_orphan *next;
	ssh_channel handle;
};

static void close_channel(struct ssh *ssh, ssh_channel handle)
{
	ssh_guard(ssh);
	if (ssh_channel_is_open(handle))
		ssh_channel_close(handle);
	ssh_channel_free(handle);
	ssh_unguard(ssh);
}

void ssh_let_go(struct ssh *ssh, ssh_channel handle, bool opening)
{
	struct ssh_orphan *orphan;

	if (!opening || ssh->state != LOGIN_UP || ssh_channel_is_open(handle)) {
		close_channel(ssh, handle);
		return;
	}
	orphan = xcalloc(1, sizeof(*orphan));
	orphan->handle = handle;
	orphan->next = ssh->orphans;
	ssh->orphans = orphan;
}

/* One that the machine refused cannot be told from one that it has not answered for: it stays. */
void ssh_step_orphans(struct ssh *ssh)
{
	struct ssh_orphan **p = &ssh->orphans;

	while (*p) {
		struct ssh_orphan *orphan = *p;

		if (!ssh_channel_is_open(orphan->handle)) {
			p = &orphan->next;
			continue;
		}
		*p = orphan->next;
		close_channel(ssh, orphan->handle);
		free(orphan);
	}
}

void ssh_orphans_end(struct ssh *ssh)
{
	while (ssh->orphans) {
		struct ssh_orphan *orphan = ssh->orphans;

		ssh->orphans = orphan->next;
		close_channel(ssh, orphan->handle);
		free(orphan);
	}
}
