/* SPDX-License-Identifier: MIT */
/*
 * Dependencies: from the names in `depends` to places in the list of processes, and the proof that
 * nobody waits for himself.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "core/config_read.h"
#include "core/graph.h"

/* Files with more cycles than this have other troubles. */
#define CYCLES_TOLD 20
#define SUGGESTIONS 100

/* Where the dependencies of one process are gathered. */
struct gathering {
	struct config_reader *reader;
	struct config_process *process;
	struct strmap seen;
};

static void tell_unknown(struct config_reader *reader, const struct yaml_node *name)
{
	struct strbuf suggestion = STRBUF_INIT;
	struct nearest nearest;

	nearest_init(&nearest, name->text);
	/* The search is long in a long file: nobody reads the hundredth suggestion. */
	for (size_t i = 0; i < reader->config->nr_processes && reader->errors < SUGGESTIONS; i++)
		nearest_offer(&nearest, reader->config->process[i].name);
	config_say(reader, CONCERT_LEVEL_ERROR, &name->mark,
		   "'depends': no process is called '%s'%s", name->text,
		   config_suggestion(&suggestion, &nearest));
	strbuf_release(&suggestion);
}

/* Adds a dependency on `name`, or tells why not and returns NULL. */
static struct config_dependency *add(struct gathering *to, const struct yaml_node *name)
{
	struct config_reader *reader = to->reader;
	struct config_process *process = to->process;
	size_t nr = (size_t)(uintptr_t)strmap_get(&reader->names, name->text);

	if (!nr) {
		tell_unknown(reader, name);
		return NULL;
	}
	if (&reader->config->process[nr - 1] == process) {
		config_say(reader, CONCERT_LEVEL_ERROR, &name->mark,
			   "'%s': depends on itself: %s -> %s (leave it out)", process->name,
			   process->name, process->name);
		return NULL;
	}
	if (strmap_put(&to->seen, name->text, to)) {
		config_say(reader, CONCERT_LEVEL_WARNING, &name->mark, "'depends': '%s' twice",
			   name->text);
		return NULL;
	}
	process->depends[process->nr_depends] = (struct config_dependency){
		.process = nr - 1,
		.required = true,
		.condition = CONCERT_CONDITION_READY,
		.mark = name->mark,
	};
	return &process->depends[process->nr_depends++];
}

static void take_condition(const struct config_field *field, void *into)
{
	static const char *const names[] = {
		[CONCERT_CONDITION_READY] = "ready",
		[CONCERT_CONDITION_STARTED] = "started",
		[CONCERT_CONDITION_EXITED] = "exited",
		[CONCERT_CONDITION_SUCCEEDED] = "succeeded",
	};
	enum concert_condition *condition = into;
	struct nearest nearest;
	struct strbuf suggestion = STRBUF_INIT;
	const char *text = field->value->text ? field->value->text : "";

	nearest_init(&nearest, text);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		nearest_offer(&nearest, names[i]);
		if (!strcmp(names[i], text)) {
			*condition = (enum concert_condition)i;
			return;
		}
	}
	config_wrong(field, "'%s' is no condition%s", *text ? text : yaml_type_name(field->value),
		     *config_suggestion(&suggestion, &nearest)
			     ? suggestion.buf
			     : " (one of started, ready, exited, succeeded)");
	strbuf_release(&suggestion);
}

/* `a: started`, `a: {condition: …, required: …}`, or `a:` alone. */
static void take_terms(struct config_reader *reader, struct config_dependency *dependency,
		       const char *name, const struct yaml_node *value)
{
	static const struct config_key keys[] = {
		{"condition", take_condition, offsetof(struct config_dependency, condition), 0},
		{"required", config_take_bool, offsetof(struct config_dependency, required), 0},
	};
	struct config_field field = {.reader = reader, .name = name, .value = value};

	if (value->type == YAML_MAPPING)
		config_read_keys(reader, name, value, keys, ARRAY_SIZE(keys), dependency);
	else if (value->type != YAML_NULL)
		take_condition(&field, &dependency->condition);
}

