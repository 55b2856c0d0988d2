/* SPDX-License-Identifier: MIT */
/*
 * Mappings: merge keys as PyYAML's flatten_mapping has them (what is merged stands first, and what
 * the mapping says itself counts; of a list of mappings the first counts), and duplicate keys,
 * of which the last counts at the place of the first, as in Python's dict.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/yaml_build.h"

/* Below this many pairs, comparing each with each is faster than a map. */
#define FEW 12

/* Pairs while they are collected, and where each key stands. */
struct pairs {
	struct yaml_build *build;
	struct yaml_pair *v;
	size_t nr, alloc;
	struct strmap index; /* used from FEW pairs on: key → index + 1 */
	struct strbuf key;
};

static bool is_merge_key(const struct yaml_node *key)
{
	return key->type == YAML_STRING && !key->quoted && !strcmp(key->text, "<<");
}

/* Python holds 1 and "1" to be different keys. */
static bool same_key(const struct yaml_node *a, const struct yaml_node *b)
{
	return a->type == b->type && !strcmp(a->str, b->str);
}

static const char *index_key(struct pairs *pairs, const struct yaml_node *key)
{
	strbuf_reset(&pairs->key);
	strbuf_addf(&pairs->key, "%d", (int)key->type);
	strbuf_addstr(&pairs->key, key->str);
	return pairs->key.buf;
}

static void add_to_index(struct pairs *pairs, size_t at)
{
	strmap_put(&pairs->index, index_key(pairs, pairs->v[at].key), (void *)(uintptr_t)(at + 1));
}

/* Where `key` stands, or -1. */
static ptrdiff_t find(struct pairs *pairs, const struct yaml_node *key)
{
	if (pairs->nr >= FEW)
		return strmap_index(&pairs->index, index_key(pairs, key));
	for (size_t i = 0; i < pairs->nr; i++)
		if (same_key(pairs->v[i].key, key))
			return (ptrdiff_t)i;
	return -1;
}

static void append(struct pairs *pairs, const struct yaml_pair *pair)
{
	ALLOC_GROW(pairs->v, pairs->nr + 1, pairs->alloc);
	pairs->v[pairs->nr++] = *pair;
	if (pairs->nr == FEW)
		for (size_t i = 0; i < pairs->nr; i++)
			add_to_index(pairs, i);
	else if (pairs->nr > FEW)
		add_to_index(pairs, pairs->nr - 1);
}

static void warn_duplicate(struct yaml_build *build, const struct yaml_pair *first,
			   const struct yaml_node *key)
{
	struct strbuf text = STRBUF_INIT;

	if (!build->warn)
		return;
	strbuf_addf(&text, "'%s': duplicate key, first seen in line %d (the last one counts)",
		    key->str, first->key->mark.line);
	build->warn(&key->mark, text.buf, build->data);
	strbuf_release(&text);
}

static void add_pair(struct pairs *pairs, const struct yaml_pair *pair)
{
	ptrdiff_t at = find(pairs, pair->key);

	if (at < 0) {
		append(pairs, pair);
		return;
	}
	if (!pair->merged && !pairs->v[at].merged)
		warn_duplicate(pairs->build, &pairs->v[at], pair->key);
	pairs->v[at] = *pair;
}

static int merge_mapping(struct pairs *pairs, const struct yaml_node *value)
{
	if (value->type != YAML_MAPPING)
		return yaml_fail_at(pairs->build, &value->mark,
				    "'<<': %s (it takes a mapping or a list of mappings)",
				    yaml_type_name(value));
	if (yaml_add_weight(pairs->build, &value->mark, value->weight) < 0)
		return -1;
	for (size_t i = 0; i < value->nr; i++) {
		struct yaml_pair pair = value->pair[i];

		pair.merged = true;
		add_pair(pairs, &pair);
	}
	return 0;
}

/* Of a list the first mapping counts, so it is merged last. */
static int merge(struct pairs *pairs, const struct yaml_node *value)
{
	if (value->type != YAML_SEQUENCE)
		return merge_mapping(pairs, value);
	for (size_t i = value->nr; i-- > 0;)
		if (merge_mapping(pairs, value->item[i]) < 0)
			return -1;
	return 0;
}

static int check_key(struct yaml_build *build, const struct yaml_node *key)
{
	if (key->type != YAML_SEQUENCE && key->type != YAML_MAPPING)
		return 0;
	return yaml_fail_at(build, &key->mark, "%s cannot be a key (put it in quotes)",
			    yaml_type_name(key));
}

/* Two rounds over what the file says: merged pairs stand before all others. */
static int collect(struct pairs *pairs, struct yaml_node **kv, size_t nr)
{
	for (size_t i = 0; i < nr; i += 2) {
		if (check_key(pairs->build, kv[i]) < 0)
			return -1;
		if (is_merge_key(kv[i]) && merge(pairs, kv[i + 1]) < 0)
			return -1;
	}
	for (size_t i = 0; i < nr; i += 2)
		if (!is_merge_key(kv[i]))
			add_pair(pairs, &(struct yaml_pair){.key = kv[i], .value = kv[i + 1]});
	return 0;
}

int yaml_make_mapping(struct yaml_build *build, struct yaml_node *node, size_t base)
{
	struct pairs pairs = {.build = build, .key = STRBUF_INIT};
	int r = collect(&pairs, build->stack + base, build->nr_stack - base);

	node->nr = pairs.nr;
	node->pair = arena_alloc(build->arena, pairs.nr * sizeof(*node->pair));
	if (pairs.nr)
		memcpy(node->pair, pairs.v, pairs.nr * sizeof(*node->pair));
	for (size_t i = 0; i < pairs.nr; i++)
		node->weight += pairs.v[i].key->weight + pairs.v[i].value->weight;
	free(pairs.v);
	strmap_release(&pairs.index, NULL);
	strbuf_release(&pairs.key);
	return r;
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	for (size_t i = 0; i < mapping->nr; i++)
		if (!strcmp(mapping->pair[i].key->text, key))
			return mapping->pair[i].value;
	return NULL;
}

const char *yaml_type_name(const struct yaml_node *node)
{
	static const char *const names[] = {
		[YAML_NULL] = "nothing",    [YAML_BOOL] = "a boolean",
		[YAML_INT] = "an integer",  [YAML_FLOAT] = "a number",
		[YAML_STRING] = "a string", [YAML_TIMESTAMP] = "a date",
		[YAML_SEQUENCE] = "a list", [YAML_MAPPING] = "a mapping",
	};

	return names[node->type];
}
