/* SPDX-License-Identifier: MIT */
/*
 * concert_kill(): asks the machines what lives, then stops it, each process after those that
 * depend on it. How one is stopped, and how it is proved that nothing is left, is the target's.
 */
#include "base/base.h"
#include "base/signame.h"
#include "base/strbuf.h"
#include "core/census.h"
#include "core/plan.h"
#include "core/state.h"
#include "core/victims.h"

#define TERM_MS 5000

enum victim_phase {
	VICTIM_SPARED,	 /* not to be killed */
	VICTIM_WAITING,	 /* for those that depend on it */
	VICTIM_STOPPING, /* its machine is at work */
	VICTIM_OVER,
};

struct victim {
	struct kill *kill;
	size_t entry; /* in the census */
	enum victim_phase phase;
	struct plan_step step; /* what stop.cmd needs */
	struct target_job *job;
	struct loop_timer *retry;
	int64_t begun_ms;
	enum concert_status status;
};

struct kill {
	struct census census;
	const struct concert_request *request;
	struct graph graph;
	bool *set;	       /* of the configuration's processes: to be killed */
	ptrdiff_t *entry;      /* of the census, for each of them; -1: none */
	struct victim *victim; /* one for each entry */
	bool answered, changed;
};

static struct census_entry *victim_entry(const struct victim *victim)
{
	return &victim->kill->census.entry[victim->entry];
}

