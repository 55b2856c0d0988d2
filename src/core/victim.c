/* SPDX-License-Identifier: MIT */
/*
 * One process under a kill. How it is stopped, and how it is proved that nothing is left, is the
 * target's; this asks for it, tells what happens, and keeps the row of the report.
 */
#include "base/base.h"
#include "base/signame.h"
#include "core/order.h"
#include "core/victim.h"

struct census_entry *victim_entry(const struct victim *victim)
{
	return &victim->census->entry[victim->entry];
}

struct concert_report_row *victim_row(const struct victim *victim)
{
	return report_at(victim->census->report, victim_entry(victim)->row);
}

static void tell(const struct victim *victim, enum concert_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void tell(const struct victim *victim, enum concert_level level, const char *fmt, ...)
{
	const struct census_entry *entry = victim_entry(victim);
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell_event(victim->census->concert,
		   &(struct concert_event){
			   .process = entry->name,
			   .machine = entry->machine->name,
			   .type = level == CONCERT_LEVEL_ERROR ? CONCERT_EVENT_ERROR
								: CONCERT_EVENT_KILL,
			   .state = victim_row(victim)->state,
			   .level = level,
			   .message = text,
		   });
}

void victim_end(struct victim *victim, const char *action, enum concert_status status)
{
	struct concert_report_row *row = victim_row(victim);

	victim->phase = VICTIM_OVER;
	victim->status = status;
	*victim->changed = true;
	report_set(&row->action, action);
	row->duration_s = victim->begun_ms ? (double)(loop_now_ms() - victim->begun_ms) / 1e3 : 0;
}

static void on_step(const char *what, size_t nr, void *data)
{
	struct victim *victim = data;

	if (!strcmp(what, "stop.cmd"))
		tell(victim, CONCERT_LEVEL_INFO, "ran its stop.cmd");
	else
		tell(victim, CONCERT_LEVEL_INFO, "sent %s to %zu pid%s", what, nr,
		     nr == 1 ? "" : "s");
}

static void on_retry(void *data)
{
	struct victim *victim = data;

	loop_timer_remove(victim->retry);
	victim->retry = NULL;
	victim_stop(victim);
}

static void on_failed(struct victim *victim, const struct error *err)
{
	const struct machine *machine = victim_entry(victim)->machine;
	int64_t ms = -1;

	if (err->code == ERROR_UNREACHABLE)
		ms = machine_retry_ms(machine, victim->census->request->ssh_retries);
	if (ms >= 0) {
		victim->retry = loop_timer_add(victim->census->concert->loop, ms, on_retry, victim);
		return;
	}
	if (err->code == ERROR_UNREACHABLE)
		victim_row(victim)->state = CONCERT_STATE_UNREACHABLE;
	report_set(&victim_row(victim)->reason, err->text);
	victim_end(victim, "not killed", status_of_error(err->code));
	tell(victim, CONCERT_LEVEL_ERROR, "not killed: %s", err->text);
}

static void on_stopped(const struct target_run *run, bool was_alive, const struct error *err,
		       void *data)
{
	struct victim *victim = data;
	struct concert_report_row *row = victim_row(victim);

	victim->job = NULL;
	if (run) {
		row->pid = -1;
		row->uptime_s = row->cpu_percent = row->ready_age_s = -1;
		row->memory_bytes = -1;
		report_fill(row, run, false);
	}
	if (err) {
		on_failed(victim, err);
		return;
	}
	row->state = CONCERT_STATE_STOPPED;
	report_set(&row->reason, NULL);
	report_drop_pids(row);
	victim_end(victim, was_alive ? "killed" : "not running", CONCERT_OK);
	tell(victim, CONCERT_LEVEL_INFO, was_alive ? "killed" : "was over already");
}

/*
 * How the process is configured to be stopped, with the variants and parameters that it was
 * started with. What is not in the configuration is stopped as if it said nothing about that.
 */
static void settle(struct victim *victim, struct target_stop *stop)
{
	static const struct config_process plain = {
		.shell = "sh -c",
		.stop = {.signal = SIGINT, .grace_ms = 10000},
	};
	const struct census_entry *entry = victim_entry(victim);
	struct plan plan = {.config = victim->census->concert->config};
	struct spec fallback = {.process = entry->process ? entry->process : &plain};
	struct error err = ERROR_INIT;

	if (entry->process && entry->process->stop.cmd && !victim->step.settled) {
		victim->step.process = entry->process;
		if (plan_settle(&plan, &victim->step, entry->variants, entry->params, &err))
			tell(victim, CONCERT_LEVEL_WARNING, "its stop.cmd is left out: %s",
			     err.text);
	}
	order_stop(stop, victim->step.settled ? &victim->step.spec : &fallback);
}

void victim_stop(struct victim *victim)
{
	static const struct target_stop_handler handler = {.step = on_step, .done = on_stopped};
	const struct concert_request *request = victim->census->request;
	const struct census_entry *entry = victim_entry(victim);
	struct target_stop stop;

	settle(victim, &stop);
	stop.session = entry->session;
	stop.process = entry->name;
	stop.container = entry->container; /* where it runs, whatever the file says now */
	stop.force = request->force;
	if (request->signal)
		stop.signal = signame_number(request->signal);
	if (request->grace_ms >= 0)
		stop.grace_ms = request->grace_ms;
	if (!victim->begun_ms)
		victim->begun_ms = loop_now_ms();
	victim->phase = VICTIM_STOPPING;
	victim_row(victim)->state = CONCERT_STATE_STOPPING;
	victim->job = target_stop(entry->machine->target, &stop, &handler, victim);
}

void victim_release(struct victim *victim)
{
	target_job_cancel(victim->job);
	loop_timer_remove(victim->retry);
	spec_release(&victim->step.spec);
}
