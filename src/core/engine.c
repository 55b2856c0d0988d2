/* SPDX-License-Identifier: MIT */
/*
 * The engine of a run. It goes through the plan whenever something has changed: backwards to
 * decide which one-shots must run (dependents know), forwards to start what may start. It ends
 * with one more look at what was started without a ready check, so that a process that died at
 * once is not reported as running.
 */
#include "base/base.h"
#include "core/engine.h"
#include "core/process_job.h"
#include "core/state.h"
#include "core/visit.h"

#include <pwd.h>

/* How long a process without a ready check must have lived before the run is called a success. */
#define SETTLE_MS 250

static char *whoami(void)
{
	const struct passwd *pw = getpwuid(geteuid());
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return xasprintf("%s@%s", pw ? pw->pw_name : "?", host);
}

/* Dependents stand behind what they depend on, so one pass backwards is enough. */
static void mark_needed(struct engine *engine)
{
	const struct plan *plan = engine->plan;

	engine->needed = xcalloc(plan->nr, sizeof(*engine->needed));
	for (size_t i = plan->nr; i-- > 0;) {
		engine->needed[i] = engine->needed[i] || plan->step[i].named;
		for (size_t k = 0; engine->needed[i] && k < plan->step[i].nr_depends; k++)
			if (plan->step[i].depends[k].required)
				engine->needed[plan->step[i].depends[k].step] = true;
	}
}

bool engine_needs(const struct engine *engine, size_t i)
{
	return engine->needed[i];
}

static struct visit *visit_for(struct engine *engine, struct machine *machine)
{
	struct visit *visit = visit_find(engine->visit, engine->nr_visits, machine);

	if (visit)
		return visit;
	visit = &engine->visit[engine->nr_visits++];
	*visit = (struct visit){
		.machine = machine,
		.retries = engine->request->ssh_retries,
		.loop = engine->concert->loop,
		.data = engine,
	};
	return visit;
}

struct engine *engine_new(struct concert *concert, struct plan *plan,
			  const struct concert_request *request, struct error *err)
{
	struct engine *engine = xcalloc(1, sizeof(*engine));

	engine->concert = concert;
	engine->request = request;
	engine->plan = plan;
	engine->started_by = whoami();
	mark_needed(engine);
	engine->process = xcalloc(plan->nr, sizeof(*engine->process));
	engine->visit = xcalloc(plan->nr, sizeof(*engine->visit));
	fleet_begin(concert->fleet);
	for (size_t i = 0; i < plan->nr; i++) {
		struct machine *machine =
			fleet_get(concert->fleet, plan->step[i].spec.machine, err);

		if (!machine) {
			engine_free(engine);
			return NULL;
		}
		process_init(&engine->process[engine->nr++], engine, &plan->step[i], machine);
		visit_add_session(visit_for(engine, machine), plan->step[i].process->session);
	}
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	for (size_t i = 0; i < engine->nr; i++)
		process_release(&engine->process[i]);
	for (size_t i = 0; i < engine->nr_visits; i++)
		visit_release(&engine->visit[i]);
	loop_timer_remove(engine->settle);
	free(engine->process);
	free(engine->visit);
	free(engine->started_by);
	free(engine->needed);
	free(engine);
}

static void on_asked(struct visit *visit, const struct target_snapshot *snapshot,
		     const struct error *err, void *data)
{
	struct engine *engine = data;

	for (size_t i = 0; i < engine->nr; i++) {
		struct process *process = &engine->process[i];
		const struct config_process *config = process->step->process;

		if (process->machine != visit->machine || process->phase != PROCESS_ASKING)
			continue;
		if (err)
			process_lose(process, err);
		else
			process_learn(process, target_snapshot_find(snapshot, config->session,
								    config->name));
	}
	engine->changed = true;
}

void engine_begin(struct engine *engine)
{
	for (size_t i = 0; i < engine->nr_visits; i++) {
		engine->visit[i].done = on_asked;
		visit_begin(&engine->visit[i]);
	}
	engine->changed = true;
}

size_t engine_load(const struct engine *engine, const struct machine *machine)
{
	size_t load = 0;

	for (size_t i = 0; i < engine->nr; i++)
		load += engine->process[i].machine == machine;
	return load;
}

bool process_end_is_awaited(const struct process *process)
{
	const struct engine *engine = process->engine;
	size_t self = (size_t)(process->step - engine->plan->step);

	for (size_t i = 0; i < process->step->nr_dependents; i++) {
		const struct plan_step *dependent =
			&engine->plan->step[process->step->dependents[i]];

		for (size_t k = 0; k < dependent->nr_depends; k++)
			if (dependent->depends[k].step == self &&
			    (dependent->depends[k].condition == CONCERT_CONDITION_EXITED ||
			     dependent->depends[k].condition == CONCERT_CONDITION_SUCCEEDED))
				return true;
	}
	return false;
}

/* ---- decisions ---- */

/* A one-shot must run if something that depends on it is about to start. */
static void decide_oneshot(struct engine *engine, struct process *process)
{
	bool known = true;

	for (size_t i = 0; i < process->step->nr_dependents; i++) {
		switch (engine->process[process->step->dependents[i]].phase) {
		case PROCESS_WAITING:
		case PROCESS_STOPPING:
		case PROCESS_STARTING:
			process_want(process);
			return;
		case PROCESS_ASKING:
		case PROCESS_UNDECIDED:
			known = false;
			break;
		default:
			break;
		}
	}
	if (known)
		process_not_want(process);
}

