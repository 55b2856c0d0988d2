/* SPDX-License-Identifier: MIT */
/*
 * One process: its keys, and what must hold between them. Variants are in config_variant.c; whom
 * it depends on is settled in config_depends.c, once all are known.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/config_name.h"
#include "core/config_read.h"

#define PROCESSES_MAX 100000

/* A process while its keys are read: what is put together when all are there. */
struct draft {
	struct config_process process;
	struct config_pairs env, env_file;
	const struct yaml_node *depends, *variants;
	char *docker, *podman;
	bool force_sigquit;
};

static void take_node(const struct config_field *field, void *into)
{
	const struct yaml_node **node = into;

	*node = field->value;
}

#define AT(member) offsetof(struct draft, member)
#define IN(member) offsetof(struct draft, process.member)

static const struct config_key keys[] = {
	{"cmd", config_take_string, IN(cmd), IN(cmd_mark)},
	{"machine", config_take_name, IN(machine), IN(machine_mark)},
	{"docker", config_take_name, AT(docker), IN(container_mark)},
	{"podman", config_take_name, AT(podman), IN(container_mark)},
	{"depends", take_node, AT(depends), 0},
	{"ready_check", config_take_ready, IN(ready), IN(ready_mark)},
	{"persistent", config_take_bool, IN(persistent), 0},
	{"session", config_take_session, IN(session), 0},
	{"params", config_take_params, IN(params), 0},
	{"env", config_take_env, AT(env), 0},
	{"env_file", config_take_env_file, AT(env_file), 0},
	{"cwd", config_take_name, IN(cwd), IN(cwd_mark)},
	{"shell", config_take_shell, IN(shell), 0},
	{"setup", config_take_name, IN(setup), IN(setup_mark)},
	{"stop", config_take_stop, IN(stop), IN(stop_mark)},
	{"force_sigquit", config_take_bool, AT(force_sigquit), 0},
	{"description", config_take_scalar, IN(description), 0},
	{"category", config_take_scalar, IN(category), 0},
	{"show_ui", config_take_bool, IN(show_ui), 0},
	{"variants", take_node, AT(variants), 0},
};

static void draft_init(struct draft *draft, const struct yaml_node *key,
		       const struct config_context *context)
{
	*draft = (struct draft){
		.process =
			{
				.ready = context->ready,
				.stop = {.grace_ms = 10000},
				.persistent = true,
				.show_ui = true,
				.mark = key->mark,
				.setup_mark = context->setup_mark,
			},
	};
	draft->process.name = xstrdup(key->text);
	draft->process.session = xstrdup(context->session);
	draft->process.shell = xstrdup(context->shell);
	draft->process.setup = xstrdup_or_null(context->setup);
	config_pairs_copy(&draft->process.params, &context->params);
	config_pairs_copy(&draft->process.env, &context->env);
}

static void add_env(struct config_process *process, struct config_pairs *from)
{
	for (size_t i = 0; i < from->nr; i++)
		config_pairs_set(&process->env, from->v[i].name, from->v[i].value, &from->v[i].mark,
				 from->v[i].literal);
	config_pairs_release(from);
}

/* Puts together what several keys say. The draft holds nothing of its own afterwards. */
static void settle(struct draft *draft)
{
	struct config_process *process = &draft->process;

	add_env(process, &draft->env_file);
	add_env(process, &draft->env);
	process->container = draft->podman ? draft->podman : draft->docker;
	process->engine = draft->podman ? xstrdup("podman") : NULL;
	if (draft->podman)
		free(draft->docker);
	if (!process->stop.signal)
		process->stop.signal = draft->force_sigquit ? SIGQUIT : SIGINT;
}

static void check_place(struct config_reader *reader, const char *key, const char *value,
			const struct yaml_mark *mark, config_name_fn *check)
{
	struct error err = ERROR_INIT;

	if (value && config_check_template(check, value, &err) < 0)
		config_say(reader, CONCERT_LEVEL_ERROR, mark, "'%s': %s", key, err.text);
}

static void check_cmd(struct config_reader *reader, const struct config_process *process)
{
	struct strbuf suggestion = STRBUF_INIT;
	struct nearest nearest;

	if (process->cmd)
		return;
	/* A mapping without a command may be a key of the file itself, mistyped. */
	nearest_init(&nearest, process->name);
	nearest_offer(&nearest, "context");
	nearest_offer(&nearest, "include");
	config_say(reader, CONCERT_LEVEL_ERROR, &process->mark, "'%s': no 'cmd'%s", process->name,
		   *config_suggestion(&suggestion, &nearest) ? suggestion.buf
							     : " (each process needs one)");
	strbuf_release(&suggestion);
}

