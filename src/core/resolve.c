/* SPDX-License-Identifier: MIT */
/*
 * From a configured process to one that can run. Where it runs is settled first, because the rest
 * may say {machine} and {container}; names are checked once more, now that they are whole.
 */
#include "base/base.h"
#include "core/config_name.h"
#include "core/resolve_parts.h"
#include "target/target.h"

static void spec_init(struct spec *spec, const struct config_process *process)
{
	*spec = (struct spec){.process = process};
	strvec_init(&spec->env);
	strvec_init(&spec->params);
	strvec_init(&spec->given);
	strvec_init(&spec->variants);
}

void spec_release(struct spec *spec)
{
	free(spec->cmd);
	free(spec->machine);
	free(spec->container);
	free(spec->setup);
	free(spec->cwd);
	free(spec->ready_cmd);
	free(spec->stop_cmd);
	strvec_release(&spec->env);
	strvec_release(&spec->params);
	strvec_release(&spec->given);
	strvec_release(&spec->variants);
	spec_init(spec, NULL);
}

/* Expands a string that may be missing. */
static int expand(struct values *values, const struct source *source, char **out, struct error *err)
{
	return source->text ? values_expand(values, source, out, err) : 0;
}

/* Expands a name, of which nothing may be left, and checks it. */
static int expand_name(struct values *values, const struct source *source, config_name_fn *check,
		       char **out, struct error *err)
{
	struct error cause = ERROR_INIT;

	if (expand(values, source, out, err) < 0)
		return -1;
	if (*out && check(*out, &cause) < 0)
		return values_fail(values, source, err, "%s", cause.text);
	return 0;
}

static int resolve_place(struct spec *spec, struct values *values, struct error *err)
{
	struct source source = source_machine(values);
	char *machine = NULL;

	if (expand_name(values, &source, config_check_machine, &machine, err) < 0) {
		free(machine);
		return -1;
	}
	if (!machine || !strcmp(machine, "localhost")) {
		free(machine);
		machine = xstrdup("local");
	}
	spec->machine = machine;
	source = source_container(values);
	return expand_name(values, &source, config_check_container, &spec->container, err);
}

int spec_resolve_place(struct spec *spec, const struct config *config,
		       const struct config_process *process, const struct choices *choices,
		       struct error *err)
{
	struct values values;
	int r;

	spec_init(spec, process);
	r = values_init(&values, config, process, choices, spec, err);
	if (!r)
		r = resolve_place(spec, &values, err);
	values_release(&values);
	return r;
}

static int resolve_cmd(struct spec *spec, struct values *values, struct error *err)
{
	struct source source;
	char *owned;
	int r = source_cmd(values, &source, &owned, err);

	/* The machine looks for this very text; nobody means it who writes it. */
	if (!r && strstr(source.text, TARGET_LOG_MARK))
		r = values_fail(values, &source, err, "'\\x01log\\x01' cannot stand in a command");
	if (!r)
		r = values_expand(values, &source, &spec->cmd, err);
	free(owned);
	return r;
}

static int resolve_strings(struct spec *spec, struct values *values, struct error *err)
{
	const struct config_process *process = values->process;
	struct source ready = source_ready(values);
	struct source setup = {.key = "setup",
			       .text = process->setup,
			       .mark = &process->setup_mark,
			       .has_log = true};
	struct source cwd = {.key = "cwd", .text = process->cwd, .mark = &process->cwd_mark};
	struct source stop = {
		.key = "stop.cmd", .text = process->stop.cmd, .mark = &process->stop_mark};

	if (resolve_cmd(spec, values, err) < 0 ||
	    expand(values, &ready, &spec->ready_cmd, err) < 0 ||
	    expand(values, &setup, &spec->setup, err) < 0 ||
	    expand(values, &stop, &spec->stop_cmd, err) < 0)
		return -1;
	return expand_name(values, &cwd, config_check_cwd, &spec->cwd, err);
}

static int resolve_env(struct spec *spec, struct values *values, struct error *err)
{
	const struct config_pairs *env = &values->process->env;

	for (size_t i = 0; i < env->nr; i++) {
		struct source source = {
			.key = "env", .text = env->v[i].value, .mark = &env->v[i].mark};
		char *value;

		if (env->v[i].literal) {
			strvec_pushf(&spec->env, "%s=%s", env->v[i].name, env->v[i].value);
			continue;
		}
		if (values_expand(values, &source, &value, err) < 0)
			return -1;
		strvec_push_owned(&spec->env, xasprintf("%s=%s", env->v[i].name, value));
		free(value);
	}
	return 0;
}

