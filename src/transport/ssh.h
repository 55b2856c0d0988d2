/* SPDX-License-Identifier: MIT */
/*
 * What the common part knows of the SSH backend: what all its connections share, and that a login
 * can be given more time.
 */
#ifndef TRANSPORT_SSH_H
#define TRANSPORT_SSH_H

#include <stdint.h>

struct ssh;
struct ssh_shared;

/* Keys, known hosts, the agent, jump hosts. NULL is allowed. */
void ssh_shared_free(struct ssh_shared *shared);
/* The user was asked something for `ms` milliseconds: the login's deadline moves by as much. */
void ssh_postpone(struct ssh *ssh, int64_t ms);

#endif
