/* SPDX-License-Identifier: MIT */
/*
 * SSH, not there yet: every login fails.
 */
#include "base/base.h"
#include "transport/internal.h"
#include "transport/ssh.h"

void ssh_shared_free(struct ssh_shared *shared)
{
	(void)shared;
}

void ssh_postpone(struct ssh *ssh, int64_t ms)
{
	(void)ssh;
	(void)ms;
}

static void ssh_open(struct connection *connection)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_UNREACHABLE, "cannot log in to '%s': ssh is not there yet",
		  connection->machine);
	connection_went_down(connection, &err);
}

static void ssh_close(struct connection *connection)
{
	(void)connection;
}

const struct backend ssh_backend = {.open = ssh_open, .close = ssh_close};
