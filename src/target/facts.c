/* SPDX-License-Identifier: MIT */
/*
 * Collects the lines of scripts/facts.sh. Lines come in an order, and each may be missing or
 * wrong: an `i` or `f` line belongs to the `run` line before it, and so on. phase.c judges.
 */
#include "base/base.h"
#include "target/facts.h"

/* Of one pid: so that the sum of all that can be told fits. */
#define MEMORY_MAX (INT64_C(1) << 46)

void facts_init(struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->page = 4096;
}

static void pane_release(struct fact_pane *pane)
{
	free(pane->pane);
	free(pane->run);
	free(pane->own_session);
	free(pane->own_process);
	free(pane->session);
	free(pane->window);
}

void facts_release(struct facts *facts)
{
	for (size_t i = 0; i < facts->nr_run; i++) {
		struct fact_run *run = &facts->run[i];

		run_release(&run->run);
		free(run->boot);
		free(run->pane);
		free(run->status);
		free(run->stopped);
		for (size_t j = 0; j < run->nr_pid; j++)
			free(run->pid[j].command);
		free(run->pid);
	}
	for (size_t i = 0; i < facts->nr_pane; i++)
		pane_release(&facts->pane[i]);
	for (size_t i = 0; i < facts->nr_command; i++)
		free(facts->command[i].text);
	strmap_release(&facts->ids, NULL);
	free(facts->command);
	free(facts->run);
	free(facts->pane);
	free(facts->boot);
	free(facts->tmux_version);
	facts_init(facts);
}

/* Cuts the next word off. Returns "" at the end. */
static char *next_word(char **s)
{
	char *word = *s;

	*s += strcspn(*s, " ");
	if (**s)
		*(*s)++ = '\0';
	return word;
}

static double number(const char *s)
{
	char *end;
	double value = strtod(s, &end);

	/* No infinities, no NaN, nothing that would overflow an integer made of it. */
	return end == s || !(value >= 0 && value < 1e15) ? -1 : value;
}

static int64_t integer(const char *s)
{
	return (int64_t)number(s);
}

/* An exit status or the number of a signal, "" and all that is neither: -1. */
static int status(const char *s)
{
	double value = number(s);

	return value <= 255 ? (int)value : -1;
}

static void set(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

/* @W %P PID DEAD dSTATUS sSIGNAL lPIPE aACTIVE vVERSION mMANAGED rRUN cCPU SSESSION PPROCESS NAME */
static void add_pane(struct facts *facts, char *line)
{
	struct fact_pane *pane;
	char *word[14], *colon;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = next_word(&line);
	colon = strchr(line, ':');
	if (!colon || *word[0] != '@' || facts->nr_pane >= FACTS_PANES_MAX)
		return;
	*colon = '\0';
	set(&facts->tmux_version, word[8] + (*word[8] == 'v'));
	ALLOC_GROW(facts->pane, facts->nr_pane + 1, facts->alloc_pane);
	pane = &facts->pane[facts->nr_pane++];
	*pane = (struct fact_pane){
		.pane = xstrdup(word[1]),
		.dead = *word[3] == '1',
		.dead_status = *word[4] ? status(word[4] + 1) : -1,
		.dead_signal = *word[5] ? status(word[5] + 1) : -1,
		.pipe = !strcmp(word[6], "l1"),
		.managed = !strcmp(word[9], "m1"),
		.run = xstrdup(*word[10] ? word[10] + 1 : ""),
		.own_session = xstrdup(*word[12] ? word[12] + 1 : ""),
		.own_process = xstrdup(*word[13] ? word[13] + 1 : ""),
		.session = xstrdup(line),
		.window = xstrdup(colon + 1),
	};
	colon = strchr(word[11], ':');
	pane->cpu_up = *word[11] ? number(word[11] + 1) : -1;
	pane->cpu_ticks = colon ? number(colon + 1) : -1;
}

/* SESSION/PROCESS RUN HOLDER_LIVES */
static void add_run(struct facts *facts, char *line)
{
	char *session = next_word(&line), *id = next_word(&line), *slash = strchr(session, '/');
	struct fact_run *run;

	if (!slash || facts->nr_run >= FACTS_RUNS_MAX)
		return;
	*slash = '\0';
	ALLOC_GROW(facts->run, facts->nr_run + 1, facts->alloc_run);
	run = &facts->run[facts->nr_run++];
	memset(run, 0, sizeof(*run));
	run_init(&run->run);
	run->run.session = xstrdup(session);
	run->run.process = xstrdup(slash + 1);
	run->run.run = xstrdup(id);
	run->holder_lives = *line == '1';
	run->began = run->ready = -1;
	if (!strmap_get(&facts->ids, id))
		strmap_put(&facts->ids, id, (void *)(uintptr_t)facts->nr_run);
}

/* KEY=VALUE of the file `info`. */
static void add_info(struct fact_run *run, char *line)
{
	char *value = strchr(line, '=');
	struct {
		const char *key;
		char **to;
	} keys[] = {
		{"machine", &run->run.machine}, {"container", &run->run.container},
		{"by", &run->run.started_by},	{"variants", &run->run.variants},
		{"params", &run->run.params},	{"settings", &run->run.settings},
		{"cmd", &run->run.cmd},		{"boot", &run->boot},
	};

	if (!value)
		return;
	*value++ = '\0';
	if (!strcmp(line, "persistent"))
		run->run.persistent = *value != '0';
	if (!strcmp(line, "began"))
		run->began = number(value) / 100;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(line, keys[i].key) && *value)
			set(keys[i].to, percent_decode(value));
}

