/* SPDX-License-Identifier: MIT */
/*
 * Judges the facts about a run: is it there, how did it end, what may be said about it. Strongest
 * first: living processes, then the run's files, then tmux's windows. Pure; facts.c collects.
 */
#include "base/base.h"
#include "target/facts.h"

/* The pane that its wrapper runs in, or NULL. One that the user split off is another. */
static struct fact_pane *pane_of(struct facts *facts, const struct fact_run *run)
{
	for (size_t i = 0; i < facts->nr_pane; i++) {
		struct fact_pane *pane = &facts->pane[i];

		if (pane->managed && !strcmp(pane->run, run->run.run) &&
		    (!run->pane || !strcmp(run->pane, pane->pane)))
			return pane;
	}
	return NULL;
}

/* "exit:3:123.45" or "signal:9:123.45": how, and when since boot. */
static void read_status(struct facts *facts, struct fact_run *run)
{
	char *end;
	bool by_signal = !strncmp(run->status, "signal:", 7);
	long value =
		strtol(strchr(run->status, ':') ? strchr(run->status, ':') + 1 : "-1", &end, 10);

	if (value >= 0 && value <= 255) {
		run->run.exit_status = by_signal ? -1 : (int)value;
		run->run.signal = by_signal ? (int)value : 0;
	}
	if (*end == ':' && run->boot && facts->boot && !strcmp(run->boot, facts->boot))
		run->run.ended_ago_s = facts->up - strtod(end + 1, NULL);
}

static void reason(struct fact_run *run, const char *text)
{
	free(run->run.reason);
	run->run.reason = xstrdup(text);
}

/* What is left when nothing lives and no status was written. */
static void judge_vanished(struct facts *facts, struct fact_run *run, const struct fact_pane *pane)
{
	run->run.phase = RUN_VANISHED;
	if (pane && pane->dead && (pane->dead_status >= 0 || pane->dead_signal > 0)) {
		run->run.phase = RUN_ENDED;
		run->run.signal = pane->dead_signal > 0 ? pane->dead_signal : 0;
		run->run.exit_status = run->run.signal ? -1 : pane->dead_status;
		reason(run, "its window was ended from outside");
	} else if (run->boot && facts->boot && strcmp(run->boot, facts->boot)) {
		reason(run, "the machine was rebooted");
	} else if (!run->started && !run->wrapper) {
		reason(run, "its start was cut off");
	} else {
		reason(run, "its tmux window was killed");
	}
}

static void judge_over(struct facts *facts, struct fact_run *run, const struct fact_pane *pane)
{
	if (run->status) {
		run->run.phase = RUN_ENDED;
		read_status(facts, run);
	} else {
		judge_vanished(facts, run, pane);
	}
	if (run->stopped)
		run->run.phase = RUN_STOPPED;
	if (run->nr_pid) {
		run->run.phase = RUN_ORPHANED;
		reason(run, run->stopped ? "processes of it survived a kill"
					 : "processes that it started live on");
	}
}

static void judge(struct facts *facts, struct fact_run *run)
{
	const struct fact_pane *pane = pane_of(facts, run);
	bool in_window = pane && !pane->dead;

	if (run->status || (!in_window && !run->wrapper_lives && !run->holder_lives)) {
		judge_over(facts, run, pane);
	} else if (run->wrapper && !run->wrapper_lives) {
		judge_over(facts, run, pane);
	} else if (run->wrapper_lives && !in_window && run->nr_pid) {
		run->run.phase = RUN_ORPHANED;
		reason(run, "its window is gone");
	} else {
		run->run.phase = RUN_LIVES;
	}
	if (run->stopping && (run->run.phase == RUN_LIVES || run->run.phase == RUN_ORPHANED) &&
	    !run->stopped)
		run->run.phase = RUN_STOPPING;
	run->run.log_failed = run->run.phase == RUN_LIVES && pane && !pane->pipe;
}

static bool is_over(const struct target_run *run)
{
	return run->phase == RUN_ENDED || run->phase == RUN_STOPPED || run->phase == RUN_VANISHED;
}

