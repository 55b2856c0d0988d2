/* SPDX-License-Identifier: MIT */
/*
 * What stands behind the public `struct concert`: the configuration, the loop, the machines that
 * were logged in to, and the observer. The operations (run, kill, query) work on it one at a time.
 */
#ifndef CORE_HANDLE_H
#define CORE_HANDLE_H

#include <signal.h>
#include <stdbool.h>
#include "base/error.h"
#include "base/loop.h"
#include "concert.h"
#include "core/config.h"
#include "core/fleet.h"

struct concert {
	struct concert_observer observer;
	struct config *config;
	struct loop *loop;
	struct fleet *fleet;
	volatile sig_atomic_t interrupted;
	struct info *info; /* the public view of the configuration, see info.c */
};

/* Tells a diagnostic that is about no process. The first has the shape of a config_message_fn. */
void tell_text(enum concert_level level, const char *text, void *concert);
void tell_message(struct concert *concert, enum concert_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Tells `err` as an error message and returns the status that it stands for. */
enum concert_status tell_error(struct concert *concert, const struct error *err);

/* Fills in time and length and tells an event; `message` may be NULL. */
void tell_event(struct concert *concert, const struct concert_event *event);

/* The larger of two statuses. */
enum concert_status status_max(enum concert_status a, enum concert_status b);

/* The status that the failure `code` stands for. */
enum concert_status status_of_error(enum error_code code);

/*
 * Runs the loop until `over` says true. Returns CONCERT_OK then, or CONCERT_INTERRUPTED, or
 * CONCERT_DEADLINE once `deadline_ms` (from the call; 0: none) have passed.
 */
enum concert_status handle_drive(struct concert *concert, bool (*over)(void *data), void *data,
				 int64_t deadline_ms);

#endif
