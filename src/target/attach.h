/* SPDX-License-Identifier: MIT */
/*
 * A process's own tmux window on a terminal that the caller has: one question where the window is,
 * then one channel with a pty on which a tmux client shows it. The client has a session of its own,
 * grouped with the process's, so that nobody else's view moves; it is gone with the client.
 */
#ifndef TARGET_ATTACH_H
#define TARGET_ATTACH_H

#include "target/target.h"

struct target_view; /* a window that is shown */

struct target_attach {
	const char *session, *process;
	const char *term; /* the caller's TERM */
	int rows, columns;
	bool read_only;
};

enum target_view_end {
	VIEW_LEFT,   /* the user detached */
	VIEW_ENDED,  /* the session or the tmux server went away */
	VIEW_ABSENT, /* the process has no window */
	VIEW_FAILED, /* `err` says why: ERROR_UNREACHABLE, ERROR_CONFLICT, ERROR_FAILED */
};

struct target_view_handler {
	/* The window was found; output follows. `dead`: its process is over, the last screen is left. */
	void (*begun)(bool dead, void *data);
	void (*output)(const char *bytes, size_t len, void *data);
	/* Once, last; the view is gone when it returns. `err` is NULL but for VIEW_FAILED. */
	void (*done)(enum target_view_end end, const struct error *err, void *data);
};

/* Options are copied. Strings of `attach` must be names as the configuration checks them. */
struct target_view *target_attach(struct target *target, const struct target_attach *attach,
				  const struct target_view_handler *handler, void *data);

/* What the user typed. Returns the bytes that wait to be sent. Dropped before `begun`. */
size_t target_view_write(struct target_view *view, const void *bytes, size_t len);
void target_view_resize(struct target_view *view, int rows, int columns);
void target_view_pause(struct target_view *view, bool pause); /* holds the output back */

/* Leaves: nothing is called any more. NULL is allowed. Not from within its callbacks. */
void target_view_cancel(struct target_view *view);

#endif