/* Since the last look if that is younger than a minute, or over its life. */
static void measure(struct facts *facts, struct fact_run *run)
{
	const struct fact_pane *pane = pane_of(facts, run);
	double since = run->began, used = run->ticks;

	run->run.memory_bytes = 0;
	for (size_t i = 0; i < run->nr_pid; i++)
		run->run.memory_bytes += run->pid[i].memory_bytes;
	if (run->began >= 0)
		run->run.uptime_s = facts->up - run->began;
	if (pane && pane->cpu_ticks >= 0 && pane->cpu_ticks <= used &&
	    pane->cpu_up / 100 < facts->up - 0.2 && pane->cpu_up / 100 > facts->up - 60) {
		since = pane->cpu_up / 100;
		used -= pane->cpu_ticks;
	}
	if (since >= 0 && facts->up > since)
		run->run.cpu_percent = used / (facts->up - since);
}

static int by_start(const void *a, const void *b)
{
	const struct target_pid *p = a, *q = b;

	if (p->start_ticks != q->start_ticks)
		return p->start_ticks < q->start_ticks ? -1 : 1;
	return p->pid < q->pid ? -1 : p->pid > q->pid;
}

/* Moves `from` and all that is below it over, children after their parent, oldest first. */
static void place(struct fact_run *run, struct target_pid *to, size_t *nr, int64_t parent,
		  unsigned depth)
{
	for (size_t i = 0; i < run->nr_pid; i++) {
		struct target_pid *pid = &run->pid[i];

		if (!pid->pid || pid->ppid != parent)
			continue;
		to[*nr] = *pid;
		to[(*nr)++].depth = depth;
		pid->pid = 0;
		if (depth < 64)
			place(run, to, nr, to[*nr - 1].pid, depth + 1);
	}
}

static bool has_pid(const struct fact_run *run, int64_t pid)
{
	for (size_t i = 0; i < run->nr_pid; i++)
		if (run->pid[i].pid == pid)
			return true;
	return false;
}

static void make_tree(struct fact_run *run)
{
	struct target_pid *tree = xcalloc(run->nr_pid + 1, sizeof(*tree));
	size_t nr = 0;

	if (run->nr_pid) /* qsort() must not be given NULL */
		qsort(run->pid, run->nr_pid, sizeof(*run->pid), by_start);
	place(run, tree, &nr, run->wrapper ? run->wrapper : -1, 0);
	for (size_t i = 0; i < run->nr_pid; i++)
		if (run->pid[i].pid && !has_pid(run, run->pid[i].ppid))
			place(run, tree, &nr, run->pid[i].ppid, 0);
	/* Only a machine that lies has rings. */
	for (size_t i = 0; i < run->nr_pid; i++)
		if (run->pid[i].pid)
			tree[nr++] = run->pid[i];
	run->run.pid = nr ? tree[0].pid : 0;
	run->run.pid_list = tree;
	run->run.nr_pids = nr;
	run->nr_pid = 0;
}

static void finish_run(struct facts *facts, struct fact_run *run)
{
	judge(facts, run);
	if (!is_over(&run->run))
		measure(facts, run);
	if (run->ready >= 0 && !is_over(&run->run))
		run->run.ready_age_s = facts->up - run->ready;
	make_tree(run);
}

static struct target_run *find(struct target_snapshot *snapshot, const char *session,
			       const char *process)
{
	return (struct target_run *)(uintptr_t)target_snapshot_find(snapshot, session, process);
}

/* A foreign window stands in the way of a run that is over, and beside one that lives. */
static void add_foreign(struct target_snapshot *snapshot, size_t *alloc, struct fact_pane *pane)
{
	struct target_run *run = find(snapshot, pane->session, pane->window);

	if (run && !is_over(run))
		return;
	if (!run) {
		ALLOC_GROW(snapshot->run, snapshot->nr_runs + 1, *alloc);
		run = &snapshot->run[snapshot->nr_runs++];
		run_init(run);
		run->session = xstrdup(pane->session);
		run->process = xstrdup(pane->window);
	}
	run->phase = RUN_FOREIGN;
	free(run->reason);
	run->reason = xstrdup("a window has its name that concert did not make");
}

void facts_snapshot(struct facts *facts, struct target_snapshot *snapshot)
{
	size_t alloc = facts->nr_run;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->tmux_version = facts->tmux_version;
	facts->tmux_version = NULL;
	snapshot->run = xcalloc(facts->nr_run + 1, sizeof(*snapshot->run));
	for (size_t i = 0; i < facts->nr_run; i++) {
		finish_run(facts, &facts->run[i]);
		snapshot->run[snapshot->nr_runs++] = facts->run[i].run;
		run_init(&facts->run[i].run);
	}
	for (size_t i = 0; i < facts->nr_pane; i++)
		if (!facts->pane[i].managed)
			add_foreign(snapshot, &alloc, &facts->pane[i]);
}
