/* SPDX-License-Identifier: MIT */
/*
 * The signal goes to the thread that writes; it is blocked there, and taken back if it came.
 */
#include "base/base.h"
#include "transport/sigpipe.h"

static bool is_pending(void)
{
	sigset_t pending;

	sigemptyset(&pending);
	sigpending(&pending);
	return sigismember(&pending, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe *guard)
{
	sigset_t pipe_only;

	guard->was_pending = is_pending();
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->before);
}

void sigpipe_restore(const struct sigpipe *guard)
{
	int saved = errno, sig;

	if (!guard->was_pending && is_pending()) {
		sigset_t pipe_only;

		sigemptyset(&pipe_only);
		sigaddset(&pipe_only, SIGPIPE);
		sigwait(&pipe_only, &sig);
	}
	pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
	errno = saved;
}
