/* SPDX-License-Identifier: MIT */
/*
 * What `concert check` finds out before anybody runs anything: placeholders that nothing in the
 * file defines, and formats that Python had and concert has not.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/config_read.h"
#include "core/template.h"

/* Built-in parameters, which every process has. */
static const char *const built_in[] = {"process", "session",   "machine", "host",
				       "user",	  "container", "log"};

struct check {
	struct config_reader *reader;
	const struct config_process *process;
};

static bool is_defined(const struct check *check, const char *name)
{
	const struct config_process *process = check->process;

	for (size_t i = 0; i < ARRAY_SIZE(built_in); i++)
		if (!strcmp(built_in[i], name))
			return true;
	if (config_pairs_get(&check->reader->config->params, name) ||
	    config_pairs_get(&process->params, name))
		return true;
	for (size_t i = 0; i < process->nr_variants; i++)
		if (config_pairs_get(&process->variants[i].params, name))
			return true;
	return false;
}

static void offer_pairs(struct nearest *nearest, const struct config_pairs *pairs)
{
	for (size_t i = 0; i < pairs->nr; i++)
		nearest_offer(nearest, pairs->v[i].name);
}

static void tell_undefined(const struct check *check, const char *key, const char *name,
			   const struct yaml_mark *mark)
{
	struct strbuf suggestion = STRBUF_INIT;
	struct nearest nearest;

	nearest_init(&nearest, name);
	offer_pairs(&nearest, &check->process->params);
	offer_pairs(&nearest, &check->reader->config->params);
	for (size_t i = 0; i < ARRAY_SIZE(built_in); i++)
		nearest_offer(&nearest, built_in[i]);
	config_suggestion(&suggestion, &nearest);
	if (!suggestion.len)
		strbuf_addf(&suggestion, " (give it with -p %s=VALUE)", name);
	config_say(check->reader, CONCERT_LEVEL_WARNING, mark,
		   "'%s': no parameter defines '{%s}'%s", key, name, suggestion.buf);
	strbuf_release(&suggestion);
}

static void check_string(const struct check *check, const char *key, const char *text,
			 const struct yaml_mark *mark, bool is_cmd, bool is_variant)
{
	struct template template = TEMPLATE_INIT(text, is_cmd);
	struct template_piece piece;

	while (text && template_next(&template, &piece)) {
		char *name = xstrndup(piece.text, piece.len);

		if (piece.type == TEMPLATE_FORMAT ||
		    (piece.type == TEMPLATE_MAYBE_FORMAT && is_defined(check, name)))
			config_say(check->reader, CONCERT_LEVEL_ERROR, mark,
				   "'%s': '%.*s': formats are not supported (write '{%s}')", key,
				   (int)piece.raw_len, piece.raw, name);
		else if (piece.type == TEMPLATE_NAME && !is_defined(check, name) &&
			 !(is_variant && !strcmp(name, "cmd")))
			tell_undefined(check, key, name, mark);
		free(name);
	}
}

static void check_variant(const struct check *check, const struct config_variant *variant)
{
	check_string(check, "cmd", variant->cmd, &variant->cmd_mark, true, true);
	check_string(check, "machine", variant->machine, &variant->machine_mark, false, false);
	check_string(check, "docker", variant->container, &variant->container_mark, false, false);
	check_string(check, "ready_check", variant->ready_cmd, &variant->ready_mark, false, false);
}

static void check_process(const struct check *check)
{
	const struct config_process *process = check->process;

	check_string(check, "cmd", process->cmd, &process->cmd_mark, true, false);
	check_string(check, "machine", process->machine, &process->machine_mark, false, false);
	check_string(check, "docker", process->container, &process->container_mark, false, false);
	check_string(check, "setup", process->setup, &process->setup_mark, false, false);
	check_string(check, "cwd", process->cwd, &process->cwd_mark, false, false);
	check_string(check, "ready_check", process->ready.cmd, &process->ready_mark, false, false);
	check_string(check, "stop.cmd", process->stop.cmd, &process->stop_mark, false, false);
	for (size_t i = 0; i < process->env.nr; i++)
		if (!process->env.v[i].literal)
			check_string(check, "env", process->env.v[i].value, &process->env.v[i].mark,
				     false, false);
	for (size_t i = 0; i < process->nr_variants; i++)
		check_variant(check, &process->variants[i]);
}

void config_check_templates(struct config_reader *reader)
{
	struct check check = {.reader = reader};

	for (size_t i = 0; i < reader->config->nr_processes; i++) {
		check.process = &reader->config->process[i];
		check_process(&check);
	}
}
