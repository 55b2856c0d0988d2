/* SPDX-License-Identifier: MIT */
/*
 * From a list of pids to a tree in the order in which it is read. Nothing recurses, and nothing
 * compares each with each: a machine can name sixty thousand pids in one chain.
 */
#include "base/base.h"
#include "target/pidtree.h"

#define NONE SIZE_MAX

/* Indices into the list, which is sorted by pid; NONE ends them. */
struct node {
	size_t parent, child, next;
	bool placed;
};

struct tree {
	const struct target_pid *pid;
	struct node *node;
	size_t nr;
	struct target_pid *out;
	size_t nr_out;
};

static int by_pid(const void *a, const void *b)
{
	const struct target_pid *p = a, *q = b;

	return p->pid < q->pid ? -1 : p->pid > q->pid;
}

static int by_age(const void *a, const void *b)
{
	const struct target_pid *p = *(const struct target_pid *const *)a;
	const struct target_pid *q = *(const struct target_pid *const *)b;

	if (p->start_ticks != q->start_ticks)
		return p->start_ticks < q->start_ticks ? -1 : 1;
	return by_pid(p, q);
}

static size_t drop_twins(struct target_pid *pid, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++) {
		if (kept && pid[kept - 1].pid == pid[i].pid)
			free(pid[i].command);
		else
			pid[kept++] = pid[i];
	}
	return kept;
}

static size_t find(const struct tree *tree, int64_t pid)
{
	const struct target_pid key = {.pid = pid};
	const struct target_pid *found =
		bsearch(&key, tree->pid, tree->nr, sizeof(*tree->pid), by_pid);

	return found ? (size_t)(found - tree->pid) : NONE;
}

/* Hangs each below its parent. `age` is walked backwards, so that the oldest child comes first. */
static void link_nodes(struct tree *tree, const struct target_pid *const *age, int64_t above)
{
	for (size_t i = 0; i < tree->nr; i++)
		tree->node[i] = (struct node){NONE, NONE, NONE, false};
	for (size_t i = tree->nr; i-- > 0;) {
		size_t at = (size_t)(age[i] - tree->pid);
		size_t parent = age[i]->ppid == above ? NONE : find(tree, age[i]->ppid);

		tree->node[at].parent = parent;
		if (parent != NONE) {
			tree->node[at].next = tree->node[parent].child;
			tree->node[parent].child = at;
		}
	}
}

static void put(struct tree *tree, size_t at, unsigned depth)
{
	tree->node[at].placed = true;
	tree->out[tree->nr_out] = tree->pid[at];
	tree->out[tree->nr_out++].depth = depth < PIDTREE_DEPTH_MAX ? depth : PIDTREE_DEPTH_MAX;
}

/* A root and all that is below it. */
static void put_below(struct tree *tree, size_t root)
{
	size_t at = root;
	unsigned depth = 0;

	for (;;) {
		put(tree, at, depth);
		if (tree->node[at].child != NONE) {
			at = tree->node[at].child;
			depth++;
			continue;
		}
		while (at != root && tree->node[at].next == NONE) {
			at = tree->node[at].parent;
			depth--;
		}
		if (at == root)
			return;
		at = tree->node[at].next;
	}
}

static void put_all(struct tree *tree, const struct target_pid *const *age, int64_t above)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < tree->nr; i++) {
			size_t at = (size_t)(age[i] - tree->pid);

			if (tree->node[at].parent == NONE && (age[i]->ppid == above) == !pass)
				put_below(tree, at);
		}
	for (size_t i = 0; i < tree->nr; i++)
		if (!tree->node[age[i] - tree->pid].placed)
			put(tree, (size_t)(age[i] - tree->pid), 0);
}

size_t pidtree_sort(struct target_pid *pid, size_t nr, int64_t above)
{
	const struct target_pid **age;
	struct tree tree = {.pid = pid};

	if (!nr)
		return 0;
	qsort(pid, nr, sizeof(*pid), by_pid);
	tree.nr = nr = drop_twins(pid, nr);
	age = xreallocarray(NULL, nr, sizeof(*age));
	tree.node = xreallocarray(NULL, nr, sizeof(*tree.node));
	tree.out = xreallocarray(NULL, nr, sizeof(*tree.out));
	for (size_t i = 0; i < nr; i++)
		age[i] = &pid[i];
	qsort(age, nr, sizeof(*age), by_age);
	link_nodes(&tree, age, above);
	put_all(&tree, age, above);
	memcpy(pid, tree.out, nr * sizeof(*pid));
	free(age);
	free(tree.node);
	free(tree.out);
	return nr;
}
