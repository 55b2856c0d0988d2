/* SPDX-License-Identifier: MIT */
/*
 * concert_kill(): asks the machines what lives, chooses (victims.c), and has each process stopped
 * (victim.c) after those that depend on it.
 */
#include "base/base.h"
#include "base/signame.h"
#include "core/victim.h"
#include "core/victims.h"

struct kill {
	struct census census;
	const struct concert_request *request;
	struct graph graph;
	bool *set;	       /* of the configuration's processes: to be killed */
	ptrdiff_t *entry;      /* of the census, for each of them; -1: none */
	struct victim *victim; /* one for each entry */
	bool answered, changed;
};

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
		victim_end(victim, "not killed",
			   entry->err.code ? status_of_error(entry->err.code)
					   : CONCERT_UNREACHABLE);
	else if (entry->phase == RUN_FOREIGN)
		victim_end(victim, "left alone", CONCERT_CONFLICT);
	else if (!entry->alive)
		victim_end(victim, "not running", CONCERT_OK);
	else
		victim_stop(victim);
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

		kill->victim[i] = (struct victim){
			.census = census,
			.entry = i,
			.changed = &kill->changed,
			.phase = meant ? VICTIM_WAITING : VICTIM_SPARED,
		};
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
	for (size_t i = 0; kill->victim && i < kill->census.nr; i++)
		victim_release(&kill->victim[i]);
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
	config_graph(concert->config, &kill.graph);
	if (check_request(&kill, &err) || choose(&kill, concert, ask, &err) ||
	    census_init(&kill.census, concert, request, ask, &err))
		status = tell_error(concert, &err);
	else
		status = drive(&kill, report);
	kill_release(&kill);
	free(ask);
	return status;
}
