/* SPDX-License-Identifier: MIT */
/*
 * The machines of a concert: each is logged in to once, at the first need, and kept for the calls
 * that follow. A machine that was lost may be tried again, at growing intervals.
 */
#ifndef CORE_FLEET_H
#define CORE_FLEET_H

#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"
#include "base/strmap.h"
#include "target/target.h"
#include "transport/transport.h"

struct concert;

struct fleet_options {
	struct transport_options transport;
	const char *tmux_socket;
	int log_keep;
	int64_t log_max_bytes;
};

struct machine {
	struct fleet *fleet;
	const char *name; /* "local", or as the configuration spells it */
	bool local;
	struct connection *connection;
	struct target *target;
	bool was_up; /* it has been logged in to during the present call */
	int losses;  /* how often it was lost or could not be had again since then */
	int64_t up_since_ms;
};

struct fleet;

struct fleet *fleet_new(struct concert *concert, const struct fleet_options *options);
void fleet_free(struct fleet *fleet); /* NULL is allowed */

/* Begins a new call: forgets the losses of the one before. */
void fleet_begin(struct fleet *fleet);

/* The machine of that name, made if it is new. NULL with `err` if no machine can have that name. */
struct machine *fleet_get(struct fleet *fleet, const char *name, struct error *err);

/*
 * How long to wait until what failed with ERROR_UNREACHABLE may be asked again, in ms; -1 if it
 * has been tried `retries` times, or the machine was never reached at all.
 */
int64_t machine_retry_ms(const struct machine *machine, int retries);

#endif
