/* SPDX-License-Identifier: MIT */
/*
 * Loading a configuration: finds the file, has it and what it includes read, and completes what
 * can only be said once all processes are known. The files config_*.c each know one part of it.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/config_file.h"

static void reader_init(struct config_reader *reader, const struct concert_options *options,
			config_message_fn *tell, void *data)
{
	static const struct concert_options none = {.config = NULL};

	*reader = (struct config_reader){
		.options = options ? options : &none,
		.config = xcalloc(1, sizeof(*reader->config)),
		.tell = tell,
		.data = data,
		.real = STRVEC_INIT,
		.open = STRVEC_INIT,
	};
	strvec_init(&reader->config->sessions);
	strvec_init(&reader->config->files);
}

static void reader_release(struct config_reader *reader)
{
	strmap_release(&reader->told, NULL);
	strmap_release(&reader->names, NULL);
	free(reader->depends);
	for (size_t i = 0; i < reader->nr_documents; i++)
		yaml_release(&reader->documents[i]);
	free(reader->documents);
	strvec_release(&reader->real);
	strvec_release(&reader->open);
}

/* The maps and lists that the rest of the program searches. */
static void make_index(struct config *config)
{
	struct strmap sessions = STRMAP_INIT;

	for (size_t i = 0; i < config->nr_processes; i++) {
		strmap_put(&config->by_name, config->process[i].name, &config->process[i]);
		strmap_put(&sessions, config->process[i].session, config);
	}
	for (size_t i = 0; i < sessions.nr; i++)
		strvec_push(&config->sessions, sessions.entry[i].key);
	strmap_release(&sessions, NULL);
}

/* What was read becomes a configuration, or nothing if there was an error. */
static struct config *finish(struct config_reader *reader)
{
	struct config *config = reader->config;

	if (!reader->errors && !config->nr_processes)
		config_say(reader, CONCERT_LEVEL_ERROR, NULL,
			   "%s:1:1: no process in it (a process is 'name: {cmd: command}')",
			   config->path);
	config_link(reader);
	if (reader->options->check)
		config_check_templates(reader);
	if (reader->options->ancestor && !reader->errors)
		config_tell_ancestor(reader);
	if (reader->errors) {
		config_free(config);
		config = NULL;
	} else {
		make_index(config);
	}
	reader_release(reader);
	return config;
}

struct config *config_load(const struct concert_options *options, config_message_fn *tell,
			   void *data)
{
	struct config_reader reader;
	int fd;

	reader_init(&reader, options, tell, data);
	fd = config_find_file(&reader, &reader.config->path);
	if (fd >= 0) {
		config_read_file(&reader, fd, reader.config->path, NULL, NULL);
		return finish(&reader);
	}
	if (!reader.errors)
		config_say(&reader, CONCERT_LEVEL_ERROR, NULL, "cannot read standard input");
	config_free(reader.config);
	reader_release(&reader);
	return NULL;
}

struct config *config_parse(const char *path, const char *text, size_t len,
			    const struct concert_options *options, config_message_fn *tell,
			    void *data)
{
	struct config_reader reader;

	reader_init(&reader, options, tell, data);
	reader.config->path = xstrdup(path);
	config_read_memory(&reader, path, text, len);
	return finish(&reader);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->nr_processes; i++)
		config_process_release(&config->process[i]);
	free(config->process);
	strmap_release(&config->by_name, NULL);
	strvec_release(&config->sessions);
	config_pairs_release(&config->params);
	strvec_release(&config->files);
	free(config->path);
	free(config->session);
	free(config->ssh_config);
	free(config->tmux_socket);
	free(config);
}

const struct config_process *config_find(const struct config *config, const char *name,
					 struct error *err)
{
	const struct config_process *process = strmap_get(&config->by_name, name);
	struct nearest nearest;
	const char *slash, *best;

	if (process)
		return process;
	nearest_init(&nearest, name);
	for (size_t i = 0; i < config->nr_processes; i++)
		nearest_offer(&nearest, config->process[i].name);
	best = nearest_best(&nearest);
	slash = strrchr(config->path, '/');
	error_set(err, ERROR_USAGE, "'%.200s' is not a process of %.200s%s%s%s", name,
		  slash ? slash + 1 : config->path, best ? " (did you mean '" : "",
		  best ? best : "", best ? "'?)" : "");
	return NULL;
}
