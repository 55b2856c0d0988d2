/* SPDX-License-Identifier: MIT */
/*
 * The dependency graph: orders, levels, closures and cycles, on small graphs drawn by hand and on
 * long chains that would overflow the stack of anything that recursed.
 */
#include "base/base.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "core/graph.h"
#include "tap.h"

#define LONG 100000

/* Makes a graph of nodes a, b, c, … from edges such as "ab bc": a depends on b, b on c. */
static void draw(struct graph *graph, size_t nr, const char *edges)
{
	graph_init(graph, nr);
	for (; *edges; edges += edges[2] ? 3 : 2)
		graph_add_edge(graph, (size_t)(edges[0] - 'a'), (size_t)(edges[1] - 'a'));
}

static void is_order(const char *edges, size_t nr, const char *chosen, const char *want)
{
	struct graph graph;
	struct strbuf got = STRBUF_INIT;
	size_t order[26];
	unsigned level[26];
	bool set[26] = {false};
	size_t n;

	draw(&graph, nr, edges);
	for (const char *c = chosen; c && *c; c++)
		set[*c - 'a'] = true;
	n = graph_order(&graph, chosen ? set : NULL, order, level);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&got, "%c%u", (char)('a' + order[i]), level[order[i]]);
	is_str(got.buf, want, edges);
	strbuf_release(&got);
	graph_release(&graph);
}

static void test_order(void)
{
	is_order("", 3, NULL, "a0b0c0");
	is_order("ab bc", 3, NULL, "c0b1a2");
	is_order("ac bc cd", 4, NULL, "d0c1a2b2");
	is_order("ab ab", 2, NULL, "b0a1");
	is_order("ab bc", 3, "ac", "a0c0");
	is_order("ba ca db dc", 4, "abd", "a0b1d2");
	is_order("ac ab bd", 4, NULL, "c0d0b1a2");
	is_order("ab", 2, "", "");
}

static void is_closure(const char *edges, const char *start, bool forwards, const char *want)
{
	struct graph graph;
	char got[27] = "";
	bool set[26] = {false};
	size_t n = 0;

	draw(&graph, 6, edges);
	for (; *start; start++)
		set[*start - 'a'] = true;
	if (forwards)
		graph_close_dependencies(&graph, set);
	else
		graph_close_dependents(&graph, set);
	for (size_t i = 0; i < graph.nr; i++)
		if (set[i])
			got[n++] = (char)('a' + i);
	is_str(got, want, edges);
	graph_release(&graph);
}

static void test_closure(void)
{
	is_closure("ab bc de", "a", true, "abc");
	is_closure("ab bc de", "ad", true, "abcde");
	is_closure("ab bc de", "c", false, "abc");
	is_closure("ab bc ca", "b", true, "abc");
	is_closure("ab bc", "", true, "");
}

static void is_cycle(const char *edges, const char *want)
{
	struct graph graph;
	char got[27] = "";
	size_t *cycle;
	size_t n;

	draw(&graph, 8, edges);
	n = graph_cycle(&graph, &cycle);
	for (size_t i = 0; i < n; i++)
		got[i] = (char)('a' + cycle[i]);
	is_str(got, want, edges);
	free(cycle);
	graph_release(&graph);
}

static void test_cycle(void)
{
	is_cycle("", "");
	is_cycle("ab ac bd cd", "");
	is_cycle("ab ba", "ab");
	is_cycle("aa", "a");
	is_cycle("ab bc cd db", "bcd");
	is_cycle("ab cd dc", "cd");
}

static void test_long(void)
{
	struct graph graph;
	size_t *order = xcalloc(LONG, sizeof(*order));
	bool *set = xcalloc(LONG, sizeof(*set));
	size_t *cycle;
	int64_t began = loop_now_ms();

	graph_init(&graph, LONG);
	for (size_t i = 0; i + 1 < LONG; i++)
		graph_add_edge(&graph, i, i + 1);
	is_int((long long)graph_cycle(&graph, &cycle), 0, "a long chain has no cycle");
	is_int((long long)graph_order(&graph, NULL, order, NULL), LONG, "and an order");
	ok(order[0] == LONG - 1 && order[LONG - 1] == 0, "from its end");
	set[0] = true;
	graph_close_dependencies(&graph, set);
	ok(set[LONG - 1], "its head needs its end");
	graph_add_edge(&graph, LONG - 1, 0);
	is_int((long long)graph_cycle(&graph, &cycle), LONG, "a long cycle is found whole");
	free(cycle);
	ok(loop_now_ms() - began < 5000, "in a time that grows with its length");
	graph_release(&graph);
	free(order);
	free(set);
}

int main(void)
{
	test_order();
	test_closure();
	test_cycle();
	test_long();
	return done_testing();
}
