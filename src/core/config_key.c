/* SPDX-License-Identifier: MIT */
/*
 * Reading mappings by tables of the keys that are known, and saying what is wrong in them. The
 * readers of single values are in config_text.c, config_number.c and config_pairs.c.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/config_read.h"

#define KEPT_MAX ((size_t)256 << 20)

void config_say(struct config_reader *reader, enum concert_level level,
		const struct yaml_mark *mark, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	if (level == CONCERT_LEVEL_WARNING && reader->options->check && reader->options->strict)
		level = CONCERT_LEVEL_ERROR;
	if (mark)
		strbuf_addf(&text, "%s:%d:%d: ", mark->file, mark->line, mark->column);
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (!strmap_put(&reader->told, text.buf, reader)) {
		reader->errors += level == CONCERT_LEVEL_ERROR;
		if (reader->tell)
			reader->tell(level, text.buf, reader->data);
	}
	strbuf_release(&text);
}

void config_wrong(const struct config_field *field, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	config_say(field->reader, CONCERT_LEVEL_ERROR, &field->value->mark, "'%s': %s", field->name,
		   text.buf);
	strbuf_release(&text);
}

bool config_may_keep(struct config_reader *reader, const struct yaml_mark *mark, size_t bytes)
{
	reader->kept += bytes;
	if (reader->kept <= KEPT_MAX)
		return true;
	if (!reader->full)
		config_say(reader, CONCERT_LEVEL_ERROR, mark,
			   "too large: more than %zu MiB once aliases and the context are resolved",
			   KEPT_MAX >> 20);
	reader->full = true;
	return false;
}

const char *config_suggestion(struct strbuf *out, const struct nearest *nearest)
{
	const char *best = nearest_best(nearest);

	strbuf_reset(out);
	if (best)
		strbuf_addf(out, " (did you mean '%s'?)", best);
	return out->buf;
}

bool config_is_mapping(const struct config_field *field)
{
	if (field->value->type == YAML_MAPPING)
		return true;
	config_wrong(field, "%s, not a mapping", yaml_type_name(field->value));
	return false;
}

static bool is_users_own(const char *key)
{
	return *key == '.' || *key == '_' || !strncmp(key, "x-", 2);
}

static void tell_unknown(struct config_reader *reader, const char *name,
			 const struct yaml_node *key, const struct config_key *keys, size_t nr)
{
	struct strbuf suggestion = STRBUF_INIT;
	struct nearest nearest;

	if (!reader->options->check)
		return;
	nearest_init(&nearest, key->text);
	for (size_t i = 0; i < nr; i++)
		nearest_offer(&nearest, keys[i].name);
	config_say(reader, CONCERT_LEVEL_WARNING, &key->mark, "'%s': unknown key%s", name,
		   config_suggestion(&suggestion, &nearest));
	strbuf_release(&suggestion);
}

static const struct config_key *find_key(const char *name, const struct config_key *keys, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void read_key(struct config_reader *reader, const char *name, const struct yaml_pair *pair,
		     const struct config_key *key, void *into)
{
	struct config_field field = {.reader = reader, .name = name, .value = pair->value};

	if (pair->value->type == YAML_NULL)
		return;
	if (key->mark)
		*(struct yaml_mark *)((char *)into + key->mark) = pair->value->mark;
	key->read(&field, (char *)into + key->offset);
}

void config_read_keys(struct config_reader *reader, const char *prefix,
		      const struct yaml_node *mapping, const struct config_key *keys, size_t nr,
		      void *into)
{
	struct strbuf name = STRBUF_INIT;

	for (size_t i = 0; i < mapping->nr; i++) {
		const struct yaml_pair *pair = &mapping->pair[i];
		const struct config_key *key = find_key(pair->key->text, keys, nr);

		strbuf_reset(&name);
		strbuf_addf(&name, "%s%s%s", prefix, *prefix ? "." : "", pair->key->text);
		if (key)
			read_key(reader, name.buf, pair, key, into);
		else if (!is_users_own(pair->key->text))
			tell_unknown(reader, name.buf, pair->key, keys, nr);
	}
	strbuf_release(&name);
}
