/* SPDX-License-Identifier: MIT */
/*
 * How a process is known to be ready, and how it is stopped: `ready_check`, `context.ready` and
 * `stop`.
 */
#include "base/base.h"
#include <regex.h>
#include "base/nearest.h"
#include "base/signame.h"
#include "core/config_read.h"

#define REGEX_MAX 10000 /* as config_regex_size() counts */

static void take_log(const struct config_field *field, void *into)
{
	char **log = into;
	char *value = NULL;
	char text[200];
	regex_t regex;
	int r;

	config_take_string(field, &value);
	if (!value)
		return;
	if (strlen(value) > REGEX_MAX || config_regex_size(value) > REGEX_MAX) {
		config_wrong(field, "too large a regular expression");
		free(value);
		return;
	}
	r = regcomp(&regex, value, REG_EXTENDED | REG_NOSUB);
	if (r) {
		regerror(r, &regex, text, sizeof(text));
		config_wrong(field, "no regular expression (POSIX, extended): %s", text);
		free(value);
		return;
	}
	regfree(&regex);
	free(*log);
	*log = value;
}

static void take_interval(const struct config_field *field, void *into)
{
	int64_t *ms = into, value = -1;

	config_take_ms(field, &value);
	if (value == 0)
		config_wrong(field, "must be more than 0");
	else if (value > 0)
		*ms = value;
}

#define AT(member) offsetof(struct config_ready, member)
#define READY_TIMES                                                                                \
	{"interval", take_interval, AT(interval_ms), 0},                                           \
		{"timeout", config_take_ms, AT(timeout_ms), 0},                                    \
	{                                                                                          \
		"deadline", config_take_ms, AT(deadline_ms), 0                                     \
	}

void config_take_ready_times(const struct config_field *field, void *into)
{
	static const struct config_key keys[] = {READY_TIMES};

	if (config_is_mapping(field))
		config_read_keys(field->reader, field->name, field->value, keys, ARRAY_SIZE(keys),
				 into);
}

void config_take_ready(const struct config_field *field, void *into)
{
	static const struct config_key keys[] = {
		{"cmd", config_take_string, AT(cmd), 0},
		{"log", take_log, AT(log), 0},
		READY_TIMES,
	};
	struct config_ready *ready = into;
	size_t errors = field->reader->errors;

	if (field->value->type != YAML_MAPPING) {
		config_take_name(field, &ready->cmd);
		return;
	}
	config_read_keys(field->reader, field->name, field->value, keys, ARRAY_SIZE(keys), into);
	if (errors != field->reader->errors)
		return;
	if (ready->cmd && ready->log)
		config_wrong(field, "both 'cmd' and 'log' (one of them says when it is ready)");
	else if (!ready->cmd && !ready->log)
		config_wrong(field,
			     "neither 'cmd' nor 'log' (one of them must say when it is ready)");
}

void config_take_ready_cmd(const struct config_field *field, void *into)
{
	static const struct config_key keys[] = {{"cmd", config_take_string, 0, 0}};

	if (field->value->type != YAML_MAPPING)
		config_take_name(field, into);
	else
		config_read_keys(field->reader, field->name, field->value, keys, ARRAY_SIZE(keys),
				 into);
}

static void take_signal(const struct config_field *field, void *into)
{
	const struct yaml_node *value = field->value;
	int *number = into;
	int found = value->type == YAML_STRING ? signame_number(value->text)
		    : value->type == YAML_INT  ? signame_number(value->str)
					       : -1;

	if (found > 0)
		*number = found;
	else
		config_wrong(field, "%s%s%s is no signal (such as INT, TERM, QUIT, KILL)",
			     value->text ? "'" : "",
			     value->text ? value->text : yaml_type_name(value),
			     value->text ? "'" : "");
}

void config_take_stop(const struct config_field *field, void *into)
{
	static const struct config_key keys[] = {
		{"signal", take_signal, offsetof(struct config_stop, signal), 0},
		{"grace", config_take_ms, offsetof(struct config_stop, grace_ms), 0},
		{"cmd", config_take_name, offsetof(struct config_stop, cmd), 0},
	};

	if (config_is_mapping(field))
		config_read_keys(field->reader, field->name, field->value, keys, ARRAY_SIZE(keys),
				 into);
}
