/* SPDX-License-Identifier: MIT */
/*
 * The ordered map. Hash: FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), started from a value
 * of this process so that a hostile file cannot choose keys that all collide.
 */
#include "base/base.h"
#include "base/strmap.h"

static uint32_t hash(const char *key)
{
	static uint32_t start;
	uint32_t h;

	if (!start)
		start = 2166136261u ^ ((uint32_t)getpid() * 2654435761u) ^
			(uint32_t)(uintptr_t)&start ^ (uint32_t)time(NULL);
	h = start;
	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h ^ (h >> 15);
}

void strmap_release(struct strmap *map, void (*free_value)(void *value))
{
	for (size_t i = 0; i < map->nr; i++) {
		free(map->entry[i].key);
		if (free_value)
			free_value(map->entry[i].value);
	}
	free(map->entry);
	free(map->slot);
	*map = (struct strmap)STRMAP_INIT;
}

/* The slot where `key` is, or the empty one where it would go. */
static size_t find_slot(const struct strmap *map, const char *key)
{
	size_t mask = map->nr_slot - 1;
	size_t i = hash(key) & mask;

	while (map->slot[i] && strcmp(map->entry[map->slot[i] - 1].key, key))
		i = (i + 1) & mask;
	return i;
}

static void rehash(struct strmap *map)
{
	free(map->slot);
	map->nr_slot = map->nr_slot ? map->nr_slot * 2 : 16;
	map->slot = xcalloc(map->nr_slot, sizeof(*map->slot));
	for (size_t i = 0; i < map->nr; i++)
		map->slot[find_slot(map, map->entry[i].key)] = (uint32_t)i + 1;
}

void *strmap_put(struct strmap *map, const char *key, void *value)
{
	size_t at;

	if (2 * (map->nr + 1) > map->nr_slot)
		rehash(map);
	at = find_slot(map, key);
	if (map->slot[at]) {
		struct strmap_entry *entry = &map->entry[map->slot[at] - 1];
		void *old = entry->value;

		entry->value = value;
		return old;
	}
	ALLOC_GROW(map->entry, map->nr + 1, map->alloc);
	map->entry[map->nr].key = xstrdup(key);
	map->entry[map->nr].value = value;
	map->slot[at] = (uint32_t)++map->nr;
	return NULL;
}

ptrdiff_t strmap_index(const struct strmap *map, const char *key)
{
	if (!map->nr_slot)
		return -1;
	return (ptrdiff_t)map->slot[find_slot(map, key)] - 1;
}

void *strmap_get(const struct strmap *map, const char *key)
{
	ptrdiff_t i = strmap_index(map, key);

	return i < 0 ? NULL : map->entry[i].value;
}
