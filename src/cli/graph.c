/* SPDX-License-Identifier: MIT */
/*
 * `concert graph`: a tree for people, in which each process stands above what it depends on, or
 * the input of graphviz. A process that several depend on is drawn out once.
 */
#include "base/base.h"
#include "base/strmap.h"
#include "cli/cli.h"
#include "cli/text.h"

struct drawing {
	const struct cli *cli;
	struct strmap index; /* process → its concert_process_info */
	struct strmap drawn; /* process → not NULL, once its dependencies were drawn */
	struct strbuf out, indent;
};

/* A process whose dependencies are being drawn, and the next of them. */
struct level {
	const struct concert_process_info *info;
	size_t next, indent;
};

static void add_dimmed(struct drawing *drawing, const char *text)
{
	strbuf_addstr(&drawing->out, term_sgr(&drawing->cli->out, TERM_DIM));
	text_addstr(&drawing->out, text);
	strbuf_addstr(&drawing->out, term_sgr(&drawing->cli->out, TERM_PLAIN));
}

/* The rest of a line: the process, where it runs, how it is depended on (NULL: a root). */
static void add_node(struct drawing *drawing, const struct concert_process_info *info,
		     const struct concert_dependency_info *how)
{
	bool again = info->nr_depends && strmap_get(&drawing->drawn, info->name);
	struct strbuf note = STRBUF_INIT;

	text_addstr(&drawing->out, info->name);
	strbuf_addf(&note, "  %s", info->machine);
	if (info->container)
		strbuf_addf(&note, " (%s)", info->container);
	if (how && how->condition != CONCERT_CONDITION_READY)
		strbuf_addf(&note, ", %s", concert_condition_name(how->condition));
	if (how && !how->required)
		strbuf_addstr(&note, ", not required");
	if (again)
		strbuf_addstr(&note, ", see above");
	add_dimmed(drawing, note.buf);
	strbuf_addch(&drawing->out, '\n');
	strbuf_release(&note);
}

static void add_branch(struct drawing *drawing, bool last)
{
	bool utf8 = text_is_utf8();

	strbuf_add(&drawing->out, drawing->indent.buf, drawing->indent.len);
	strbuf_addstr(&drawing->out, last ? utf8 ? "└─ " : "`- " : utf8 ? "├─ " : "|- ");
	strbuf_addstr(&drawing->indent, last ? "   " : utf8 ? "│  " : "|  ");
}

/* The tree below a root. A stack of its own: a chain of 10,000 is a legal file. */
static void draw_tree(struct drawing *drawing, const struct concert_process_info *root)
{
	struct level *stack = NULL;
	size_t nr = 0, alloc = 0;

	add_node(drawing, root, NULL);
	ALLOC_GROW(stack, 1, alloc);
	stack[nr++] = (struct level){.info = root};
	while (nr) {
		struct level *top = &stack[nr - 1];
		const struct concert_dependency_info *how = &top->info->depends[top->next];
		const struct concert_process_info *info;
		size_t indent = drawing->indent.len;

		if (top->next == top->info->nr_depends) {
			strmap_put(&drawing->drawn, top->info->name, drawing);
			strbuf_setlen(&drawing->indent, top->indent);
			nr--;
			continue;
		}
		info = strmap_get(&drawing->index, how->process);
		add_branch(drawing, ++top->next == top->info->nr_depends);
		add_node(drawing, info, how);
		if (strmap_get(&drawing->drawn, info->name) || !info->nr_depends) {
			strbuf_setlen(&drawing->indent, indent);
			continue;
		}
		ALLOC_GROW(stack, nr + 1, alloc);
		stack[nr++] = (struct level){.info = info, .indent = indent};
	}
	free(stack);
}

