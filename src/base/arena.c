/* SPDX-License-Identifier: MIT */
/*
 * The arena: a list of blocks, of which the first has room left. What does not fit into a block
 * of the usual size gets one of its own.
 */
#include "base/base.h"
#include "base/arena.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	max_align_t data[];
};

struct arena {
	struct block *block;
};

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct block *next;

	if (!arena)
		return;
	for (struct block *block = arena->block; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

static struct block *new_block(size_t size)
{
	struct block *block = xcalloc(1, sizeof(*block) + size);

	block->size = size;
	return block;
}

/* A piece of more than a quarter of a block goes behind the first one, whose room is kept. */
static void *alloc_large(struct arena *arena, size_t size)
{
	struct block *block = new_block(size);

	block->used = size;
	if (arena->block) {
		block->next = arena->block->next;
		arena->block->next = block;
	} else {
		arena->block = block;
	}
	return block->data;
}

static void *alloc_aligned(struct arena *arena, size_t size, size_t align)
{
	struct block *block = arena->block;
	size_t at;

	if (size > BLOCK_SIZE / 4)
		return alloc_large(arena, size);
	at = block ? (block->used + align - 1) / align * align : 0;
	if (!block || at + size > block->size) {
		block = new_block(BLOCK_SIZE);
		block->next = arena->block;
		arena->block = block;
		at = 0;
	}
	block->used = at + size;
	return (char *)block->data + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return alloc_aligned(arena, size, sizeof(void *));
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *copy = alloc_aligned(arena, len + 1, 1);

	memcpy(copy, s, len);
	return copy;
}
