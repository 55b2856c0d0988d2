/* SPDX-License-Identifier: MIT */
/*
 * Parameters and environments: ordered lists of NAME and text, read from mappings and, for
 * environments, from files of NAME=VALUE lines on this computer.
 */
#include "base/base.h"
#include "core/config_read.h"
#include "core/template.h"

/* More than anybody sets, and few enough to search from end to end. */
#define PAIRS_MAX 1000

const char *config_pairs_get(const struct config_pairs *pairs, const char *name)
{
	for (size_t i = pairs->nr; i-- > 0;)
		if (!strcmp(pairs->v[i].name, name))
			return pairs->v[i].value;
	return NULL;
}

void config_pairs_add(struct config_pairs *pairs, const char *name, const char *value,
		      const struct yaml_mark *mark)
{
	/* Most lists hold one or two, and there is one in each process. */
	if (pairs->nr == pairs->alloc) {
		pairs->alloc = pairs->alloc ? 2 * pairs->alloc : 1;
		pairs->v = xreallocarray(pairs->v, pairs->alloc, sizeof(*pairs->v));
	}
	pairs->v[pairs->nr++] = (struct config_pair){
		.name = xstrdup(name),
		.value = xstrdup(value),
		.mark = mark ? *mark : (struct yaml_mark){.file = NULL},
	};
}

void config_pairs_set(struct config_pairs *pairs, const char *name, const char *value,
		      const struct yaml_mark *mark, bool literal)
{
	size_t i = 0;

	while (i < pairs->nr && strcmp(pairs->v[i].name, name) != 0)
		i++;
	if (i == pairs->nr) {
		config_pairs_add(pairs, name, value, mark);
	} else {
		free(pairs->v[i].value);
		pairs->v[i].value = xstrdup(value);
		pairs->v[i].mark = *mark;
	}
	pairs->v[i].literal = literal;
}

size_t config_pairs_weight(const struct config_pairs *pairs)
{
	size_t bytes = pairs->nr * sizeof(*pairs->v);

	for (size_t i = 0; i < pairs->nr; i++)
		bytes += strlen(pairs->v[i].name) + strlen(pairs->v[i].value);
	return bytes;
}

void config_pairs_copy(struct config_pairs *to, const struct config_pairs *from)
{
	for (size_t i = 0; i < from->nr; i++) {
		config_pairs_add(to, from->v[i].name, from->v[i].value, &from->v[i].mark);
		to->v[to->nr - 1].literal = from->v[i].literal;
	}
}

void config_pairs_release(struct config_pairs *pairs)
{
	for (size_t i = 0; i < pairs->nr; i++) {
		free(pairs->v[i].name);
		free(pairs->v[i].value);
	}
	free(pairs->v);
	*pairs = (struct config_pairs){.nr = 0};
}

/* A value that Python prints otherwise than it is written surprises whoever wrote it. */
static void warn_value(const struct config_field *field, const char *key,
		       const struct yaml_node *value)
{
	if (!field->reader->options->check || !strcmp(value->str, value->text))
		return;
	config_say(field->reader, CONCERT_LEVEL_WARNING, &value->mark,
		   "'%s.%s': '%s' becomes '%s' (quotes keep it as it is)", field->name, key,
		   value->text, value->str);
}

static bool check_value(const struct config_field *field, const char *key,
			const struct yaml_node *value)
{
	if (value->type != YAML_SEQUENCE && value->type != YAML_MAPPING)
		return config_may_keep(field->reader, &value->mark,
				       sizeof(struct config_pair) + strlen(key) +
					       strlen(value->str));
	config_say(field->reader, CONCERT_LEVEL_ERROR, &value->mark,
		   "'%s.%s': %s, not a single value", field->name, key, yaml_type_name(value));
	return false;
}