static void gather_map(struct gathering *to, const struct yaml_node *node)
{
	struct strbuf name = STRBUF_INIT;

	for (size_t i = 0; i < node->nr; i++) {
		struct config_dependency *dependency = add(to, node->pair[i].key);

		strbuf_reset(&name);
		strbuf_addf(&name, "depends.%s", node->pair[i].key->text);
		if (dependency)
			take_terms(to->reader, dependency, name.buf, node->pair[i].value);
	}
	strbuf_release(&name);
}

static void gather_list(struct gathering *to, const struct yaml_node *node)
{
	for (size_t i = 0; i < node->nr; i++) {
		struct config_field field = {to->reader, "depends", node->item[i]};

		if (node->item[i]->text && node->item[i]->type != YAML_NULL)
			add(to, node->item[i]);
		else
			config_wrong(&field, "%s, not the name of a process",
				     yaml_type_name(node->item[i]));
	}
}

static void gather(struct config_reader *reader, struct config_process *process,
		   const struct yaml_node *node)
{
	struct gathering to = {.reader = reader, .process = process};
	struct config_field field = {.reader = reader, .name = "depends", .value = node};

	process->depends = xcalloc(node->nr + 1, sizeof(*process->depends));
	if (node->type == YAML_SEQUENCE)
		gather_list(&to, node);
	else if (node->type == YAML_MAPPING)
		gather_map(&to, node);
	else
		config_wrong(&field, "%s, not a list (such as [a, b]) or a mapping",
			     yaml_type_name(node));
	strmap_release(&to.seen, NULL);
}

/* Removes the edge by which the last node of a cycle leads back to the first. */
static void cut(struct graph *graph, size_t from, size_t to)
{
	struct graph_node *node = &graph->node[from];
	size_t nr = 0;

	for (size_t i = 0; i < node->nr_to; i++)
		if (node->to[i] != to)
			node->to[nr++] = node->to[i];
	node->nr_to = nr;
}

static const struct yaml_mark *place_of(const struct config_process *process, size_t on)
{
	for (size_t i = 0; i < process->nr_depends; i++)
		if (process->depends[i].process == on)
			return &process->depends[i].mark;
	return &process->mark;
}

/* Tells a cycle, from the process in it that stands first in the file. */
static void tell_cycle(struct config_reader *reader, const size_t *cycle, size_t nr)
{
	const struct config_process *process = reader->config->process;
	struct strbuf path = STRBUF_INIT;
	size_t first = 0;

	for (size_t i = 1; i < nr; i++)
		if (cycle[i] < cycle[first])
			first = i;
	for (size_t i = 0; i <= nr; i++)
		strbuf_addf(&path, "%s%s", i ? " -> " : "", process[cycle[(first + i) % nr]].name);
	config_say(reader, CONCERT_LEVEL_ERROR,
		   place_of(&process[cycle[first]], cycle[(first + 1) % nr]),
		   "'%s': depends on itself: %s (leave one of these out)",
		   process[cycle[first]].name, path.buf);
	strbuf_release(&path);
}

void config_graph(const struct config *config, struct graph *graph)
{
	graph_init(graph, config->nr_processes);
	for (size_t i = 0; i < config->nr_processes; i++)
		for (size_t k = 0; k < config->process[i].nr_depends; k++)
			graph_add_edge(graph, i, config->process[i].depends[k].process);
}

static void tell_cycles(struct config_reader *reader)
{
	const struct config *config = reader->config;
	struct graph graph;
	size_t *cycle;
	size_t nr = 1;

	config_graph(config, &graph);
	for (int i = 0; nr && i < CYCLES_TOLD; i++) {
		nr = graph_cycle(&graph, &cycle);
		if (nr) {
			tell_cycle(reader, cycle, nr);
			cut(&graph, cycle[nr - 1], cycle[0]);
		}
		free(cycle);
	}
	graph_release(&graph);
}

void config_link(struct config_reader *reader)
{
	for (size_t i = 0; i < reader->config->nr_processes; i++)
		if (reader->depends[i])
			gather(reader, &reader->config->process[i], reader->depends[i]);
	tell_cycles(reader);
}
