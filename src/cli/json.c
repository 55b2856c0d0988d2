/* SPDX-License-Identifier: MIT */
/*
 * From the library's structs to JSON, by jansson. Jansson takes valid UTF-8 only, and what comes
 * from machines need not be that: json_text() mends it.
 */
#include "base/base.h"
#include <jansson.h>
#include "cli/json.h"
#include "cli/text.h"

#define FORMAT (JSON_COMPACT | JSON_REAL_PRECISION(13))

static json_t *json_text_len(const char *text, size_t len)
{
	json_t *value = json_stringn(text, len);
	struct strbuf mended = STRBUF_INIT;

	if (value)
		return value;
	text_add_lines(&mended, text, len);
	value = json_stringn(mended.buf, mended.len);
	strbuf_release(&mended);
	return value ? value : json_string("");
}

static json_t *json_text(const char *text)
{
	return text ? json_text_len(text, strlen(text)) : json_null();
}

/* Negative numbers are "not known" everywhere in concert.h. */
static json_t *json_count(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *json_figure(double value, double unit)
{
	int64_t whole;

	if (!(value >= 0) || value > 1e12)
		return json_null();
	whole = (int64_t)(value / unit + 0.5);
	return json_real((double)whole / (1 / unit));
}

static json_t *json_words(const char *const *words)
{
	json_t *array = json_array();

	for (; words && *words; words++)
		json_array_append_new(array, json_text(*words));
	return array;
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

static void add_line(struct strbuf *out, json_t *object)
{
	char *text = json_dumps(object, FORMAT);

	strbuf_addstr(out, text ? text : "null");
	strbuf_addch(out, '\n');
	free(text);
	json_decref(object);
}

static const char *level_name(enum concert_level level)
{
	static const char *const name[] = {
		[CONCERT_LEVEL_ERROR] = "error",
		[CONCERT_LEVEL_WARNING] = "warning",
		[CONCERT_LEVEL_INFO] = "info",
		[CONCERT_LEVEL_DEBUG] = "debug",
	};

	return name[level];
}

void json_add_event(struct strbuf *out, const struct concert_event *event)
{
	json_t *object = json_object();
	bool output = event->type == CONCERT_EVENT_OUTPUT;

	set(object, "time", json_figure(event->time, 0.001));
	set(object, "process", json_text(event->process));
	set(object, "machine", json_text(event->machine));
	set(object, "type", json_text(concert_event_type_name(event->type)));
	set(object, "state",
	    event->process ? json_text(concert_state_name(event->state)) : json_null());
	set(object, "message",
	    output ? json_text_len(event->message, event->message_len) : json_text(event->message));
	set(object, "level", json_text(level_name(event->level)));
	add_line(out, object);
}

void json_add_output(struct strbuf *out, const struct json_output *output)
{
	json_t *object = json_object();
	bool bytes = output->type == CONCERT_EVENT_OUTPUT;

	set(object, "time", output->time > 0 ? json_figure(output->time, 0.001) : json_null());
	set(object, "process", json_text(output->process));
	set(object, "type", json_text(concert_event_type_name(output->type)));
	set(object, "state", bytes ? json_null() : json_text(concert_state_name(output->state)));
	set(object, "message", json_text_len(output->message, output->message_len));
	set(object, "level", json_text(level_name(output->level)));
	set(object, "run", json_text(output->run));
	set(object, "offset", json_integer(output->offset));
	add_line(out, object);
}

static json_t *json_pids(const struct concert_report_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < row->nr_pids; i++) {
		const struct concert_pid *pid = &row->pids[i];
		json_t *object = json_object();

		set(object, "pid", json_count(pid->pid));
		set(object, "ppid", json_count(pid->ppid));
		set(object, "cpu_percent", json_figure(pid->cpu_percent, 0.1));
		set(object, "memory_bytes", json_count(pid->memory_bytes));
		set(object, "command", json_text(pid->command));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *json_row(const struct concert_report_row *row, bool tree)
{
	json_t *object = json_object();

	set(object, "process", json_text(row->process));
	set(object, "machine", json_text(row->machine));
	set(object, "container", json_text(row->container));
	set(object, "session", json_text(row->session));
	set(object, "state", json_text(concert_state_name(row->state)));
	set(object, "reason", json_text(row->reason));
	set(object, "run", json_text(row->run));
	set(object, "started_by", json_text(row->started_by));
	set(object, "variants", json_text(row->variants));
	set(object, "params", json_text(row->params));
	set(object, "listed", json_boolean(row->listed));
	set(object, "pid", json_count(row->pid));
	set(object, "exit_status", json_count(row->exit_status));
	/* Signal 0 does not exist: it would only mean that there was none. */
	set(object, "signal", row->signal > 0 ? json_integer(row->signal) : json_null());
	set(object, "ready_age_s", json_figure(row->ready_age_s, 0.1));
	set(object, "uptime_s", json_figure(row->uptime_s, 0.1));
	set(object, "cpu_percent", json_figure(row->cpu_percent, 0.1));
	set(object, "memory_bytes", json_count(row->memory_bytes));
	if (tree)
		set(object, "pids", json_pids(row));
	return object;
}

void json_add_report(struct strbuf *out, const struct concert_report *report, bool tree)
{
	json_t *rows = json_array();

	for (size_t i = 0; report && i < concert_report_size(report); i++)
		json_array_append_new(rows, json_row(concert_report_row(report, i), tree));
	add_line(out, json_pack("{s:i, s:o}", "version", 1, "processes", rows));
}

void json_add_diagnosis(struct strbuf *out, const struct concert_diagnosis *diagnosis)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < concert_diagnosis_size(diagnosis); i++) {
		const struct concert_finding *found = concert_diagnosis_finding(diagnosis, i);
		json_t *object = json_object();

		set(object, "machine", json_text(found->machine));
		set(object, "check", json_text(found->check));
		set(object, "level", json_text(level_name(found->level)));
		set(object, "message", json_text(found->message));
		set(object, "cure", json_text(found->cure));
		json_array_append_new(rows, object);
	}
	add_line(out, json_pack("{s:i, s:o}", "version", 1, "findings", rows));
}

static json_t *json_depends(const struct concert_dependency_info *depends, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++) {
		json_t *object = json_object();

		set(object, "process", json_text(depends[i].process));
		set(object, "condition", json_text(concert_condition_name(depends[i].condition)));
		set(object, "required", json_boolean(depends[i].required));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *json_process(const struct concert_process_info *info)
{
	json_t *object = json_object(), *variants = json_array();

	for (size_t i = 0; i < info->nr_variants; i++) {
		json_t *variant = json_object();

		set(variant, "name", json_text(info->variants[i].name));
		set(variant, "group", json_text(info->variants[i].group));
		json_array_append_new(variants, variant);
	}
	set(object, "process", json_text(info->name));
	set(object, "cmd", json_text(info->cmd));
	set(object, "machine", json_text(info->machine));
	set(object, "container", json_text(info->container));
	set(object, "session", json_text(info->session));
	set(object, "description", json_text(info->description));
	set(object, "category", json_text(info->category));
	set(object, "persistent", json_boolean(info->persistent));
	set(object, "show_ui", json_boolean(info->show_ui));
	set(object, "depends", json_depends(info->depends, info->nr_depends));
	set(object, "variants", variants);
	set(object, "file", json_text(info->file));
	set(object, "line", json_count(info->line));
	return object;
}

void json_add_list(struct strbuf *out, const struct concert *concert)
{
	json_t *array = json_array();

	for (size_t i = 0; i < concert_nr_processes(concert); i++)
		json_array_append_new(array, json_process(concert_process(concert, i)));
	add_line(out, json_pack("{s:i, s:o, s:o, s:o}", "version", 1, "file",
				json_text(concert_config_path(concert)), "params",
				json_words(concert_context_params(concert)), "processes", array));
}

static json_t *json_ready(const struct concert_step *step)
{
	json_t *object;

	if (!step->ready_cmd && !step->ready_log)
		return json_null();
	object = json_object();
	set(object, "cmd", json_text(step->ready_cmd));
	set(object, "log", json_text(step->ready_log));
	set(object, "interval_ms", json_count(step->ready_interval_ms));
	set(object, "timeout_ms",
	    step->ready_timeout_ms ? json_count(step->ready_timeout_ms) : json_null());
	set(object, "deadline_ms",
	    step->ready_deadline_ms ? json_count(step->ready_deadline_ms) : json_null());
	return object;
}

static json_t *json_stop(const struct concert_step *step)
{
	json_t *object = json_object();

	set(object, "signal", json_text(step->stop_signal));
	set(object, "grace_ms", json_count(step->stop_grace_ms));
	set(object, "cmd", json_text(step->stop_cmd));
	return object;
}

void json_add_step(struct strbuf *out, const struct concert_step *step)
{
	json_t *object = json_object();

	set(object, "version", json_integer(1));
	set(object, "process", json_text(step->process));
	set(object, "machine", json_text(step->machine));
	set(object, "container", json_text(step->container));
	set(object, "engine", json_text(step->engine));
	set(object, "session", json_text(step->session));
	set(object, "shell", json_text(step->shell));
	set(object, "setup", json_text(step->setup));
	set(object, "cwd", json_text(step->cwd));
	set(object, "cmd", json_text(step->cmd));
	set(object, "ready_check", json_ready(step));
	set(object, "stop", json_stop(step));
	set(object, "env", json_words(step->env));
	set(object, "params", json_words(step->params));
	set(object, "variants", json_words(step->variants));
	set(object, "depends", json_depends(step->depends, step->nr_depends));
	set(object, "persistent", json_boolean(step->persistent));
	set(object, "named", json_boolean(step->named));
	set(object, "level", json_integer(step->level));
	add_line(out, object);
}