void config_take_params(const struct config_field *field, void *into)
{
	struct config_pairs *params = into;
	bool alone = !params->nr; /* else there are an outer file's to replace */

	if (!config_is_mapping(field))
		return;
	if (field->value->nr + params->nr > PAIRS_MAX) {
		config_wrong(field, "more than %d parameters", PAIRS_MAX);
		return;
	}
	for (size_t i = 0; i < field->value->nr; i++) {
		const char *key = field->value->pair[i].key->text;
		const struct yaml_node *value = field->value->pair[i].value;

		if (!check_value(field, key, value))
			continue;
		warn_value(field, key, value);
		if (alone)
			config_pairs_add(params, key, value->str, &value->mark);
		else
			config_pairs_set(params, key, value->str, &value->mark, false);
	}
}

static bool is_env_name(const char *name, size_t len)
{
	return len && template_identifier(name) == len;
}

static bool is_reserved(const char *name)
{
	static const char *const reserved[] = {"CONCERT_SESSION", "CONCERT_PROCESS",
					       "CONCERT_MACHINE", "CONCERT_RUN"};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(reserved[i], name))
			return true;
	return false;
}

/* Adds a variable, or tells why it cannot be one. */
static void add_env(const struct config_field *field, const struct yaml_mark *mark,
		    struct config_pairs *env, const char *name, const char *value, bool literal)
{
	struct config_reader *reader = field->reader;

	if (!is_env_name(name, strlen(name)))
		config_say(reader, CONCERT_LEVEL_ERROR, mark,
			   "'%s': '%s' is no name of a variable (letters, digits and _)",
			   field->name, name);
	else if (is_reserved(name))
		config_say(reader, CONCERT_LEVEL_ERROR, mark, "'%s': '%s' is set by concert itself",
			   field->name, name);
	else if (env->nr >= PAIRS_MAX)
		config_say(reader, CONCERT_LEVEL_ERROR, mark, "'%s': more than %d variables",
			   field->name, PAIRS_MAX);
	else
		config_pairs_set(env, name, value, literal ? &field->value->mark : mark, literal);
}

void config_take_env(const struct config_field *field, void *into)
{
	if (!config_is_mapping(field))
		return;
	for (size_t i = 0; i < field->value->nr; i++) {
		const char *key = field->value->pair[i].key->text;
		const struct yaml_node *value = field->value->pair[i].value;

		if (!check_value(field, key, value))
			continue;
		if (value->type == YAML_NULL) {
			config_say(field->reader, CONCERT_LEVEL_ERROR, &value->mark,
				   "'%s.%s': no value (write \"\" for an empty one)", field->name,
				   key);
			continue;
		}
		warn_value(field, key, value);
		add_env(field, &value->mark, into, key, value->str, false);
	}
}

/* Takes NAME=VALUE out of a line, which it changes. Quotes around the whole value are dropped. */
static void read_env_line(const struct config_field *field, const struct yaml_mark *mark,
			  struct config_pairs *env, char *line)
{
	char *name = line + strspn(line, " \t"), *value, *end;

	if (!*name || *name == '#')
		return;
	if (!strncmp(name, "export ", 7))
		name += 7 + strspn(name + 7, " \t");
	value = strchr(name, '=');
	if (!value) {
		config_say(field->reader, CONCERT_LEVEL_ERROR, mark, "'%s': not NAME=VALUE", name);
		return;
	}
	*value++ = '\0';
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		*--end = '\0';
	if (end - value >= 2 && (*value == '"' || *value == '\'') && end[-1] == *value) {
		end[-1] = '\0';
		value++;
	}
	add_env(field, mark, env, name, value, true);
}

void config_take_env_file(const struct config_field *field, void *into)
{
	struct strbuf text = STRBUF_INIT;
	struct error err = ERROR_INIT;
	struct yaml_mark mark = {.line = 1, .column = 1};
	char *path, *line, *rest;
	int fd;

	if (field->value->type != YAML_STRING) {
		config_wrong(field, "%s, not the name of a file", yaml_type_name(field->value));
		return;
	}
	path = config_relative(field->value->mark.file, field->value->text);
	mark.file = path;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		config_wrong(field, "cannot open '%s': %s", path, strerror(errno));
	else if (config_read_fd(fd, path, &text, &err) < 0)
		config_wrong(field, "%s", err.text);
	for (rest = text.buf; (line = strsep(&rest, "\n")); mark.line++)
		read_env_line(field, &mark, into, line);
	strbuf_release(&text);
	free(path);
}
