/* SPDX-License-Identifier: MIT */
/*
 * From a spec to the requests of target.h.
 */
#include "base/base.h"
#include "core/order.h"

#define TERM_MS 5000 /* from TERM to KILL, as SPEC section 2 has it */

void order_start(struct target_start *start, const struct spec *spec)
{
	const struct config_process *process = spec->process;

	*start = (struct target_start){
		.session = process->session,
		.process = process->name,
		.container = spec->container,
		.engine = process->engine,
		.shell = process->shell,
		.setup = spec->setup,
		.cwd = spec->cwd,
		.cmd = spec->cmd,
		.env = (const char *const *)spec->env.v,
		.persistent = process->persistent,
		.ready_cmd = spec->ready_cmd,
		.ready_log = process->ready.log,
		.ready_interval_ms = process->ready.interval_ms,
		.ready_timeout_ms = process->ready.timeout_ms,
		.ready_deadline_ms = process->ready.deadline_ms,
		.variants = "",
		.params = "",
		.settings = "",
		.started_by = "",
	};
}

void order_stop(struct target_stop *stop, const struct spec *spec)
{
	const struct config_process *process = spec->process;

	*stop = (struct target_stop){
		.session = process->session,
		.process = process->name,
		.signal = process->stop.signal,
		.grace_ms = process->stop.grace_ms,
		.term_ms = TERM_MS,
		.stop_cmd = spec->stop_cmd,
		.shell = process->shell,
		.setup = spec->setup,
		.cwd = spec->cwd,
		.env = (const char *const *)spec->env.v,
		.container = spec->container,
		.engine = process->engine,
	};
}
