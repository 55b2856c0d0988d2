/* SPDX-License-Identifier: MIT */
/*
 * Planning: from names to ordered, resolved steps. The order comes from graph.c, the strings from
 * resolve.c; the public view of a plan is in plan_view.c.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/graph.h"
#include "core/plan.h"

/* Which processes of the configuration are named; -1 with `err` if one is unknown. */
static int mark_named(const struct config *config, const struct concert_request *request, bool *set,
		      config_message_fn *tell, void *data, struct error *err)
{
	size_t wrong = 0;
	int result = 0;

	for (const char *const *p = request->processes; p && *p && wrong < CONFIG_WRONG_MAX; p++) {
		const struct config_process *process;

		if (result)
			tell(CONCERT_LEVEL_ERROR, err->text, data);
		process = config_find(config, *p, err);
		if (process)
			set[process - config->process] = true;
		else
			result = -1;
		wrong += !process;
	}
	return result;
}

/* Translates dependencies from places in the file to places in the plan; others are left out. */
static void link_steps(struct plan *plan, const ptrdiff_t *place)
{
	for (size_t i = 0; i < plan->nr; i++) {
		struct plan_step *step = &plan->step[i];

		step->depends = xcalloc(step->process->nr_depends, sizeof(*step->depends));
		for (size_t k = 0; k < step->process->nr_depends; k++) {
			const struct config_dependency *from = &step->process->depends[k];

			if (place[from->process] < 0)
				continue;
			step->depends[step->nr_depends++] = (struct plan_dependency){
				.step = (size_t)place[from->process],
				.condition = from->condition,
				.required = from->required,
			};
			plan->step[place[from->process]].nr_dependents++;
		}
	}
	for (size_t i = 0; i < plan->nr; i++) {
		plan->step[i].dependents =
			xcalloc(plan->step[i].nr_dependents, sizeof(*plan->step[i].dependents));
		plan->step[i].nr_dependents = 0;
	}
	for (size_t i = 0; i < plan->nr; i++)
		for (size_t k = 0; k < plan->step[i].nr_depends; k++) {
			struct plan_step *to = &plan->step[plan->step[i].depends[k].step];

			to->dependents[to->nr_dependents++] = i;
		}
}

static void order_steps(struct plan *plan, const struct graph *graph, const bool *set,
			const bool *named)
{
	size_t *order = xcalloc(graph->nr, sizeof(*order));
	unsigned *level = xcalloc(graph->nr, sizeof(*level));
	ptrdiff_t *place = xcalloc(graph->nr, sizeof(*place));

	plan->nr = graph_order(graph, set, order, level);
	plan->step = xcalloc(plan->nr, sizeof(*plan->step));
	for (size_t i = 0; i < graph->nr; i++)
		place[i] = -1;
	for (size_t i = 0; i < plan->nr; i++) {
		place[order[i]] = (ptrdiff_t)i;
		plan->step[i].process = &plan->config->process[order[i]];
		plan->step[i].named = named[order[i]];
		plan->step[i].level = level[order[i]];
	}
	link_steps(plan, place);
	free(order);
	free(level);
	free(place);
}

static int check_choices(const struct plan *plan, config_message_fn *tell, void *data,
			 struct error *err)
{
	const struct config_process **in = xcalloc(plan->nr, sizeof(const struct config_process *));
	int result;

	for (size_t i = 0; i < plan->nr; i++)
		in[i] = plan->step[i].process;
	result = choices_check(&plan->choices, plan->config, in, plan->nr, tell, data, err);
	free(in);
	return result;
}

static int resolve_step(struct plan *plan, struct plan_step *step, struct error *err)
{
	if (!spec_resolve(&step->spec, plan->config, step->process, &plan->choices, err)) {
		step->settled = true;
		return 0;
	}
	if (!step->inherits)
		return -1;
	spec_release(&step->spec);
	return spec_resolve_place(&step->spec, plan->config, step->process, &plan->choices, err);
}

/* Resolves every step; all errors are told but the last, which is returned. */
static int resolve_steps(struct plan *plan, const struct concert_request *request,
			 config_message_fn *tell, void *data, struct error *err)
{
	bool inherit = request->restart && !plan->choices.params.nr && !plan->choices.variants.nr;
	int result = 0;

	for (size_t i = 0; i < plan->nr; i++) {
		struct error mine = ERROR_INIT;

		plan->step[i].inherits = inherit && plan->step[i].named;
		if (!resolve_step(plan, &plan->step[i], &mine))
			continue;
		if (result)
			tell(CONCERT_LEVEL_ERROR, err->text, data);
		*err = mine;
		result = -1;
	}
	return result;
}