static bool is_satisfied(const struct process *dependency, enum concert_condition condition)
{
	switch (condition) {
	case CONCERT_CONDITION_STARTED:
		return dependency->started || dependency->phase == PROCESS_DONE;
	case CONCERT_CONDITION_READY:
		return dependency->phase == PROCESS_READY || dependency->phase == PROCESS_ENDING ||
		       dependency->phase == PROCESS_DONE;
	case CONCERT_CONDITION_EXITED:
		return dependency->ended || dependency->phase == PROCESS_DONE;
	case CONCERT_CONDITION_SUCCEEDED:
		return dependency->phase == PROCESS_DONE;
	}
	return false;
}

static void explain_skip(const struct process *dependency, char *text, size_t size)
{
	const char *name = dependency->step->process->name;

	if (dependency->phase == PROCESS_SKIPPED)
		snprintf(text, size, "its dependency '%s' was skipped", name);
	else if (dependency->phase == PROCESS_LOST)
		snprintf(text, size, "the machine '%s' of its dependency '%s' cannot be reached",
			 dependency->machine->name, name);
	else
		snprintf(text, size, "its dependency '%s' failed: %.300s", name,
			 dependency->reason ? dependency->reason : "it ended");
}

static void consider_start(struct engine *engine, struct process *process)
{
	bool may_start = true;

	for (size_t i = 0; i < process->step->nr_depends; i++) {
		const struct plan_dependency *edge = &process->step->depends[i];
		const struct process *dependency = &engine->process[edge->step];
		char cause[512];

		if (is_satisfied(dependency, edge->condition))
			continue;
		if (!process_is_over(dependency)) {
			may_start = false;
		} else if (edge->required) {
			explain_skip(dependency, cause, sizeof(cause));
			process_skip(process, cause);
			return;
		}
	}
	if (may_start)
		process_start(process);
}

static void decide(struct engine *engine)
{
	for (size_t i = engine->nr; i-- > 0;)
		if (engine->process[i].phase == PROCESS_UNDECIDED)
			decide_oneshot(engine, &engine->process[i]);
	for (size_t i = 0; i < engine->nr; i++)
		if (engine->process[i].phase == PROCESS_WAITING)
			consider_start(engine, &engine->process[i]);
}

/* ---- the last look ---- */

static void on_looked(struct visit *visit, const struct target_snapshot *snapshot,
		      const struct error *err, void *data)
{
	struct engine *engine = data;

	engine->looking--;
	for (size_t i = 0; i < engine->nr && !err; i++) {
		struct process *process = &engine->process[i];
		const struct config_process *config = process->step->process;

		if (process->machine != visit->machine || !process->unchecked ||
		    process->phase != PROCESS_READY)
			continue;
		process->unchecked = false;
		process_look(process,
			     target_snapshot_find(snapshot, config->session, config->name));
	}
}

static void look(void *data)
{
	struct engine *engine = data;

	for (size_t i = 0; i < engine->nr_visits; i++) {
		bool wanted = false;

		for (size_t k = 0; k < engine->nr; k++)
			wanted = wanted || (engine->process[k].unchecked &&
					    engine->process[k].phase == PROCESS_READY &&
					    engine->process[k].machine == engine->visit[i].machine);
		if (!wanted)
			continue;
		engine->visit[i].done = on_looked;
		engine->looking++;
		visit_begin(&engine->visit[i]);
	}
	engine->looked = true;
}

/* When all is decided: waits until the youngest unchecked process has lived SETTLE_MS, and looks.
 */
static bool settle(struct engine *engine)
{
	int64_t wait = -1;

	if (engine->looked)
		return engine->looking == 0;
	if (engine->settle)
		return false;
	for (size_t i = 0; i < engine->nr; i++) {
		const struct process *process = &engine->process[i];
		int64_t left = process->over_ms + SETTLE_MS - loop_now_ms();

		if (process->unchecked && process->phase == PROCESS_READY && left > wait)
			wait = left > 0 ? left : 0;
	}
	if (wait < 0)
		return true;
	engine->settle = loop_timer_add(engine->concert->loop, wait, look, engine);
	return false;
}

bool engine_advance(void *data)
{
	struct engine *engine = data;

	while (engine->changed) {
		engine->changed = false;
		decide(engine);
	}
	/* A one-shot is done before its last output has come. */
	for (size_t i = 0; i < engine->nr; i++)
		if (!process_is_over(&engine->process[i]) || engine->process[i].job)
			return false;
	return settle(engine);
}

/* ---- what is told ---- */

void engine_changed(struct engine *engine)
{
	engine->changed = true;
}

void engine_tell(struct engine *engine, const struct process *process, enum concert_event_type type,
		 enum concert_level level, const char *fmt, ...)
{
	char text[4608];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell_event(engine->concert, &(struct concert_event){
					    .process = process->step->process->name,
					    .machine = process->machine->name,
					    .type = type,
					    .state = process->state,
					    .level = level,
					    .message = text,
				    });
}

void engine_tell_output(struct engine *engine, const struct process *process, const char *data,
			size_t len)
{
	if (!len)
		return;
	tell_event(engine->concert, &(struct concert_event){
					    .process = process->step->process->name,
					    .machine = process->machine->name,
					    .type = CONCERT_EVENT_OUTPUT,
					    .state = process->state,
					    .level = CONCERT_LEVEL_INFO,
					    .message = data,
					    .message_len = len,
				    });
}
