/* SPDX-License-Identifier: MIT */
/*
 * Asking about processes. The contract is in census.h.
 */
#include "base/base.h"
#include "core/census.h"
#include "core/state.h"

static void on_answer(struct visit *visit, const struct target_snapshot *snapshot,
		      const struct error *err, void *data);

int census_mark(struct concert *concert, const char *const *names, bool *set, struct error *err)
{
	size_t wrong = 0;
	int result = 0;

	for (; names && *names && wrong < CONFIG_WRONG_MAX; names++) {
		const struct config_process *process;

		if (result)
			tell_error(concert, err);
		process = config_find(concert->config, *names, err);
		if (process)
			set[process - concert->config->process] = true;
		else
			result = -1;
		wrong += !process;
	}
	return result;
}

static bool is_checked(const struct config_process *process)
{
	return process->ready.cmd || process->ready.log;
}

static void visit_machine(struct census *census, struct machine *machine, const char *session)
{
	struct visit *visit = visit_find(census->visit, census->nr_visits, machine);

	if (!visit) {
		visit = &census->visit[census->nr_visits++];
		*visit = (struct visit){
			.machine = machine,
			.tree = census->request->tree,
			.retries = census->request->ssh_retries,
			.loop = census->concert->loop,
			.done = on_answer,
			.data = census,
		};
	}
	visit_add_session(visit, session);
}

static struct census_entry *add_entry(struct census *census, const struct config_process *process)
{
	struct census_entry *entry;

	ALLOC_GROW(census->entry, census->nr + 1, census->alloc);
	entry = &census->entry[census->nr++];
	*entry = (struct census_entry){.process = process, .row = census->nr - 1};
	return entry;
}

static int add_listed(struct census *census, const struct config_process *process,
		      struct error *err)
{
	struct census_entry *entry = add_entry(census, process);
	struct concert_report_row *row;

	entry->name = process->name;
	entry->session = process->session;
	if (spec_resolve_place(&entry->place, census->concert->config, process, NULL, err))
		return -1;
	entry->machine = fleet_get(census->concert->fleet, entry->place.machine, err);
	if (!entry->machine)
		return -1;
	visit_machine(census, entry->machine, process->session);
	row = report_add(census->report, process->name, entry->machine->name);
	row->state = CONCERT_STATE_UNREACHABLE;
	report_set(&row->container, entry->place.container);
	report_set(&row->session, process->session);
	return 0;
}

int census_init(struct census *census, struct concert *concert,
		const struct concert_request *request, const bool *set, struct error *err)
{
	const struct config *config = concert->config;

	*census = (struct census){
		.concert = concert,
		.request = request,
		.visit = xcalloc(config->nr_processes, sizeof(*census->visit)),
		.report = report_new(),
	};
	fleet_begin(concert->fleet);
	for (size_t i = 0; i < config->nr_processes; i++)
		if (set[i] && add_listed(census, &config->process[i], err))
			return -1;
	census->nr_listed = census->nr;
	return 0;
}

static void entry_release(struct census_entry *entry)
{
	if (!entry->process) {
		free((void *)entry->name);
		free((void *)entry->session);
	}
	spec_release(&entry->place);
	free(entry->run);
	free(entry->container);
	free(entry->variants);
	free(entry->params);
}

void census_release(struct census *census)
{
	for (size_t i = 0; i < census->nr; i++)
		entry_release(&census->entry[i]);
	for (size_t i = 0; i < census->nr_visits; i++)
		visit_release(&census->visit[i]);
	concert_report_free(census->report);
	free(census->entry);
	free(census->visit);
}

void census_begin(struct census *census)
{
	census->open = census->nr_visits;
	for (size_t i = 0; i < census->nr_visits; i++)
		visit_begin(&census->visit[i]);
	if (!census->open && census->answered)
		census->answered(census, census->data);
}

static void fill(struct census *census, struct census_entry *entry, const struct target_run *run)
{
	struct concert_report_row *row = report_at(census->report, entry->row);
	bool checked = entry->process ? is_checked(entry->process) : run && run->ready_age_s >= 0;

	entry->asked = true;
	report_fill(row, run, checked);
	if (!run)
		return;
	entry->alive = run_is_alive(run);
	entry->phase = run->phase;
	entry->run = xstrdup_or_null(run->run);
	entry->container = xstrdup_or_null(run->container);
	entry->variants = xstrdup_or_null(run->variants);
	entry->params = xstrdup_or_null(run->params);
	if (!row->container)
		report_set(&row->container, run->container);
}

static void add_unlisted(struct census *census, const struct visit *visit,
			 const struct target_run *run)
{
	struct census_entry *entry;
	struct concert_report_row *row;

	if (!run_is_alive(run) || !run->run)
		return;
	entry = add_entry(census, NULL);
	entry->name = xstrdup(run->process);
	entry->session = xstrdup(run->session);
	entry->machine = visit->machine;
	row = report_add(census->report, run->process, visit->machine->name);
	row->listed = false;
	report_set(&row->session, run->session);
	fill(census, entry, run);
	if (!row->reason && strmap_get(&census->concert->config->by_name, run->process))
		report_set(&row->reason, "the configuration has it on another machine");
}

static bool is_listed(const struct census *census, const char *run)
{
	for (size_t i = 0; i < census->nr_listed; i++)
		if (census->entry[i].run && !strcmp(census->entry[i].run, run))
			return true;
	return false;
}

/*
 * Drops what turned out to be listed: under another spelling of the same machine. That can be told
 * only once all have answered.
 */
static void drop_listed(struct census *census)
{
	for (size_t i = census->nr; i-- > census->nr_listed;) {
		if (!is_listed(census, census->entry[i].run))
			continue;
		entry_release(&census->entry[i]);
		report_remove(census->report, i);
		memmove(&census->entry[i], &census->entry[i + 1],
			(census->nr - i - 1) * sizeof(*census->entry));
		census->nr--;
	}
	for (size_t i = census->nr_listed; i < census->nr; i++)
		census->entry[i].row = i;
}

static void on_answer(struct visit *visit, const struct target_snapshot *snapshot,
		      const struct error *err, void *data)
{
	struct census *census = data;

	for (size_t i = 0; i < census->nr_listed; i++) {
		struct census_entry *entry = &census->entry[i];

		if (entry->machine != visit->machine)
			continue;
		if (err) {
			entry->err = *err;
			report_set(&report_at(census->report, entry->row)->reason, err->text);
		} else {
			fill(census, entry,
			     target_snapshot_find(snapshot, entry->session, entry->name));
		}
	}
	for (size_t i = 0; !err && census->find_unlisted && i < snapshot->nr_runs; i++)
		add_unlisted(census, visit, &snapshot->run[i]);
	if (--census->open)
		return;
	drop_listed(census);
	if (census->answered)
		census->answered(census, census->data);
}

struct concert_report *census_take_report(struct census *census)
{
	struct concert_report *report = census->report;

	census->report = NULL;
	return report;
}
