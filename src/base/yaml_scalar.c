/* SPDX-License-Identifier: MIT */
/*
 * Which type a plain scalar has: PyYAML's implicit resolvers, in their order (bool, float, int,
 * null, timestamp), and booleans and nulls themselves. How numbers and dates are read stands in
 * yaml_int.c, yaml_float.c and yaml_time.c.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/yaml_scalar.h"

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

static bool read_bool(const char *text, bool *value)
{
	static const char *const yes[] = {"yes",  "Yes", "YES", "true", "True",
					  "TRUE", "on",	 "On",	"ON",	NULL};
	static const char *const no[] = {"no",	  "No",	 "NO",	"false", "False",
					 "FALSE", "off", "Off", "OFF",	 NULL};

	*value = is_one_of(text, yes);
	return *value || is_one_of(text, no);
}

static bool is_null(const char *text)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return is_one_of(text, words);
}

/* Numbers and dates begin with one of few characters: most strings are known by their first. */
static bool may_be_number(const char *text)
{
	return *text && strchr("+-.0123456789", *text);
}

static enum yaml_type read_number(const char *text, struct strbuf *str)
{
	if (yaml_read_float(text, str))
		return YAML_FLOAT;
	if (yaml_read_int(text, str))
		return YAML_INT;
	if (yaml_read_timestamp(text, str))
		return YAML_TIMESTAMP;
	return YAML_STRING;
}

void yaml_resolve_scalar(struct yaml_node *node, struct arena *arena)
{
	struct strbuf str = STRBUF_INIT;

	node->type = YAML_STRING;
	node->str = node->text;
	if (may_be_number(node->text)) {
		node->type = read_number(node->text, &str);
		if (node->type != YAML_STRING)
			node->str = arena_strndup(arena, str.buf, str.len);
		strbuf_release(&str);
	} else if (read_bool(node->text, &node->boolean)) {
		node->type = YAML_BOOL;
		node->str = node->boolean ? "True" : "False";
	} else if (is_null(node->text)) {
		node->type = YAML_NULL;
		node->str = "None";
	}
}