static struct plan *plan_new(const struct config *config, const struct concert_request *request,
			     bool closure, config_message_fn *tell, void *data, struct error *err)
{
	struct plan *plan = xcalloc(1, sizeof(*plan));
	bool *named = xcalloc(config->nr_processes, sizeof(*named));
	bool *set = xcalloc(config->nr_processes, sizeof(*set));
	struct graph graph = {.nr = 0};
	int result;

	plan->config = config;
	result = choices_init(&plan->choices, request->params, request->variants, err);
	if (!result)
		result = mark_named(config, request, named, tell, data, err);
	if (!result) {
		config_graph(config, &graph);
		memcpy(set, named, config->nr_processes * sizeof(*set));
		if (closure)
			graph_close_dependencies(&graph, set);
		order_steps(plan, &graph, set, named);
		graph_release(&graph);
		result = check_choices(plan, tell, data, err);
	}
	if (!result)
		result = resolve_steps(plan, request, tell, data, err);
	free(named);
	free(set);
	if (!result)
		return plan;
	plan_free(plan);
	return NULL;
}

struct plan *plan_run(const struct config *config, const struct concert_request *request,
		      config_message_fn *tell, void *data, struct error *err)
{
	return plan_new(config, request, true, tell, data, err);
}

struct plan *plan_show(const struct config *config, const struct concert_request *request,
		       config_message_fn *tell, void *data, struct error *err)
{
	return plan_new(config, request, false, tell, data, err);
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->nr; i++) {
		spec_release(&plan->step[i].spec);
		free(plan->step[i].depends);
		free(plan->step[i].dependents);
	}
	choices_release(&plan->choices);
	free(plan->step);
	free(plan);
}

/* A tab after a line end says that the entry goes on. */
static void split_record(struct strvec *entries, const char *lines)
{
	struct strbuf entry = STRBUF_INIT;

	while (lines && *lines) {
		size_t len = strcspn(lines, "\n");

		strbuf_add(&entry, lines, len);
		lines += len + (lines[len] == '\n');
		if (*lines == '\t') {
			strbuf_addch(&entry, '\n');
			lines++;
			/* An entry may end in a line end. */
			if (*lines)
				continue;
		}
		strvec_push(entries, entry.buf);
		strbuf_reset(&entry);
	}
	strbuf_release(&entry);
}

int plan_settle(struct plan *plan, struct plan_step *step, const char *variants, const char *params,
		struct error *err)
{
	struct strvec v = STRVEC_INIT, p = STRVEC_INIT;
	struct choices choices;
	int result;

	split_record(&v, variants);
	split_record(&p, params);
	result = choices_init(&choices, (const char *const *)p.v, (const char *const *)v.v, err);
	if (!result) {
		spec_release(&step->spec);
		result = spec_resolve(&step->spec, plan->config, step->process, &choices, err);
		step->settled = !result;
	}
	choices_release(&choices);
	strvec_release(&v);
	strvec_release(&p);
	return result;
}

char *record_list(const struct strvec *entries)
{
	struct strbuf lines = STRBUF_INIT;

	for (size_t i = 0; i < entries->nr; i++) {
		if (i)
			strbuf_addch(&lines, '\n');
		for (const char *s = entries->v[i]; *s; s++) {
			strbuf_addch(&lines, *s);
			if (*s == '\n')
				strbuf_addch(&lines, '\t');
		}
	}
	return strbuf_detach(&lines);
}

/* FNV-1a, 64 bits: it only has to tell two settings apart, nobody gains by forging one. */
static void mix(uint64_t *h, const char *s)
{
	for (; s && *s; s++)
		*h = (*h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	*h = (*h ^ (s ? 0x100u : 0x101u)) * UINT64_C(1099511628211);
}

char *spec_fingerprint(const struct spec *spec)
{
	uint64_t h = UINT64_C(14695981039346656037);

	mix(&h, spec->cmd);
	mix(&h, spec->container);
	mix(&h, spec->process->shell);
	mix(&h, spec->setup);
	mix(&h, spec->cwd);
	for (size_t i = 0; i < spec->env.nr; i++)
		mix(&h, spec->env.v[i]);
	return xasprintf("%016" PRIx64, h);
}
