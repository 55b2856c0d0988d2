/* SPDX-License-Identifier: MIT */
/*
 * Reports. Their contract is in report.h and in concert.h.
 */
#include "base/base.h"
#include "core/report.h"
#include "core/state.h"

struct concert_report {
	struct concert_report_row *row;
	size_t nr, alloc;
};

struct concert_report *report_new(void)
{
	return xcalloc(1, sizeof(struct concert_report));
}

struct concert_report_row *report_add(struct concert_report *report, const char *process,
				      const char *machine)
{
	struct concert_report_row *row;

	ALLOC_GROW(report->row, report->nr + 1, report->alloc);
	row = &report->row[report->nr++];
	*row = (struct concert_report_row){
		.process = xstrdup(process),
		.machine = xstrdup(machine),
		.listed = true,
		.pid = -1,
		.exit_status = -1,
		.signal = -1,
		.ready_age_s = -1,
		.uptime_s = -1,
		.cpu_percent = -1,
		.memory_bytes = -1,
		.duration_s = -1,
	};
	return row;
}

struct concert_report_row *report_at(struct concert_report *report, size_t i)
{
	if (i >= report->nr)
		BUG("row %zu of a report of %zu", i, report->nr);
	return &report->row[i];
}

void report_set(const char **field, const char *value)
{
	char *copy = xstrdup_or_null(value);

	free((void *)*field);
	*field = copy;
}

static void fill_pids(struct concert_report_row *row, const struct target_run *run)
{
	struct concert_pid *pids = xcalloc(run->nr_pids, sizeof(*pids));

	for (size_t i = 0; i < run->nr_pids; i++) {
		const struct target_pid *from = &run->pid_list[i];

		pids[i] = (struct concert_pid){
			.pid = from->pid,
			.ppid = from->ppid,
			.cpu_percent = from->cpu_percent,
			.memory_bytes = from->memory_bytes,
			.command = xstrdup(from->command ? from->command : ""),
			.depth = from->depth,
		};
	}
	row->pids = pids;
	row->nr_pids = run->nr_pids;
}

/* The record keeps lists one entry a line, see record_list() in plan.c. */
static void set_list(const char **field, const char *lines)
{
	report_set(field, lines ? lines : "");
	for (char *p = (char *)*field; (p = strchr(p, '\n'));)
		*p = ' ';
}

/* What the machine gives as the reason, or what its facts mean. */
static const char *reason_of(const struct concert_report_row *row, const struct target_run *run)
{
	if (run->reason)
		return run->reason;
	if (run->log_failed)
		return "its log cannot be written any more (is the disk full?)";
	if (row->state == CONCERT_STATE_FAILED && run->phase == RUN_LIVES)
		return "it lives, but did not become ready in time";
	return NULL;
}

void report_fill(struct concert_report_row *row, const struct target_run *run, bool checked)
{
	row->state = state_of_run(run, checked);
	if (!run)
		return;
	report_set(&row->reason, reason_of(row, run));
	report_set(&row->run, run->run);
	report_set(&row->started_by, run->started_by);
	set_list(&row->params, run->params);
	set_list(&row->variants, run->variants);
	if (run->phase == RUN_ENDED || run->phase == RUN_STOPPED) {
		row->exit_status = run->signal > 0 ? -1 : run->exit_status;
		row->signal = run->signal > 0 ? run->signal : -1;
	}
	if (run_is_alive(run)) {
		row->pid = run->pid > 0 ? run->pid : -1;
		row->uptime_s = run->uptime_s;
		row->cpu_percent = run->cpu_percent;
		row->memory_bytes = run->memory_bytes;
		row->ready_age_s = checked ? run->ready_age_s : -1;
	}
	if (run->nr_pids && !row->nr_pids)
		fill_pids(row, run);
}

void report_drop_pids(struct concert_report_row *row)
{
	for (size_t i = 0; i < row->nr_pids; i++)
		free((void *)row->pids[i].command);
	free((void *)row->pids);
	row->pids = NULL;
	row->nr_pids = 0;
}

static void row_release(struct concert_report_row *row)
{
	free((void *)row->process);
	free((void *)row->machine);
	free((void *)row->container);
	free((void *)row->session);
	free((void *)row->reason);
	free((void *)row->run);
	free((void *)row->started_by);
	free((void *)row->params);
	free((void *)row->variants);
	free((void *)row->action);
	report_drop_pids(row);
}

void report_remove(struct concert_report *report, size_t i)
{
	row_release(report_at(report, i));
	report->nr--;
	memmove(&report->row[i], &report->row[i + 1], (report->nr - i) * sizeof(*report->row));
}

size_t concert_report_size(const struct concert_report *report)
{
	return report ? report->nr : 0;
}

const struct concert_report_row *concert_report_row(const struct concert_report *report, size_t i)
{
	return i < concert_report_size(report) ? &report->row[i] : NULL;
}

void concert_report_free(struct concert_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->nr; i++)
		row_release(&report->row[i]);
	free(report->row);
	free(report);
}