static void check(struct config_reader *reader, const struct draft *draft, size_t errors)
{
	const struct config_process *process = &draft->process;
	struct error err = ERROR_INIT;

	if (config_check_process_name(process->name, &err) < 0)
		config_say(reader, CONCERT_LEVEL_ERROR, &process->mark, "%s", err.text);
	/* A 'cmd' of the wrong type was told of already. */
	if (process->cmd || errors == reader->errors)
		check_cmd(reader, process);
	check_place(reader, "machine", process->machine, &process->machine_mark,
		    config_check_machine);
	check_place(reader, process->engine ? process->engine : "docker", process->container,
		    &process->container_mark, config_check_container);
	check_place(reader, "cwd", process->cwd, &process->cwd_mark, config_check_cwd);
}

/* Takes the draft's process over into the configuration. */
static void add(struct config_reader *reader, const struct draft *draft)
{
	struct config *config = reader->config;

	ALLOC_GROW(config->process, config->nr_processes + 1, reader->alloc_processes);
	ALLOC_GROW(reader->depends, config->nr_processes + 1, reader->alloc_depends);
	config->process[config->nr_processes] = draft->process;
	reader->depends[config->nr_processes++] = draft->depends;
	strmap_put(&reader->names, draft->process.name, (void *)(uintptr_t)config->nr_processes);
}

static bool is_new(struct config_reader *reader, const struct yaml_node *key)
{
	size_t nr = (size_t)(uintptr_t)strmap_get(&reader->names, key->text);
	const struct yaml_mark *first;

	if (!nr)
		return true;
	first = &reader->config->process[nr - 1].mark;
	config_say(reader, CONCERT_LEVEL_ERROR, &key->mark,
		   "'%s': defined twice, first at %s:%d:%d", key->text, first->file, first->line,
		   first->column);
	return false;
}

/* What a process takes from its context, in bytes: each has its own copy, in a plan at the latest. */
static size_t weight(const struct config *config, const struct config_context *context)
{
	return sizeof(struct config_process) + config_pairs_weight(&config->params) +
	       strlen(context->shell) + (context->setup ? strlen(context->setup) : 0) +
	       config_pairs_weight(&context->env) + config_pairs_weight(&context->params);
}

static bool has_room(struct config_reader *reader, const struct yaml_node *key,
		     const struct config_context *context)
{
	if (reader->full || !config_may_keep(reader, &key->mark, weight(reader->config, context)))
		return false;
	if (reader->config->nr_processes < PROCESSES_MAX)
		return true;
	config_say(reader, CONCERT_LEVEL_ERROR, &key->mark, "more than %d processes",
		   PROCESSES_MAX);
	reader->full = true;
	return false;
}

void config_read_process(struct config_reader *reader, const struct yaml_node *key,
			 const struct yaml_node *value, const struct config_context *context)
{
	struct config_field field = {.reader = reader, .name = key->text, .value = value};
	size_t errors = reader->errors;
	struct draft draft;

	if (!has_room(reader, key, context) || !is_new(reader, key))
		return;
	draft_init(&draft, key, context);
	if (value->type == YAML_MAPPING)
		config_read_keys(reader, "", value, keys, ARRAY_SIZE(keys), &draft);
	else if (value->type != YAML_NULL)
		config_wrong(&field, "%s, not a process (a mapping with 'cmd' in it)",
			     yaml_type_name(value));
	if (draft.docker && draft.podman)
		config_say(reader, CONCERT_LEVEL_ERROR, &draft.process.container_mark,
			   "'%s': both 'docker' and 'podman' (a process runs in one container)",
			   key->text);
	settle(&draft);
	if (draft.variants)
		config_read_variants(reader, draft.variants, &draft.process);
	check(reader, &draft, errors);
	add(reader, &draft);
}

void config_process_release(struct config_process *process)
{
	for (size_t i = 0; i < process->nr_variants; i++) {
		struct config_variant *variant = &process->variants[i];

		free(variant->name);
		free(variant->group);
		free(variant->cmd);
		free(variant->machine);
		free(variant->container);
		free(variant->ready_cmd);
		config_pairs_release(&variant->params);
	}
	free(process->variants);
	free(process->name);
	free(process->cmd);
	free(process->machine);
	free(process->container);
	free(process->engine);
	free(process->session);
	free(process->shell);
	free(process->setup);
	free(process->cwd);
	free(process->description);
	free(process->category);
	free(process->depends);
	free(process->ready.cmd);
	free(process->ready.log);
	free(process->stop.cmd);
	config_pairs_release(&process->params);
	config_pairs_release(&process->env);
}