static struct concert_report_row *victim_row(const struct victim *victim)
{
	return report_at(victim->kill->census.report, victim_entry(victim)->row);
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
	tell_event(victim->kill->census.concert,
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

static void end(struct victim *victim, const char *action, enum concert_status status)
{
	struct concert_report_row *row = victim_row(victim);

	victim->phase = VICTIM_OVER;
	victim->status = status;
	victim->kill->changed = true;
	report_set(&row->action, action);
	row->duration_s = victim->begun_ms ? (double)(loop_now_ms() - victim->begun_ms) / 1e3 : 0;
}

/* ---- one process ---- */

static void begin_stop(struct victim *victim);

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
	begin_stop(victim);
}

static void on_failed(struct victim *victim, const struct error *err)
{
	const struct machine *machine = victim_entry(victim)->machine;
	int64_t ms = -1;

	if (err->code == ERROR_UNREACHABLE)
		ms = machine_retry_ms(machine, victim->kill->request->ssh_retries);
	if (ms >= 0) {
		victim->retry =
			loop_timer_add(victim->kill->census.concert->loop, ms, on_retry, victim);
		return;
	}
	if (err->code == ERROR_UNREACHABLE)
		victim_row(victim)->state = CONCERT_STATE_UNREACHABLE;
	report_set(&victim_row(victim)->reason, err->text);
	end(victim, "not killed", status_of_error(err->code));
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
	end(victim, was_alive ? "killed" : "not running", CONCERT_OK);
	tell(victim, CONCERT_LEVEL_INFO, was_alive ? "killed" : "was over already");
}

/* What stop.cmd needs to run as the process itself did; without one, nothing. */
static void settle_stop(struct victim *victim)
{
	const struct census_entry *entry = victim_entry(victim);
	struct plan plan = {.config = victim->kill->census.concert->config};
	struct error err = ERROR_INIT;

	if (!entry->process || !entry->process->stop.cmd || victim->step.settled)
		return;
	victim->step.process = entry->process;
	if (plan_settle(&plan, &victim->step, entry->variants, entry->params, &err))
		tell(victim, CONCERT_LEVEL_WARNING, "its stop.cmd is left out: %s", err.text);
}

static void begin_stop(struct victim *victim)
{
	static const struct target_stop_handler handler = {.step = on_step, .done = on_stopped};
	const struct concert_request *request = victim->kill->request;
	const struct census_entry *entry = victim_entry(victim);
	const struct config_process *config = entry->process;
	const struct spec *spec = &victim->step.spec;
	struct target_stop stop = {
		.session = entry->session,
		.process = entry->name,
		.signal = config ? config->stop.signal : SIGINT,
		.grace_ms = config ? config->stop.grace_ms : 10000,
		.term_ms = TERM_MS,
		.force = request->force,
		.shell = config ? config->shell : "sh -c",
		.container = entry->container,
		.engine = config ? config->engine : NULL,
	};

	settle_stop(victim);
	if (request->signal)
		stop.signal = signame_number(request->signal);
	if (request->grace_ms >= 0)
		stop.grace_ms = request->grace_ms;
	if (victim->step.settled) {
		stop.stop_cmd = spec->stop_cmd;
		stop.setup = spec->setup;
		stop.cwd = spec->cwd;
		stop.env = (const char *const *)spec->env.v;
	}
	if (!victim->begun_ms)
		victim->begun_ms = loop_now_ms();
	victim->phase = VICTIM_STOPPING;
	victim_row(victim)->state = CONCERT_STATE_STOPPING;
	victim->job = target_stop(entry->machine->target, &stop, &handler, victim);
}

/* ---- all of them ---- */

static bool must_wait(const struct kill *kill, const struct victim *victim)
{
	const struct census_entry *entry = victim_entry(victim);
	const struct graph_node *node;

	if (!entry->process)
		return false;
	node = &kill->graph.node[entry->process - kill->census.concert->config->process];
	for (size_t i = 0; i < node->nr_from; i++) {
		ptrdiff_t at = kill->entry[node->from[i]];

		if (at >= 0 && (kill->victim[at].phase == VICTIM_WAITING ||
				kill->victim[at].phase == VICTIM_STOPPING))
			return true;
	}
	return false;
}

static void consider(struct kill *kill, struct victim *victim)
{
	const struct census_entry *entry = victim_entry(victim);

	/* What is over waits too: what depends on it may live and need what it depends on. */
	if (must_wait(kill, victim))
		return;
	if (!entry->asked)
		end(victim, "not killed",
		    entry->err.code ? status_of_error(entry->err.code) : CONCERT_UNREACHABLE);
	else if (entry->phase == RUN_FOREIGN)
		end(victim, "left alone", CONCERT_CONFLICT);
	else if (!entry->alive)
		end(victim, "not running", CONCERT_OK);
	else
		begin_stop(victim);
}

static bool kill_advance(void *data)
{
	struct kill *kill = data;
	bool over = true;

	if (!kill->answered)
		return false;
	while (kill->changed) {
		kill->changed = false;
		for (size_t i = 0; i < kill->census.nr; i++)
			if (kill->victim[i].phase == VICTIM_WAITING)
				consider(kill, &kill->victim[i]);
	}
	for (size_t i = 0; i < kill->census.nr; i++)
		over = over && (kill->victim[i].phase == VICTIM_SPARED ||
				kill->victim[i].phase == VICTIM_OVER);
	return over;
}

static bool unlisted_is_meant(const struct kill *kill, const char *name)
{
	const char *const *p = kill->request->processes;

	if (!kill->request->unlisted)
		return false;
	if (!p || !*p)
		return true;
	for (; *p; p++)
		if (!strcmp(*p, name))
			return true;
	return false;
}

/* All machines have answered: now it can be said who dies. */
static void on_answered(struct census *census, void *data)
{
	struct kill *kill = data;
	const struct config *config = census->concert->config;
	bool *alive = xcalloc(config->nr_processes, sizeof(*alive));

	for (size_t i = 0; i < config->nr_processes; i++)
		alive[i] = kill->entry[i] >= 0 && census->entry[kill->entry[i]].alive;
	if (kill->request->with_dependencies)
		victims_add_dependencies(kill->set, alive, &kill->graph);
	kill->victim = xcalloc(census->nr, sizeof(*kill->victim));
	for (size_t i = 0; i < census->nr; i++) {
		const struct census_entry *entry = &census->entry[i];
		bool meant = entry->process ? kill->set[entry->process - config->process]
					    : unlisted_is_meant(kill, entry->name);

		kill->victim[i].kill = kill;
		kill->victim[i].entry = i;
		kill->victim[i].phase = meant ? VICTIM_WAITING : VICTIM_SPARED;
	}
	free(alive);
	kill->answered = kill->changed = true;
}

/* ---- the call ---- */

static int check_request(const struct kill *kill, struct error *err)
{
	const struct concert_request *request = kill->request;

	if (request->signal && signame_number(request->signal) < 0)
		return error_set(err, ERROR_USAGE,
				 "'%s' is not a signal (for example INT, TERM, HUP)",
				 request->signal);
	return 0;
}

/* The processes whose state must be known; in kill->set those that are to be killed for sure. */
static int choose(struct kill *kill, struct concert *concert, bool *ask, struct error *err)
{
	const struct concert_request *request = kill->request;
	size_t nr = concert->config->nr_processes;
	bool named = request->processes && *request->processes;

	if (named && !request->unlisted && census_mark(concert, request->processes, kill->set, err))
		return -1;
	for (const char *const *p = request->processes; request->unlisted && p && *p; p++) {
		const struct config_process *process = strmap_get(&concert->config->by_name, *p);

		if (process)
			kill->set[process - concert->config->process] = true;
	}
	for (size_t i = 0; request->all && i < nr; i++)
		kill->set[i] = true;
	victims_extend(kill->set, concert->config, &kill->graph, request);
	for (size_t i = 0; i < nr; i++)
		ask[i] = kill->set[i] || request->with_dependencies || request->unlisted;
	return 0;
}

static void index_entries(struct kill *kill, const struct config *config)
{
	kill->entry = xcalloc(config->nr_processes, sizeof(*kill->entry));
	for (size_t i = 0; i < config->nr_processes; i++)
		kill->entry[i] = -1;
	for (size_t i = 0; i < kill->census.nr_listed; i++)
		kill->entry[kill->census.entry[i].process - config->process] = (ptrdiff_t)i;
}

/* The rows of those that were only asked about are left out. */
static struct concert_report *take_report(struct kill *kill)
{
	struct concert_report *report = census_take_report(&kill->census);

