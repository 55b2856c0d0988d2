/* SPDX-License-Identifier: MIT */
/*
 * concert_run(): plan, engine, report.
 */
#include "base/base.h"
#include "core/engine.h"
#include "core/report.h"

static bool is_left_behind(const struct process *process)
{
	return !process_is_over(process) && process->started;
}

static void add_row(struct concert_report *report, const struct process *process)
{
	const struct plan_step *step = process->step;
	struct concert_report_row *row =
		report_add(report, step->process->name, process->machine->name);
	bool over = process_is_over(process);

	row->state = process->state;
	row->action = xstrdup_or_null(process->action);
	report_set(&row->container, step->spec.container);
	report_set(&row->session, step->process->session);
	report_set(&row->reason, process->reason);
	report_set(&row->run, process->started || process->ended ? process->run : NULL);
	if (process->ended && process->signal > 0)
		row->signal = process->signal;
	else if (process->ended)
		row->exit_status = process->exit_status;
	row->duration_s =
		(double)((over ? process->over_ms : loop_now_ms()) - process->begun_ms) / 1e3;
	if (is_left_behind(process) && !row->reason)
		report_set(&row->reason, "not ready yet; left running");
}

static struct concert_report *make_report(const struct engine *engine)
{
	struct concert_report *report = report_new();

	for (size_t i = 0; i < engine->nr; i++)
		add_row(report, &engine->process[i]);
	return report;
}

static enum concert_status engine_status(const struct engine *engine)
{
	enum concert_status status = CONCERT_OK;

	/* What is not required and failed was told, but does not make the run a failure. */
	for (size_t i = 0; i < engine->nr; i++)
		if (engine_needs(engine, i))
			status = status_max(status, engine->process[i].status);
	return status;
}

enum concert_status concert_run(struct concert *concert, const struct concert_request *request,
				struct concert_report **report)
{
	struct error err = ERROR_INIT;
	enum concert_status status;
	struct engine *engine;
	struct plan *plan;

	if (report)
		*report = NULL;
	plan = plan_run(concert->config, request, tell_text, concert, &err);
	if (!plan)
		return tell_error(concert, &err);
	engine = engine_new(concert, plan, request, &err);
	if (!engine) {
		plan_free(plan);
		return tell_error(concert, &err);
	}
	engine_begin(engine);
	status = handle_drive(concert, engine_advance, engine, request->deadline_ms);
	status = status_max(status, engine_status(engine));
	if (report)
		*report = make_report(engine);
	engine_free(engine);
	plan_free(plan);
	return status;
}
