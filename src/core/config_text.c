/* SPDX-License-Identifier: MIT */
/*
 * Readers of single strings and booleans. A string must be one in YAML: where PyYAML reads a
 * boolean or a number, quotes are asked for, because nobody can tell what was meant.
 */
#include "base/base.h"
#include "core/config_name.h"
#include "core/config_read.h"
#include "target/target.h"

static bool is_scalar(const struct yaml_node *node)
{
	return node->type != YAML_SEQUENCE && node->type != YAML_MAPPING;
}

void config_take_string(const struct config_field *field, void *into)
{
	char **string = into;

	if (field->value->type != YAML_STRING) {
		config_wrong(field, "%s, not a string%s", yaml_type_name(field->value),
			     is_scalar(field->value) ? " (put it in quotes)" : "");
		return;
	}
	if (strlen(field->value->text) > TARGET_COMMAND_MAX)
		config_wrong(field, "%zu bytes long (at most %d)", strlen(field->value->text),
			     TARGET_COMMAND_MAX);
	else if (config_may_keep(field->reader, &field->value->mark, strlen(field->value->text))) {
		free(*string);
		*string = xstrdup(field->value->text);
	}
}

void config_take_name(const struct config_field *field, void *into)
{
	char **name = into;

	config_take_string(field, into);
	if (*name && !**name) {
		free(*name);
		*name = NULL;
	}
}

void config_take_scalar(const struct config_field *field, void *into)
{
	char **string = into;

	if (!is_scalar(field->value)) {
		config_wrong(field, "%s, not a string", yaml_type_name(field->value));
		return;
	}
	if (!config_may_keep(field->reader, &field->value->mark, strlen(field->value->text)))
		return;
	free(*string);
	*string = xstrdup(field->value->text);
}

void config_take_bool(const struct config_field *field, void *into)
{
	bool *flag = into;

	if (field->value->type != YAML_BOOL)
		config_wrong(field, "%s, not a boolean (write true or false%s)",
			     yaml_type_name(field->value),
			     field->value->quoted ? " without quotes" : "");
	else
		*flag = field->value->boolean;
}

/* A string that `check` has nothing against. */
static void take_checked(const struct config_field *field, config_name_fn *check, char **into)
{
	struct error err = ERROR_INIT;
	char *value = NULL;

	config_take_string(field, &value);
	if (!value)
		return;
	if (check(value, &err) < 0) {
		config_wrong(field, "%s", err.text);
		free(value);
		return;
	}
	free(*into);
	*into = value;
}

void config_take_session(const struct config_field *field, void *into)
{
	take_checked(field, config_check_session, into);
}

void config_take_socket(const struct config_field *field, void *into)
{
	take_checked(field, config_check_socket, into);
}

void config_take_shell(const struct config_field *field, void *into)
{
	char *value = NULL, **shell = into;
	bool control = false;

	config_take_string(field, &value);
	for (const char *s = value ? value : ""; *s; s++)
		control |= (unsigned char)*s < 32 || *s == 127;
	if (value && (control || *value == '-' || !value[strspn(value, " ")])) {
		config_wrong(field,
			     "no command to which another can be handed (such as 'bash -ic')");
		free(value);
		value = NULL;
	}
	if (!value)
		return;
	free(*shell);
	*shell = value;
}