	for (size_t i = kill->census.nr; i-- > 0;)
		if (kill->victim ? kill->victim[i].phase == VICTIM_SPARED
				 : !kill->set[kill->census.entry[i].process -
					      kill->census.concert->config->process])
			report_remove(report, kill->census.entry[i].row);
	return report;
}

static void kill_release(struct kill *kill)
{
	for (size_t i = 0; kill->victim && i < kill->census.nr; i++) {
		target_job_cancel(kill->victim[i].job);
		loop_timer_remove(kill->victim[i].retry);
		spec_release(&kill->victim[i].step.spec);
	}
	free(kill->victim);
	free(kill->set);
	free(kill->entry);
	graph_release(&kill->graph);
	census_release(&kill->census);
}

static enum concert_status drive(struct kill *kill, struct concert_report **report)
{
	struct concert *concert = kill->census.concert;
	enum concert_status status;

	index_entries(kill, concert->config);
	kill->census.find_unlisted = kill->request->unlisted;
	kill->census.answered = on_answered;
	kill->census.data = kill;
	census_begin(&kill->census);
	status = handle_drive(concert, kill_advance, kill, kill->request->deadline_ms);
	for (size_t i = 0; kill->victim && i < kill->census.nr; i++)
		status = status_max(status, kill->victim[i].status);
	if (report)
		*report = take_report(kill);
	return status;
}

enum concert_status concert_kill(struct concert *concert, const struct concert_request *request,
				 struct concert_report **report)
{
	size_t nr = concert->config->nr_processes;
	struct kill kill = {.request = request, .set = xcalloc(nr, sizeof(bool))};
	bool *ask = xcalloc(nr, sizeof(*ask));
	struct error err = ERROR_INIT;
	enum concert_status status;

	if (report)
		*report = NULL;
	victims_graph(&kill.graph, concert->config);
	if (check_request(&kill, &err) || choose(&kill, concert, ask, &err) ||
	    census_init(&kill.census, concert, request, ask, &err))
		status = tell_error(concert, &err);
	else
		status = drive(&kill, report);
	kill_release(&kill);
	free(ask);
	return status;
}