/* A chosen variant and the command line must not say two things. */
static int check_given(const struct values *values, struct error *err)
{
	const struct choices *choices = values->choices;

	for (size_t i = 0; choices && i < choices->params.nr; i++) {
		const char *name = choices->params.v[i].name;
		const char *given = config_pairs_get(&choices->params, name), *said = NULL;
		size_t k = values->nr_chosen;

		while (!said && k > 0)
			said = config_pairs_get(&values->chosen[--k]->params, name);
		if (said && strcmp(said, given) != 0)
			return error_set(err, ERROR_USAGE,
					 "'%.100s': variant '%.100s' of '%s' makes it '%.100s', -p "
					 "makes it '%.100s' (leave one of them out)",
					 name, values->chosen[k]->name, values->process->name, said,
					 given);
	}
	return 0;
}

static void note_param(struct spec *spec, const struct values *values, const char *name)
{
	strvec_pushf(&spec->params, "%s=%s", name, values_param(values, name));
}

/* Every parameter in effect, once, in the order in which the file names them. */
static void note_params(struct spec *spec, const struct values *values)
{
	const struct config_pairs *outer = &values->config->params;
	const struct config_pairs *own = &values->process->params;

	for (size_t i = 0; i < outer->nr; i++)
		note_param(spec, values, outer->v[i].name);
	for (size_t i = 0; i < own->nr; i++)
		if (!config_pairs_get(outer, own->v[i].name))
			note_param(spec, values, own->v[i].name);
	for (size_t i = 0; i < values->nr_chosen; i++) {
		const struct config_pairs *params = &values->chosen[i]->params;

		for (size_t k = 0; k < params->nr; k++) {
			const char *name = params->v[k].name;
			bool known = config_pairs_get(outer, name) || config_pairs_get(own, name);

			for (size_t j = 0; j < i && !known; j++)
				known = config_pairs_get(&values->chosen[j]->params, name);
			if (!known)
				note_param(spec, values, name);
		}
	}
}

/* Those of the command line's parameters that something asked for; the last of a name counts. */
static void note_given(struct spec *spec, const struct values *values)
{
	const struct choices *choices = values->choices;

	for (size_t i = 0; choices && i < choices->params.nr; i++) {
		const struct config_pair *pair = &choices->params.v[i];
		bool defined = false;

		if (!values->used[i] ||
		    config_pairs_get(&choices->params, pair->name) != pair->value)
			continue;
		strvec_pushf(&spec->given, "%s=%s", pair->name, pair->value);
		for (size_t k = 0; k < values->nr_chosen; k++)
			defined |= config_pairs_get(&values->chosen[k]->params, pair->name) != NULL;
		defined |= config_pairs_get(&values->process->params, pair->name) ||
			   config_pairs_get(&values->config->params, pair->name);
		if (!defined)
			strvec_pushf(&spec->params, "%s=%s", pair->name, pair->value);
	}
}

static void note_variants(struct spec *spec, const struct values *values)
{
	for (size_t i = 0; i < values->nr_chosen; i++) {
		const struct config_variant *variant = values->chosen[i];

		if (variant->group)
			strvec_pushf(&spec->variants, "%s=%s", variant->group, variant->name);
		else
			strvec_push(&spec->variants, variant->name);
	}
}

int spec_resolve(struct spec *spec, const struct config *config,
		 const struct config_process *process, const struct choices *choices,
		 struct error *err)
{
	struct values values;
	int r;

	spec_init(spec, process);
	r = values_init(&values, config, process, choices, spec, err);
	if (!r)
		r = check_given(&values, err);
	if (!r)
		r = resolve_place(spec, &values, err);
	if (!r)
		r = resolve_strings(spec, &values, err);
	if (!r)
		r = resolve_env(spec, &values, err);
	if (!r) {
		/* Asking for values notes their use, so what was used is settled first. */
		note_given(spec, &values);
		note_params(spec, &values);
		note_variants(spec, &values);
	}
	values_release(&values);
	return r;
}
