/* SPDX-License-Identifier: MIT */
/*
 * Writing to a pipe or socket whose reader is gone, without the signal that would end the program
 * that the library is part of, and without touching that program's signal handlers.
 */
#ifndef TRANSPORT_SIGPIPE_H
#define TRANSPORT_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sigpipe {
	sigset_t before;
	bool was_pending;
};

/* Between the two, a write to a closed pipe fails with EPIPE and nothing more. Do not nest. */
void sigpipe_block(struct sigpipe *guard);
void sigpipe_restore(const struct sigpipe *guard);

#endif
