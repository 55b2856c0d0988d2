/* SPDX-License-Identifier: MIT */
/*
 * Judges the facts about a run: is it there, how did it end, what may be said about it. Strongest
 * first: living processes, then the run's files, then tmux's windows. Pure; facts.c collects.
 */
#include "base/base.h"
#include "target/facts.h"
#include "target/pidtree.h"

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
	double when;
	bool by_signal = !strncmp(run->status, "signal:", 7);
	long value =
		strtol(strchr(run->status, ':') ? strchr(run->status, ':') + 1 : "-1", &end, 10);

	if (value >= 0 && value <= 255) {
		run->run.exit_status = by_signal ? -1 : (int)value;
		run->run.signal = by_signal ? (int)value : 0;
	}
	when = *end == ':' ? strtod(end + 1, NULL) : -1;
	if (when >= 0 && when <= facts->up && run->boot && facts->boot &&
	    !strcmp(run->boot, facts->boot))
		run->run.ended_ago_s = facts->up - when;
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
	if (since >= 0 && facts->up - since >= 0.01)
		run->run.cpu_percent = used / (facts->up - since);
}

static int by_pid(const void *a, const void *b)
{
	const struct fact_command *p = a, *q = b;

	if (p->pid != q->pid)
		return p->pid < q->pid ? -1 : 1;
	return p->nr < q->nr ? -1 : p->nr > q->nr;
}

/* The first of the pid's commands is its; `facts->command` is sorted. */
static void take_command(struct facts *facts, struct target_pid *pid)
{
	size_t low = 0, high = facts->nr_command;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->command[middle].pid < pid->pid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == facts->nr_command || facts->command[low].pid != pid->pid)
		return;
	pid->command = facts->command[low].text;
	facts->command[low].text = NULL;
}

static void make_tree(struct facts *facts, struct fact_run *run)
{
	run->run.nr_pids = pidtree_sort(run->pid, run->nr_pid, run->wrapper);
	run->run.pid_list = run->pid;
	run->run.pid = run->nr_pid ? run->pid[0].pid : 0;
	for (size_t i = 0; i < run->run.nr_pids; i++)
		take_command(facts, &run->run.pid_list[i]);
	run->pid = NULL;
	run->nr_pid = 0;
}

static void finish_run(struct facts *facts, struct fact_run *run)
{
	judge(facts, run);
	if (!is_over(&run->run))
		measure(facts, run);
	if (run->ready >= 0 && !is_over(&run->run))
		run->run.ready_age_s = facts->up - run->ready;
	make_tree(facts, run);
}

/* Which run is of which session and process, while windows are compared with them. */
struct index {
	struct target_snapshot *snapshot;
	size_t alloc;
	struct strmap places; /* SESSION:PROCESS → index + 1 */
};

static void add_place(struct index *index, size_t at)
{
	const struct target_run *run = &index->snapshot->run[at];
	char *place = xasprintf("%s:%s", run->session, run->process);

	if (!strmap_get(&index->places, place))
		strmap_put(&index->places, place, (void *)(uintptr_t)(at + 1));
	free(place);
}

static struct target_run *find(const struct index *index, const struct fact_pane *pane)
{
	char *place = xasprintf("%s:%s", pane->session, pane->window);
	size_t nr = (size_t)(uintptr_t)strmap_get(&index->places, place);

	free(place);
	return nr ? &index->snapshot->run[nr - 1] : NULL;
}

/* A foreign window stands in the way of a run that is over, and beside one that lives. */
static void add_foreign(struct index *index, const struct fact_pane *pane)
{
	struct target_snapshot *snapshot = index->snapshot;
	struct target_run *run = find(index, pane);

	if (run && !is_over(run))
		return;
	if (!run) {
		ALLOC_GROW(snapshot->run, snapshot->nr_runs + 1, index->alloc);
		run = &snapshot->run[snapshot->nr_runs++];
		run_init(run);
		run->session = xstrdup(pane->session);
		run->process = xstrdup(pane->window);
		add_place(index, snapshot->nr_runs - 1);
	}
	run->phase = RUN_FOREIGN;
	free(run->reason);
	run->reason = xstrdup("a window has its name that concert did not make");
}

void facts_snapshot(struct facts *facts, struct target_snapshot *snapshot)
{
	struct index index = {.snapshot = snapshot, .alloc = facts->nr_run};

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->tmux_version = facts->tmux_version;
	facts->tmux_version = NULL;
	snapshot->run = xcalloc(facts->nr_run + 1, sizeof(*snapshot->run));
	if (facts->nr_command)
		qsort(facts->command, facts->nr_command, sizeof(*facts->command), by_pid);
	for (size_t i = 0; i < facts->nr_run; i++) {
		finish_run(facts, &facts->run[i]);
		snapshot->run[snapshot->nr_runs++] = facts->run[i].run;
		run_init(&facts->run[i].run);
		add_place(&index, i);
	}
	for (size_t i = 0; i < facts->nr_pane; i++)
		if (!facts->pane[i].managed)
			add_foreign(&index, &facts->pane[i]);
	strmap_release(&index.places, NULL);
}
