/* SPDX-License-Identifier: MIT */
/*
 * The `context`: what holds for every process of a file, and, in the main file, for the whole
 * configuration. An included file begins with the context of the file that includes it.
 */
#include "base/base.h"
#include "core/config_read.h"

#define DEFAULT_SESSION	    "concert"
#define DEFAULT_SHELL	    "bash -ic"
#define DEFAULT_INTERVAL_MS 500
#define DEFAULT_LOG_KEEP    5
#define DEFAULT_LOG_MAX	    ((int64_t)1 << 30)

void config_context_init(struct config_context *context, const struct config_context *outer)
{
	*context = (struct config_context){
		.ready = {.interval_ms = DEFAULT_INTERVAL_MS},
		.log_keep = DEFAULT_LOG_KEEP,
		.log_max_bytes = DEFAULT_LOG_MAX,
	};
	context->session = xstrdup(outer ? outer->session : DEFAULT_SESSION);
	context->shell = xstrdup(outer ? outer->shell : DEFAULT_SHELL);
	if (!outer)
		return;
	context->setup = xstrdup_or_null(outer->setup);
	context->setup_mark = outer->setup_mark;
	context->ready = outer->ready;
	config_pairs_copy(&context->env, &outer->env);
	config_pairs_copy(&context->params, &outer->params);
}

void config_context_release(struct config_context *context)
{
	free(context->session);
	free(context->shell);
	free(context->setup);
	free(context->ssh_config);
	free(context->tmux_socket);
	config_pairs_release(&context->env);
	config_pairs_release(&context->params);
}

static void take_ssh_config(const struct config_field *field, void *into)
{
	char *value = NULL, **path = into;

	config_take_string(field, &value);
	if (!value)
		return;
	free(*path);
	/* As in ssh -F, "none" is no name. */
	*path = !strcmp(value, "none") ? xstrdup(value)
				       : config_relative(field->value->mark.file, value);
	free(value);
}

static void take_log(const struct config_field *field, void *into)
{
	static const struct config_key keys[] = {
		{"keep", config_take_count, offsetof(struct config_context, log_keep), 0},
		{"max", config_take_size, offsetof(struct config_context, log_max_bytes), 0},
	};

	if (config_is_mapping(field))
		config_read_keys(field->reader, field->name, field->value, keys, ARRAY_SIZE(keys),
				 into);
}

static void refuse_whole(const struct config_field *field, void *into)
{
	(void)into;
	config_wrong(field, "holds for the whole configuration (say it in the main file)");
}

#define AT(member) offsetof(struct config_context, member)
#define KEYS_OF_ALL_FILES                                                                          \
	{"session", config_take_session, AT(session), 0},                                          \
		{"shell", config_take_shell, AT(shell), 0},                                        \
		{"setup", config_take_name, AT(setup), AT(setup_mark)},                            \
		{"env", config_take_env, AT(env), 0},                                              \
		{"ready", config_take_ready_times, AT(ready), 0},                                  \
	{                                                                                          \
		"params", config_take_params, AT(params), 0                                        \
	}

static const struct config_key main_keys[] = {
	KEYS_OF_ALL_FILES,
	{"ssh_config", take_ssh_config, AT(ssh_config), 0},
	{"tmux_socket", config_take_socket, AT(tmux_socket), 0},
	{"log", take_log, 0, 0},
};

static const struct config_key included_keys[] = {
	KEYS_OF_ALL_FILES,
	{"ssh_config", refuse_whole, 0, 0},
	{"tmux_socket", refuse_whole, 0, 0},
	{"log", refuse_whole, 0, 0},
};

void config_read_context(struct config_reader *reader, const struct yaml_node *mapping, bool main,
			 struct config_context *context)
{
	struct config_field field = {.reader = reader, .name = "context", .value = mapping};

	if (mapping->type == YAML_NULL || !config_is_mapping(&field))
		return;
	config_read_keys(reader, "context", mapping, main ? main_keys : included_keys,
			 main ? ARRAY_SIZE(main_keys) : ARRAY_SIZE(included_keys), context);
}

void config_take_whole(struct config *config, struct config_context *context)
{
	config->session = xstrdup(context->session);
	config->params = context->params;
	config->ssh_config = context->ssh_config;
	config->tmux_socket = context->tmux_socket;
	config->log_keep = context->log_keep;
	config->log_max_bytes = context->log_max_bytes;
	/* Parameters of the main file apply to every process from there. */
	context->params = (struct config_pairs){.nr = 0};
	context->ssh_config = context->tmux_socket = NULL;
}
