/* SPDX-License-Identifier: MIT */
/*
 * Child processes: started with clean signals in a process group of their own, reaped without a
 * SIGCHLD handler (the program that the library is part of may have its own).
 */
#ifndef TRANSPORT_CHILD_H
#define TRANSPORT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>
#include "base/error.h"

struct transport;

struct child {
	pid_t pid;	  /* 0: none */
	int in, out, err; /* this side's ends, non-blocking; -1 once closed. With a pty only `out`,
			     which is also written to */
	bool exited;
	int status; /* waitpid's, once exited */
	struct child *next;
};

#define CHILD_INIT                                                                                 \
	{                                                                                          \
		.in = -1, .out = -1, .err = -1                                                     \
	}

struct child_options {
	const char *const *argv; /* argv[0] is an absolute path */
	const char *pty_term;	 /* a pty with this TERM; NULL: pipes */
	int rows, columns;
	int socket; /* not 0: standard input and output are this descriptor, and no pipe is made */
	bool quiet; /* standard error goes nowhere */
};

/* Starts it. Returns 0, or -1 with `err`. */
int child_spawn(struct child *child, const struct child_options *options, struct error *err);
void child_resize(const struct child *child, int rows, int columns);
/* Looks whether it has ended; true if it has, now or before. */
bool child_reap(struct child *child);
void child_close(int *fd); /* closes, and sets -1 */
/* Tells it to end, by SIGHUP, if it has not. */
void child_hang_up(struct child *child);
/* Closes its descriptors and lets it run; it is reaped whenever it ends. */
void child_abandon(struct transport *transport, struct child *child);

/* The transport's timer, and its end. */
void child_reap_leftovers(void *transport);
void child_forget_leftovers(struct transport *transport);

#endif
