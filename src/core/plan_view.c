/* SPDX-License-Identifier: MIT */
/*
 * The public view of a plan: concert_plan_new(), concert_show() and the steps that they give.
 */
#include "base/base.h"
#include "core/handle.h"
#include "core/plan.h"
#include "base/signame.h"

struct concert_plan {
	struct plan *plan;
	struct concert_step *step;
};

/* As configured: a plan of one step has no others that its edges could lead to. */
static void fill_depends(struct concert_step *to, const struct plan *plan,
			 const struct config_process *process)
{
	struct concert_dependency_info *depends = xcalloc(process->nr_depends, sizeof(*depends));

	for (size_t i = 0; i < process->nr_depends; i++) {
		depends[i].process = plan->config->process[process->depends[i].process].name;
		depends[i].condition = process->depends[i].condition;
		depends[i].required = process->depends[i].required;
	}
	to->depends = depends;
	to->nr_depends = process->nr_depends;
}

static void fill_step(struct concert_step *to, const struct plan *plan,
		      const struct plan_step *from)
{
	const struct config_process *process = from->process;
	const struct spec *spec = &from->spec;

	*to = (struct concert_step){
		.process = process->name,
		.machine = spec->machine,
		.container = spec->container,
		.engine = spec->container ? (process->engine ? process->engine : "docker") : NULL,
		.session = process->session,
		.shell = process->shell,
		.setup = spec->setup,
		.cwd = spec->cwd,
		.cmd = spec->cmd,
		.ready_cmd = spec->ready_cmd,
		/* a variant's command replaces the other form too */
		.ready_log = spec->ready_cmd ? NULL : process->ready.log,
		.ready_interval_ms = process->ready.interval_ms,
		.ready_timeout_ms = process->ready.timeout_ms,
		.ready_deadline_ms = process->ready.deadline_ms,
		.env = (const char *const *)spec->env.v,
		.params = (const char *const *)spec->params.v,
		.variants = (const char *const *)spec->variants.v,
		.stop_signal = signame_of(process->stop.signal),
		.stop_grace_ms = process->stop.grace_ms,
		.stop_cmd = spec->stop_cmd,
		.persistent = process->persistent,
		.named = from->named,
		.level = from->level,
	};
	fill_depends(to, plan, process);
}

static enum concert_status view(struct concert *concert, struct plan *plan, const struct error *err,
				struct concert_plan **result)
{
	*result = NULL;
	if (!plan)
		return tell_error(concert, err);
	*result = xcalloc(1, sizeof(**result));
	(*result)->plan = plan;
	(*result)->step = xcalloc(plan->nr, sizeof(*(*result)->step));
	for (size_t i = 0; i < plan->nr; i++)
		fill_step(&(*result)->step[i], plan, &plan->step[i]);
	return CONCERT_OK;
}

enum concert_status concert_plan_new(struct concert *concert, const struct concert_request *request,
				     struct concert_plan **plan)
{
	struct error err = ERROR_INIT;

	return view(concert, plan_run(concert->config, request, tell_text, concert, &err), &err,
		    plan);
}

enum concert_status concert_show(struct concert *concert, const struct concert_request *request,
				 struct concert_plan **plan)
{
	struct error err = ERROR_INIT;

	return view(concert, plan_show(concert->config, request, tell_text, concert, &err), &err,
		    plan);
}

size_t concert_plan_size(const struct concert_plan *plan)
{
	return plan ? plan->plan->nr : 0;
}

const struct concert_step *concert_plan_step(const struct concert_plan *plan, size_t i)
{
	return i < concert_plan_size(plan) ? &plan->step[i] : NULL;
}

void concert_plan_free(struct concert_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->plan->nr; i++)
		free((void *)plan->step[i].depends);
	free(plan->step);
	plan_free(plan->plan);
	free(plan);
}
