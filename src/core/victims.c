/* SPDX-License-Identifier: MIT */
/*
 * Choosing what a kill ends. The contract is in victims.h.
 */
#include "base/base.h"
#include "core/victims.h"

void victims_extend(bool *set, const struct config *config, const struct graph *graph,
		    const struct concert_request *request)
{
	bool *named = xcalloc(config->nr_processes, sizeof(*named));

	memcpy(named, set, config->nr_processes * sizeof(*named));
	for (size_t i = 0; i < config->nr_processes; i++) {
		const struct config_process *process = &config->process[i];

		if (!named[i] || process->persistent)
			continue;
		for (size_t k = 0; k < process->nr_depends; k++)
			set[process->depends[k].process] = true;
	}
	free(named);
	if (!request->only)
		graph_close_dependents(graph, set);
}

static bool is_needed_elsewhere(size_t i, const bool *set, const bool *alive,
				const struct graph *graph)
{
	for (size_t k = 0; k < graph->node[i].nr_from; k++) {
		size_t dependent = graph->node[i].from[k];

		if (alive[dependent] && !set[dependent])
			return true;
	}
	return false;
}

/*
 * Through what is not alive the search goes on: a one-shot that is over brought up what it depends
 * on all the same. Such nodes are only `seen`, not added.
 */
void victims_add_dependencies(bool *set, const bool *alive, const struct graph *graph)
{
	bool *reached = xcalloc(graph->nr, sizeof(*reached));
	bool grown = true;

	memcpy(reached, set, graph->nr * sizeof(*reached));
	graph_close_dependencies(graph, reached);
	while (grown) {
		grown = false;
		for (size_t i = 0; i < graph->nr; i++) {
			if (set[i] || !reached[i] || !alive[i] ||
			    is_needed_elsewhere(i, set, alive, graph))
				continue;
			set[i] = grown = true;
		}
	}
	free(reached);
}
