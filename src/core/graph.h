/* SPDX-License-Identifier: MIT */
/*
 * The dependency graph, pure: nodes are numbers from 0, an edge a → b says "a depends on b".
 * Orders, cycles and closures; it knows nothing of processes, machines or time.
 */
#ifndef CORE_GRAPH_H
#define CORE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>

struct graph {
	size_t nr; /* nodes */
	struct graph_node {
		size_t *to; /* what it depends on */
		size_t nr_to, alloc_to;
		size_t *from; /* what depends on it */
		size_t nr_from, alloc_from;
	} * node;
};

void graph_init(struct graph *graph, size_t nr);
void graph_release(struct graph *graph);
void graph_add_edge(struct graph *graph, size_t from, size_t to);

/*
 * One cycle, as the nodes along it (each depends on the next, the last on the first). Returns the
 * number of nodes, 0 if there is none; *cycle is from the heap (NULL if 0).
 */
size_t graph_cycle(const struct graph *graph, size_t **cycle);

/*
 * Marks in `set` (nr bools, some true on entry) all that the marked nodes depend on, directly or
 * not; or, the other way round, all that depends on them.
 */
void graph_close_dependencies(const struct graph *graph, bool *set);
void graph_close_dependents(const struct graph *graph, bool *set);

/*
 * Writes the nodes of `set` (NULL: all) to `order` (room for nr), each after all that it depends
 * on; among those that could stand next, the lower number first. Writes each node's level to
 * `level` (nr; NULL allowed): 0 without dependencies in the set, else one more than the highest of
 * these. Returns how many were written. The graph must have no cycle.
 */
size_t graph_order(const struct graph *graph, const bool *set, size_t *order, unsigned *level);

#endif
