/* SPDX-License-Identifier: MIT */
/*
 * Reports and steps for people. Values that are not known are shown as "-".
 */
#include "base/base.h"
#include "base/signame.h"
#include "cli/human.h"
#include "cli/paint.h"
#include "cli/table.h"
#include "cli/text.h"

#define NARROW 60 /* columns below which a state is one word */

enum term_colour paint_state(enum concert_state state)
{
	switch (state) {
	case CONCERT_STATE_READY:
	case CONCERT_STATE_RUNNING:
		return TERM_GREEN;
	case CONCERT_STATE_STARTING:
	case CONCERT_STATE_STOPPING:
	case CONCERT_STATE_WAITING:
		return TERM_YELLOW;
	case CONCERT_STATE_FAILED:
	case CONCERT_STATE_CONFLICT:
	case CONCERT_STATE_UNREACHABLE:
		return TERM_RED;
	case CONCERT_STATE_ORPHANED:
	case CONCERT_STATE_SKIPPED:
		return TERM_MAGENTA;
	case CONCERT_STATE_EXITED:
		return TERM_CYAN;
	case CONCERT_STATE_STOPPED:
		return TERM_DIM;
	}
	return TERM_PLAIN;
}

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static void add_pids(struct table *table, const struct concert_report_row *row)
{
	struct strbuf line = STRBUF_INIT;
	char cpu[HUMAN_SIZE], memory[HUMAN_SIZE];

	for (size_t i = 0; i < row->nr_pids; i++) {
		const struct concert_pid *pid = &row->pids[i];
		size_t depth = pid->depth < 32 ? pid->depth : 32;

		strbuf_reset(&line);
		strbuf_addf(&line, "%" PRId64, pid->pid);
		if (*human_percent(cpu, pid->cpu_percent))
			strbuf_addf(&line, " %s%%", cpu);
		if (*human_bytes(memory, pid->memory_bytes))
			strbuf_addf(&line, " %s", memory);
		strbuf_addf(&line, " %s", pid->command ? pid->command : "");
		strbuf_rtrim(&line);
		table_note_cut(table, TERM_DIM, 2 + 2 * depth, line.buf);
	}
	strbuf_release(&line);
}

static enum term_colour reason_colour(enum concert_state state)
{
	enum term_colour colour = paint_state(state);

	return colour == TERM_RED || colour == TERM_MAGENTA ? colour : TERM_DIM;
}

/* One dead machine gives many rows the same reason: it is shown with the first of them. */
static void add_reason(struct table *table, const struct concert_report *report, size_t i)
{
	const struct concert_report_row *row = concert_report_row(report, i);
	const struct concert_report_row *above = i ? concert_report_row(report, i - 1) : NULL;

	if (!row->reason || !*row->reason)
		return;
	if (!above || !above->reason || strcmp(above->reason, row->reason) ||
	    strcmp(above->machine, row->machine))
		table_note(table, reason_colour(row->state), 2, row->reason);
}

void paint_result(struct strbuf *out, const struct term *term, const struct concert_report *report)
{
	static const struct table_column columns[] = {
		{"PROCESS", .min = 10},
		{"MACHINE", .min = 8, .expendable = 1},
		{.title = "STATE"},
		{"DONE", .min = 8},
		{.title = "TIME", .right = true, .expendable = 2},
	};
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	char time[HUMAN_SIZE];

	for (size_t i = 0; i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);

		table_row(table);
		table_cell(table, TERM_PLAIN, row->process);
		table_cell(table, TERM_PLAIN, row->machine);
		table_cell(table, paint_state(row->state), concert_state_name(row->state));
		table_cell(table, TERM_PLAIN, or_dash(row->action));
		table_cell(table, TERM_PLAIN, or_dash(human_seconds(time, row->duration_s)));
		add_reason(table, report, i);
		if (concert_state_is_alive(row->state)) /* else it tells what is no more */
			add_pids(table, row);
	}
	if (table_nr_rows(table))
		table_render(table, out, term, term_width(term));
	table_free(table);
}

/* "ready 3s ago", or one word where there is no room. */
static void add_state(struct table *table, const struct concert_report_row *row, bool narrow)
{
	char text[64], age[HUMAN_SIZE];
	int64_t ms = (int64_t)row->ready_age_s * 1000; /* people do not count its tenths */

	if (row->state == CONCERT_STATE_READY && !narrow && row->ready_age_s >= 0)
		snprintf(text, sizeof(text), "ready %s ago",
			 ms < 10000 ? human_ms(age, ms) : human_seconds(age, row->ready_age_s));
	else
		snprintf(text, sizeof(text), "%s", concert_state_name(row->state));
	table_cell(table, paint_state(row->state), text);
}

static void add_exit(struct table *table, const struct concert_report_row *row)
{
	const char *name = row->signal > 0 ? signame_of(row->signal) : NULL;
	bool bad = row->signal > 0 || row->exit_status > 0;
	char text[HUMAN_SIZE] = "-";

	if (name)
		snprintf(text, sizeof(text), "%s", name);
	else if (row->signal > 0)
		snprintf(text, sizeof(text), "signal %d", row->signal);
	else if (row->exit_status >= 0)
		snprintf(text, sizeof(text), "%d", row->exit_status);
	table_cell(table, bad && row->state == CONCERT_STATE_FAILED ? TERM_RED : TERM_PLAIN, text);
}

static void add_status_row(struct table *table, const struct concert_report_row *row, bool narrow)
{
	char text[HUMAN_SIZE];

	table_row(table);
	table_cell(table, TERM_PLAIN, row->process);
	table_cell(table, TERM_PLAIN, row->machine);
	add_state(table, row, narrow);
	snprintf(text, sizeof(text), "%" PRId64, row->pid);
	table_cell(table, TERM_PLAIN, row->pid > 0 ? text : "-");
	table_cell(table, TERM_PLAIN, or_dash(human_seconds(text, row->uptime_s)));
	human_percent(text, row->cpu_percent);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", *text ? "%" : "");
	table_cell(table, TERM_PLAIN, or_dash(text));
	table_cell(table, TERM_PLAIN, or_dash(human_bytes(text, row->memory_bytes)));
	add_exit(table, row);
}

void paint_status(struct strbuf *out, const struct term *term, const struct concert_report *report,
		  bool tree)
{
	static const struct table_column columns[] = {
		{"PROCESS", .min = 10},
		{"MACHINE", .min = 8, .expendable = 4},
		{.title = "STATE"},
		{.title = "PID", .right = true, .expendable = 3},
		{.title = "UPTIME", .right = true, .expendable = 1},
		{.title = "CPU", .right = true, .expendable = 5},
		{.title = "MEM", .right = true, .expendable = 6},
		{.title = "EXIT", .right = true, .expendable = 2},
	};
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t width = term_width(term);

	for (size_t i = 0; i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);

		add_status_row(table, row, width && width < NARROW);
		if (!row->listed)
			table_note(table, TERM_YELLOW, 2,
				   "not in the file ('concert kill --unlisted' would stop it)");
		add_reason(table, report, i);
		if (tree)
			add_pids(table, row);
	}
	table_render(table, out, term, width);
	table_free(table);
}