/* What a file of the run, or the link that is one, holds. */
static void add_file(struct fact_run *run, char *line)
{
	char *what = next_word(&line);

	if (!strcmp(what, "status"))
		set(&run->status, line);
	else if (!strcmp(what, "stopped"))
		set(&run->stopped, line);
	else if (!strcmp(what, "stopping"))
		run->stopping = true;
	else if (!strcmp(what, "started"))
		run->started = true;
	else if (!strcmp(what, "ready"))
		run->ready = number(line);
	else if (!strcmp(what, "notready"))
		run->run.never_ready = true;
	else if (!strcmp(what, "wrapper")) {
		set(&run->pane, next_word(&line));
		run->wrapper = integer(next_word(&line));
		run->wrapper_start = integer(next_word(&line));
		run->wrapper_lives = *line == '1';
	}
}

static struct fact_run *find_run(struct facts *facts, const char *id)
{
	size_t nr = (size_t)(uintptr_t)strmap_get(&facts->ids, id);

	return nr ? &facts->run[nr - 1] : NULL;
}

/* RUN PID PPID START TICKS PAGES STATE */
static void add_pid(struct facts *facts, char *line)
{
	struct fact_run *run = find_run(facts, next_word(&line));
	struct target_pid pid = {0};
	double ticks, age;
	int64_t pages;

	if (!run || facts->nr_pids++ >= FACTS_PIDS_MAX)
		return;
	pid.pid = integer(next_word(&line));
	pid.ppid = integer(next_word(&line));
	pid.start_ticks = integer(next_word(&line));
	ticks = number(next_word(&line));
	pages = integer(next_word(&line));
	if (pid.pid <= 1 || ticks < 0 || pages < 0 || pages > MEMORY_MAX / facts->page)
		return;
	pid.memory_bytes = pages * facts->page;
	run->ticks += ticks;
	/* Ticks and hundredths of a second are the same on Linux. */
	age = facts->up * 100 - (double)pid.start_ticks + 1;
	pid.cpu_percent = age >= 1 ? ticks / age * 100 : -1;
	ALLOC_GROW(run->pid, run->nr_pid + 1, run->alloc_pid);
	run->pid[run->nr_pid++] = pid;
}

/* PID ARGUMENTS */
static void add_command(struct facts *facts, char *line)
{
	int64_t pid = integer(next_word(&line));

	if (facts->nr_command >= FACTS_PIDS_MAX)
		return;
	ALLOC_GROW(facts->command, facts->nr_command + 1, facts->alloc_command);
	facts->command[facts->nr_command] =
		(struct fact_command){pid, facts->nr_command, xstrndup(line, 1024)};
	facts->nr_command++;
}

static bool add_to_run(struct facts *facts, const char *key, char *value)
{
	struct fact_run *run = facts->nr_run ? &facts->run[facts->nr_run - 1] : NULL;

	if (!strcmp(key, "i") && run)
		add_info(run, value);
	else if (!strcmp(key, "f") && run)
		add_file(run, value);
	else if (!strcmp(key, "p"))
		add_pid(facts, value);
	else if (!strcmp(key, "c"))
		add_command(facts, value);
	else
		return false;
	return true;
}

bool facts_add(struct facts *facts, const char *key, char *value)
{
	if (!strcmp(key, "boot"))
		set(&facts->boot, value);
	else if (!strcmp(key, "up"))
		facts->up = number(value) / 100;
	else if (!strcmp(key, "page"))
		facts->page = integer(value) > 0 ? integer(value) : 4096;
	else if (!strcmp(key, "tmux"))
		set(&facts->tmux_version, !strncmp(value, "tmux ", 5) ? value + 5 : value);
	else if (!strcmp(key, "pane"))
		add_pane(facts, value);
	else if (!strcmp(key, "run"))
		add_run(facts, value);
	else
		return add_to_run(facts, key, value);
	return true;
}
