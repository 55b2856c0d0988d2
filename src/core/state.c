/* SPDX-License-Identifier: MIT */
/*
 * States, and their names. The tables stand in the order of the enums of concert.h.
 */
#include "base/base.h"
#include "core/state.h"

static const char *const state_names[] = {
	[CONCERT_STATE_STOPPED] = "stopped",   [CONCERT_STATE_WAITING] = "waiting",
	[CONCERT_STATE_SKIPPED] = "skipped",   [CONCERT_STATE_STARTING] = "starting",
	[CONCERT_STATE_RUNNING] = "running",   [CONCERT_STATE_READY] = "ready",
	[CONCERT_STATE_STOPPING] = "stopping", [CONCERT_STATE_EXITED] = "exited",
	[CONCERT_STATE_FAILED] = "failed",     [CONCERT_STATE_ORPHANED] = "orphaned",
	[CONCERT_STATE_CONFLICT] = "conflict", [CONCERT_STATE_UNREACHABLE] = "unreachable",
};

static const char *const event_names[] = {
	[CONCERT_EVENT_CONNECT] = "connect", [CONCERT_EVENT_START] = "start",
	[CONCERT_EVENT_OUTPUT] = "output",   [CONCERT_EVENT_READY_CHECK] = "ready_check",
	[CONCERT_EVENT_READY] = "ready",     [CONCERT_EVENT_EXIT] = "exit",
	[CONCERT_EVENT_SKIP] = "skip",	     [CONCERT_EVENT_KILL] = "kill",
	[CONCERT_EVENT_ERROR] = "error",
};

static const char *const condition_names[] = {
	[CONCERT_CONDITION_READY] = "ready",
	[CONCERT_CONDITION_STARTED] = "started",
	[CONCERT_CONDITION_EXITED] = "exited",
	[CONCERT_CONDITION_SUCCEEDED] = "succeeded",
};

const char *concert_state_name(enum concert_state state)
{
	return (size_t)state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

const char *concert_event_type_name(enum concert_event_type type)
{
	return (size_t)type < ARRAY_SIZE(event_names) ? event_names[type] : "unknown";
}

const char *concert_condition_name(enum concert_condition condition)
{
	return (size_t)condition < ARRAY_SIZE(condition_names) ? condition_names[condition]
							       : "unknown";
}

bool concert_state_is_alive(enum concert_state state)
{
	return state == CONCERT_STATE_STARTING || state == CONCERT_STATE_RUNNING ||
	       state == CONCERT_STATE_READY || state == CONCERT_STATE_STOPPING ||
	       state == CONCERT_STATE_ORPHANED;
}

bool run_is_alive(const struct target_run *run)
{
	return run && (run->phase == RUN_LIVES || run->phase == RUN_STOPPING ||
		       run->phase == RUN_ORPHANED);
}

enum concert_state state_of_run(const struct target_run *run, bool checked)
{
	if (!run)
		return CONCERT_STATE_STOPPED;
	switch (run->phase) {
	case RUN_NONE:
	case RUN_STOPPED:
		return CONCERT_STATE_STOPPED;
	case RUN_LIVES:
		if (!checked)
			return CONCERT_STATE_RUNNING;
		if (run->ready_age_s >= 0)
			return CONCERT_STATE_READY;
		return run->never_ready ? CONCERT_STATE_FAILED : CONCERT_STATE_STARTING;
	case RUN_STOPPING:
		return CONCERT_STATE_STOPPING;
	case RUN_ENDED:
		return run->exit_status == 0 ? CONCERT_STATE_EXITED : CONCERT_STATE_FAILED;
	case RUN_ORPHANED:
		return CONCERT_STATE_ORPHANED;
	case RUN_VANISHED:
		return CONCERT_STATE_FAILED;
	case RUN_FOREIGN:
		return CONCERT_STATE_CONFLICT;
	}
	return CONCERT_STATE_FAILED;
}
