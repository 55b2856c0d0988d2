/* SPDX-License-Identifier: MIT */
/*
 * concert_query(): one question to each machine, all at once, and a row for each process: those of
 * the configuration in its order, then those that run in its sessions without being in it. With
 * `check`, the ready checks of what lives are run once more.
 */
#include "base/base.h"
#include "core/census.h"
#include "core/order.h"
#include "core/plan.h"
#include "core/state.h"

struct query {
	struct census census;
	bool answered;
	struct probe *probe; /* one for each listed entry, with request->check */
	size_t probing;
};

/* One ready check that is run again. */
struct probe {
	struct query *query;
	struct census_entry *entry;
	struct plan_step step; /* only its spec: the command line of the run is in its record */
	struct target_job *job;
};

static struct concert_report_row *probe_row(const struct probe *probe)
{
	return report_at(probe->query->census.report, probe->entry->row);
}

static void on_probe(const struct target_event *event, void *data)
{
	struct concert_report_row *row = probe_row(data);

	switch (event->type) {
	case TARGET_READY:
		row->state = CONCERT_STATE_READY;
		row->ready_age_s = 0;
		break;
	case TARGET_PROBE:
	case TARGET_NOT_READY:
		row->state = CONCERT_STATE_STARTING;
		report_set(&row->reason, "its ready check does not pass");
		break;
	case TARGET_ENDED:
		row->state = event->exit_status == 0 ? CONCERT_STATE_EXITED : CONCERT_STATE_FAILED;
		row->exit_status = event->exit_status;
		row->signal = event->signal > 0 ? event->signal : -1;
		break;
	default:
		break;
	}
}

static void on_probed(const struct error *err, void *data)
{
	struct probe *probe = data;

	probe->job = NULL;
	probe->query->probing--;
	if (err)
		report_set(&probe_row(probe)->reason, err->text);
}

static void begin_probe(struct probe *probe)
{
	static const struct target_start_handler handler = {.event = on_probe, .done = on_probed};
	const struct census_entry *entry = probe->entry;
	struct target_start start;

	order_start(&start, &probe->step.spec);
	start.run = entry->run;
	start.machine = entry->machine->name;
	start.follow_only = true;
	start.hold_ms = 0;
	start.priority = CHANNEL_BACKGROUND;
	probe->job = target_start(entry->machine->target, &start, &handler, probe);
	probe->query->probing++;
}

static bool is_probed(const struct census_entry *entry)
{
	return entry->phase == RUN_LIVES && entry->run && entry->process->persistent &&
	       (entry->process->ready.cmd || entry->process->ready.log);
}

/* All machines have answered. */
static void on_answered(struct census *census, void *data)
{
	struct plan plan = {.config = census->concert->config};
	struct query *query = data;

	query->answered = true;
	if (!census->request->check)
		return;
	query->probe = xcalloc(census->nr_listed, sizeof(*query->probe));
	for (size_t i = 0; i < census->nr_listed; i++) {
		struct census_entry *entry = &census->entry[i];
		struct probe *probe = &query->probe[i];
		struct error err = ERROR_INIT;

		*probe = (struct probe){.query = query, .entry = entry};
		if (!is_probed(entry))
			continue;
		probe->step.process = entry->process;
		if (plan_settle(&plan, &probe->step, entry->variants, entry->params, &err))
			report_set(&probe_row(probe)->reason, err.text);
		else
			begin_probe(probe);
	}
}

static bool is_over(void *data)
{
	const struct query *query = data;

	return query->answered && !query->probing;
}

/* Statuses are about named processes; a look at all of them fails only where it could not look. */
static enum concert_status query_status(const struct query *query)
{
	const struct census *census = &query->census;
	bool named = census->request->processes && *census->request->processes;
	enum concert_status status = CONCERT_OK;

	for (size_t i = 0; i < census->nr_listed; i++) {
		enum concert_state state = report_at(census->report, census->entry[i].row)->state;

		if (!census->entry[i].asked)
			status = status_max(status,
					    census->entry[i].err.code
						    ? status_of_error(census->entry[i].err.code)
						    : CONCERT_UNREACHABLE);
		else if (named && state == CONCERT_STATE_CONFLICT)
			status = status_max(status, CONCERT_CONFLICT);
		else if (named && !concert_state_is_alive(state))
			status = status_max(status, CONCERT_NOT_RUNNING);
	}
	return status;
}

static void query_release(struct query *query)
{
	for (size_t i = 0; query->probe && i < query->census.nr_listed; i++) {
		target_job_cancel(query->probe[i].job);
		spec_release(&query->probe[i].step.spec);
	}
	free(query->probe);
	census_release(&query->census);
}

enum concert_status concert_query(struct concert *concert, const struct concert_request *request,
				  struct concert_report **report)
{
	bool named = request->processes && *request->processes;
	bool *set = xcalloc(concert->config->nr_processes, sizeof(*set));
	struct query query = {.answered = false};
	enum concert_status status;
	struct error err = ERROR_INIT;

	if (report)
		*report = NULL;
	for (size_t i = 0; !named && i < concert->config->nr_processes; i++)
		set[i] = true;
	if (census_mark(concert, request->processes, set, &err)) {
		free(set);
		return tell_error(concert, &err);
	}
	if (census_init(&query.census, concert, request, set, &err)) {
		status = tell_error(concert, &err);
	} else {
		query.census.find_unlisted = !named;
		query.census.answered = on_answered;
		query.census.data = &query;
		census_begin(&query.census);
		status = handle_drive(concert, is_over, &query, request->deadline_ms);
		status = status_max(status, query_status(&query));
		if (report)
			*report = census_take_report(&query.census);
	}
	query_release(&query);
	free(set);
	return status;
}