static void draw(struct drawing *drawing)
{
	struct concert *concert = drawing->cli->concert;
	size_t nr = concert_nr_processes(concert);
	struct strmap needed = STRMAP_INIT;

	for (size_t i = 0; i < nr; i++) {
		const struct concert_process_info *info = concert_process(concert, i);

		strmap_put(&drawing->index, info->name, (void *)(uintptr_t)info);
		for (size_t j = 0; j < info->nr_depends; j++)
			strmap_put(&needed, info->depends[j].process, drawing);
	}
	for (size_t i = 0; i < nr; i++)
		if (!strmap_get(&needed, concert_process(concert, i)->name))
			draw_tree(drawing, concert_process(concert, i));
	strmap_release(&needed, NULL);
}

/* ---- graphviz ---- */

static void add_quoted(struct strbuf *out, const char *text)
{
	struct strbuf harmless = STRBUF_INIT;

	text_addstr(&harmless, text);
	strbuf_addch(out, '"');
	for (const char *p = harmless.buf; *p; p++) {
		if (*p == '"' || *p == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, *p);
	}
	strbuf_addch(out, '"');
	strbuf_release(&harmless);
}

static void add_edges(struct strbuf *out, const struct concert_process_info *info)
{
	for (size_t i = 0; i < info->nr_depends; i++) {
		const struct concert_dependency_info *how = &info->depends[i];

		strbuf_addch(out, '\t');
		add_quoted(out, info->name);
		strbuf_addstr(out, " -> ");
		add_quoted(out, how->process);
		if (how->condition != CONCERT_CONDITION_READY || !how->required) {
			strbuf_addstr(out, " [label=");
			add_quoted(out, how->condition != CONCERT_CONDITION_READY
						? concert_condition_name(how->condition)
						: "");
			strbuf_addf(out, "%s]", how->required ? "" : ", style=dashed");
		}
		strbuf_addstr(out, ";\n");
	}
}

/* A box round the processes of each machine. */
static void add_machine(struct strbuf *out, struct concert *concert, size_t number,
			const char *machine)
{
	size_t nr = concert_nr_processes(concert);

	strbuf_addf(out, "\tsubgraph cluster_%zu {\n\t\tlabel=", number);
	add_quoted(out, machine);
	strbuf_addstr(out, ";\n");
	for (size_t i = 0; i < nr; i++) {
		const struct concert_process_info *info = concert_process(concert, i);

		if (strcmp(info->machine, machine))
			continue;
		strbuf_addstr(out, "\t\t");
		add_quoted(out, info->name);
		strbuf_addf(out, "%s;\n", info->persistent ? "" : " [style=rounded]");
	}
	strbuf_addstr(out, "\t}\n");
}

static void draw_dot(struct drawing *drawing)
{
	struct concert *concert = drawing->cli->concert;
	struct strmap machines = STRMAP_INIT;
	size_t nr = concert_nr_processes(concert);

	strbuf_addstr(&drawing->out, "digraph concert {\n\tnode [shape=box];\n");
	for (size_t i = 0; i < nr; i++)
		strmap_put(&machines, concert_process(concert, i)->machine, NULL);
	for (size_t i = 0; i < machines.nr; i++)
		add_machine(&drawing->out, concert, i, machines.entry[i].key);
	for (size_t i = 0; i < nr; i++)
		add_edges(&drawing->out, concert_process(concert, i));
	strbuf_addstr(&drawing->out, "}\n");
	strmap_release(&machines, NULL);
}

int cmd_graph(struct cli *cli)
{
	enum concert_status status = cli_open(cli, OBSERVE_ERRORS);
	struct drawing drawing = {.cli = cli, .out = STRBUF_INIT, .indent = STRBUF_INIT};

	if (status)
		return status;
	if (cli->opt.dot)
		draw_dot(&drawing);
	else
		draw(&drawing);
	cli_write(&drawing.out);
	strbuf_release(&drawing.out);
	strbuf_release(&drawing.indent);
	strmap_release(&drawing.index, NULL);
	strmap_release(&drawing.drawn, NULL);
	return CONCERT_OK;
}
