/* SPDX-License-Identifier: MIT */
/*
 * The dependency graph; its contract is in graph.h. Files may hold chains of ten thousand
 * processes, so nothing here recurses: walks keep their own stack, which lives on the heap and is
 * never deeper than there are nodes.
 */
#include "base/base.h"
#include "core/graph.h"

void graph_init(struct graph *graph, size_t nr)
{
	graph->nr = nr;
	graph->node = nr ? xcalloc(nr, sizeof(*graph->node)) : NULL;
}

void graph_release(struct graph *graph)
{
	for (size_t i = 0; i < graph->nr; i++) {
		free(graph->node[i].to);
		free(graph->node[i].from);
	}
	free(graph->node);
	*graph = (struct graph){.nr = 0};
}

void graph_add_edge(struct graph *graph, size_t from, size_t to)
{
	struct graph_node *a, *b;

	if (from >= graph->nr || to >= graph->nr)
		BUG("an edge %zu -> %zu in a graph of %zu nodes", from, to, graph->nr);
	a = &graph->node[from];
	b = &graph->node[to];
	ALLOC_GROW(a->to, a->nr_to + 1, a->alloc_to);
	a->to[a->nr_to++] = to;
	ALLOC_GROW(b->from, b->nr_from + 1, b->alloc_from);
	b->from[b->nr_from++] = from;
}

/* A depth-first walk: the path from where it began to where it is. */
struct walk {
	size_t *path, nr;
	size_t *next; /* for each node: the edge to follow next */
	enum {
		UNSEEN,
		ON_PATH,
		DONE,
	} *
		colour;
};

static void walk_enter(struct walk *walk, size_t node)
{
	walk->colour[node] = ON_PATH;
	walk->path[walk->nr++] = node;
}

/* Cuts the path to the part that begins with `node`, which closes a cycle. */
static size_t cut_cycle(const struct walk *walk, size_t node, size_t **cycle)
{
	size_t start = walk->nr - 1;
	size_t nr;

	while (walk->path[start] != node)
		start--;
	nr = walk->nr - start;
	*cycle = xreallocarray(NULL, nr, sizeof(**cycle));
	memcpy(*cycle, walk->path + start, nr * sizeof(**cycle));
	return nr;
}

/* Walks from `start` over what was not seen yet. Returns the length of a cycle that it met, or 0.
 */
static size_t walk_from(const struct graph *graph, struct walk *walk, size_t start, size_t **cycle)
{
	walk_enter(walk, start);
	while (walk->nr) {
		size_t at = walk->path[walk->nr - 1];
		const struct graph_node *node = &graph->node[at];
		size_t to;

		if (walk->next[at] == node->nr_to) {
			walk->colour[at] = DONE;
			walk->nr--;
			continue;
		}
		to = node->to[walk->next[at]++];
		if (walk->colour[to] == ON_PATH)
			return cut_cycle(walk, to, cycle);
		if (walk->colour[to] == UNSEEN)
			walk_enter(walk, to);
	}
	return 0;
}

size_t graph_cycle(const struct graph *graph, size_t **cycle)
{
	struct walk walk = {.nr = 0};
	size_t found = 0;

	*cycle = NULL;
	if (!graph->nr)
		return 0;
	walk.path = xcalloc(graph->nr, sizeof(*walk.path));
	walk.next = xcalloc(graph->nr, sizeof(*walk.next));
	walk.colour = xcalloc(graph->nr, sizeof(*walk.colour));
	for (size_t i = 0; i < graph->nr && !found; i++)
		if (walk.colour[i] == UNSEEN)
			found = walk_from(graph, &walk, i, cycle);
	free(walk.path);
	free(walk.next);
	free(walk.colour);
	return found;
}

/* Closes `set` over the edges, followed forwards or backwards. */
static void close_set(const struct graph *graph, bool *set, bool forwards)
{
	size_t *todo = xcalloc(graph->nr ? graph->nr : 1, sizeof(*todo));
	size_t nr = 0;

	for (size_t i = 0; i < graph->nr; i++)
		if (set[i])
			todo[nr++] = i;
	while (nr) {
		const struct graph_node *node = &graph->node[todo[--nr]];
		const size_t *to = forwards ? node->to : node->from;
		size_t nr_to = forwards ? node->nr_to : node->nr_from;

		for (size_t i = 0; i < nr_to; i++)
			if (!set[to[i]]) {
				set[to[i]] = true;
				todo[nr++] = to[i];
			}
	}
	free(todo);
}

void graph_close_dependencies(const struct graph *graph, bool *set)
{
	close_set(graph, set, true);
}

void graph_close_dependents(const struct graph *graph, bool *set)
{
	close_set(graph, set, false);
}

/* A binary heap of node numbers, the lowest on top: those that could stand next. */
struct heap {
	size_t *v, nr;
};

static void heap_push(struct heap *heap, size_t value)
{
	size_t at = heap->nr++;

	while (at && heap->v[(at - 1) / 2] > value) {
		heap->v[at] = heap->v[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	heap->v[at] = value;
}

static size_t heap_pop(struct heap *heap)
{
	size_t top = heap->v[0];
	size_t value = heap->v[--heap->nr];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < heap->nr) {
		if (child + 1 < heap->nr && heap->v[child + 1] < heap->v[child])
			child++;
		if (heap->v[child] >= value)
			break;
		heap->v[at] = heap->v[child];
		at = child;
	}
	heap->v[at] = value;
	return top;
}

/* How many edges of `node` lead into `set`. */
static size_t count_within(const struct graph_node *node, const bool *set)
{
	size_t n = 0;

	for (size_t i = 0; i < node->nr_to; i++)
		n += !set || set[node->to[i]];
	return n;
}

/* Tells those that wait for `at` that it stands; those that wait for nothing else become free. */
static void release_dependents(const struct graph *graph, size_t at, size_t *waits, unsigned *level,
			       struct heap *free_nodes)
{
	const struct graph_node *node = &graph->node[at];

	for (size_t i = 0; i < node->nr_from; i++) {
		size_t from = node->from[i];

		if (level[from] < level[at] + 1)
			level[from] = level[at] + 1;
		/* Nodes outside of the set have a count of 0 and so wrap, never to reach it. */
		if (--waits[from] == 0)
			heap_push(free_nodes, from);
	}
}

size_t graph_order(const struct graph *graph, const bool *set, size_t *order, unsigned *level)
{
	size_t *waits = xcalloc(graph->nr + 1, sizeof(*waits));
	unsigned *height = xcalloc(graph->nr + 1, sizeof(*height));
	struct heap heap = {.v = xcalloc(graph->nr + 1, sizeof(*heap.v))};
	size_t nr = 0;

	for (size_t i = 0; i < graph->nr; i++) {
		if (set && !set[i])
			continue;
		waits[i] = count_within(&graph->node[i], set);
		if (!waits[i])
			heap_push(&heap, i);
	}
	while (heap.nr) {
		order[nr] = heap_pop(&heap);
		release_dependents(graph, order[nr++], waits, height, &heap);
	}
	if (level)
		memcpy(level, height, graph->nr * sizeof(*level));
	free(waits);
	free(height);
	free(heap.v);
	return nr;
}
