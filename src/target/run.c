/* SPDX-License-Identifier: MIT */
/*
 * A run and a snapshot as values: how they begin, how they are freed, how one is found; and the
 * encoding that keeps a value on one line.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/facts.h"

void run_init(struct target_run *run)
{
	memset(run, 0, sizeof(*run));
	run->persistent = true;
	run->exit_status = -1;
	run->uptime_s = run->ended_ago_s = run->ready_age_s = run->cpu_percent = -1;
	run->memory_bytes = -1;
}

void run_release(struct target_run *run)
{
	char *string[] = {run->session, run->process,	run->run,	 run->reason,
			  run->machine, run->container, run->started_by, run->variants,
			  run->params,	run->settings,	run->cmd};

	for (size_t i = 0; i < ARRAY_SIZE(string); i++)
		free(string[i]);
	for (size_t i = 0; i < run->nr_pids; i++)
		free(run->pid_list[i].command);
	free(run->pid_list);
	run_init(run);
}

void snapshot_release(struct target_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->nr_runs; i++)
		run_release(&snapshot->run[i]);
	free(snapshot->run);
	free(snapshot->tmux_version);
	memset(snapshot, 0, sizeof(*snapshot));
}

const struct target_run *target_snapshot_find(const struct target_snapshot *snapshot,
					      const char *session, const char *process)
{
	for (size_t i = 0; i < snapshot->nr_runs; i++) {
		const struct target_run *run = &snapshot->run[i];

		if (!strcmp(run->session, session) && !strcmp(run->process, process))
			return run;
	}
	return NULL;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *percent_decode(char *s)
{
	char *to = s;

	for (const char *from = s; *from; from++) {
		if (*from == '%' && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
			*to = (char)(hex(from[1]) * 16 + hex(from[2]));
			from += 2;
		} else {
			*to = *from;
		}
		if (!*to)
			*to = ' ';
		to++;
	}
	*to = '\0';
	return s;
}

void percent_encode(struct strbuf *sb, const char *s, size_t max)
{
	for (; *s && max; s++, max--) {
		unsigned char c = (unsigned char)*s;

		if (c < ' ' || c == '%' || c == 127)
			strbuf_addf(sb, "%%%02x", c);
		else
			strbuf_addch(sb, *s);
	}
}
