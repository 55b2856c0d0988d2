/* SPDX-License-Identifier: MIT */
/*
 * A tmux session in which each pane runs a program of the caller's: what a dashboard is made of.
 * Which panes there are, and what they run, is not decided here.
 */
#ifndef TARGET_DASHBOARD_H
#define TARGET_DASHBOARD_H

#include "base/strbuf.h"
#include "target/target.h"

/* What shall be in it, built by the calls below. */
struct dashboard_plan {
	struct strbuf text; /* for the script */
	size_t nr_panes;
};

void dashboard_plan_init(struct dashboard_plan *plan);
void dashboard_plan_release(struct dashboard_plan *plan);

/* Begins a window; the panes that follow are tiled in it. */
void dashboard_add_window(struct dashboard_plan *plan, const char *name);
/* A pane that runs `command` (ends in a NULL) again and again. */
void dashboard_add_pane(struct dashboard_plan *plan, const char *title, const char *const *command);
/* The same, last: above all others in the first window, `rows` high. */
void dashboard_add_top(struct dashboard_plan *plan, int rows, const char *title,
		       const char *const *command);

struct target_dashboard {
	const char *name; /* of the session */
	const char
		*config; /* whose it is: a session of that name and of another one is left alone */
	const struct dashboard_plan *plan;
	int rows, columns;
};

/* `made`: it was not there, or showed something else. `server`: the pid of the tmux server. */
struct target_job *target_make_dashboard(
	struct target *target, const struct target_dashboard *dashboard,
	void (*done)(bool made, int64_t server, const struct error *err, void *data), void *data);

#endif
