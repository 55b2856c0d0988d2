/* SPDX-License-Identifier: MIT */
/*
 * The live display. Where the terminal has fewer rows than there are processes, those that move
 * or failed are shown first, then those that wait; the last line counts them all.
 */
#include "base/base.h"
#include "base/loop.h"
#include "base/strmap.h"
#include "cli/block.h"
#include "cli/human.h"
#include "cli/live.h"
#include "cli/paint.h"
#include "cli/table.h"
#include "cli/text.h"

#define WIDE 100 /* columns from which on notes stand beside a process, not below it */

struct live_row {
	char *process, *machine;
	enum concert_state state;
	bool told;	  /* an event came: `state` is not only a guess */
	bool over;	  /* nothing more will happen to it */
	bool oneshot;	  /* running, it is not over yet */
	int64_t begun_ms; /* 0: not yet */
	int64_t over_ms;
	char *check;   /* what makes it ready; NULL if nothing is asked */
	char *note;    /* what was told last; NULL: nothing worth showing */
	size_t *needs; /* rows that it depends on */
	size_t nr_needs;
};

struct live {
	const struct term *term;
	struct block block;
	const char *goal;
	bool stops; /* the goal is that processes end */
	int64_t begun_ms;
	struct live_row **row;
	size_t nr, alloc;
	struct strmap by_name;	 /* process → struct live_row * */
	struct strmap connected; /* machine → anything but NULL */
};

/* What matters most on a screen that is too small for all. */
enum rank {
	RANK_MOVING,
	RANK_WAITING,
	RANK_OVER,
	NR_RANKS,
};

static struct live_row *add_row(struct live *live, const char *process, const char *machine)
{
	struct live_row *row = xcalloc(1, sizeof(*row));

	row->process = xstrdup(process);
	row->machine = xstrdup(machine ? machine : "");
	row->state = CONCERT_STATE_WAITING;
	ALLOC_GROW(live->row, live->nr + 1, live->alloc);
	live->row[live->nr++] = row;
	strmap_put(&live->by_name, process, row);
	return row;
}

static void add_step(struct live *live, const struct concert_step *step)
{
	struct live_row *row = strmap_get(&live->by_name, step->process);

	row->oneshot = !step->persistent;
	row->check = xstrdup_or_null(step->ready_log ? step->ready_log : step->ready_cmd);
	row->needs = xcalloc(step->nr_depends + 1, sizeof(*row->needs));
	for (size_t i = 0; i < step->nr_depends; i++) {
		ptrdiff_t need = strmap_index(&live->by_name, step->depends[i].process);

		if (need >= 0)
			row->needs[row->nr_needs++] = (size_t)need;
	}
}

struct live *live_new(const struct term *term, const struct concert_plan *plan, const char *goal)
{
	struct live *live = xcalloc(1, sizeof(*live));
	size_t nr = plan ? concert_plan_size(plan) : 0;

	live->term = term;
	live->goal = goal;
	live->stops = strcmp(goal, "ready") != 0;
	live->begun_ms = loop_now_ms();
	block_init(&live->block, term);
	for (size_t i = 0; i < nr; i++) {
		const struct concert_step *step = concert_plan_step(plan, i);

		add_row(live, step->process, step->machine);
	}
	for (size_t i = 0; i < nr; i++)
		add_step(live, concert_plan_step(plan, i));
	term_cursor(term, false);
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	block_erase(&live->block);
	block_release(&live->block);
	term_cursor(live->term, true);
	for (size_t i = 0; i < live->nr; i++) {
		free(live->row[i]->process);
		free(live->row[i]->machine);
		free(live->row[i]->check);
		free(live->row[i]->note);
		free(live->row[i]->needs);
		free(live->row[i]);
	}
	free(live->row);
	strmap_release(&live->by_name, NULL);
	strmap_release(&live->connected, NULL);
	free(live);
}

static bool is_over(const struct live *live, const struct live_row *row)
{
	switch (row->state) {
	case CONCERT_STATE_WAITING:
	case CONCERT_STATE_STARTING:
	case CONCERT_STATE_STOPPING:
		return false;
	case CONCERT_STATE_RUNNING:
		return !live->stops && !row->oneshot;
	case CONCERT_STATE_READY:
	case CONCERT_STATE_ORPHANED:
		return !live->stops;
	default:
		return true;
	}
}

/* What is good needs no note; what waits, moves or failed does. */
static bool is_news(const struct concert_event *event)
{
	return event->level <= CONCERT_LEVEL_WARNING ||
	       (event->type != CONCERT_EVENT_START && event->type != CONCERT_EVENT_READY &&
		event->type != CONCERT_EVENT_CONNECT);
}

/* A machine was reached or lost: what nothing was told of yet shares its fate. */
static void on_machine(struct live *live, const struct concert_event *event)
{
	bool lost = event->type == CONCERT_EVENT_ERROR;

	if (event->type == CONCERT_EVENT_CONNECT)
		strmap_put(&live->connected, event->machine, live);
	for (size_t i = 0; i < live->nr; i++) {
		struct live_row *row = live->row[i];

		if (row->told || strcmp(row->machine, event->machine))
			continue;
		row->state = lost ? CONCERT_STATE_UNREACHABLE : CONCERT_STATE_WAITING;
		row->over = lost;
	}
}

void live_event(struct live *live, const struct concert_event *event)
{
	struct live_row *row;

	if (event->machine && !event->process)
		on_machine(live, event);
	if (!event->process)
		return;
	row = strmap_get(&live->by_name, event->process);
	if (!row)
		row = add_row(live, event->process, event->machine);
	row->told = true;
	row->state = event->state;
	row->over = is_over(live, row);
	if (!row->begun_ms && event->state != CONCERT_STATE_WAITING)
		row->begun_ms = loop_now_ms();
	row->over_ms = row->over ? loop_now_ms() : 0;
	free(row->note);
	row->note = is_news(event) && !(row->over && event->level > CONCERT_LEVEL_WARNING)
			    ? xstrdup(event->message)
			    : NULL;
}

static enum rank rank_of(const struct live_row *row)
{
	if (row->over)
		return row->note ? RANK_MOVING : RANK_OVER;
	return row->told && row->state != CONCERT_STATE_WAITING ? RANK_MOVING : RANK_WAITING;
}

/* Adds what `row` waits for, if it is not its turn yet. */
static void add_waits(struct strbuf *out, const struct live *live, const struct live_row *row)
{
	const char *separator = "waits for ";

	for (size_t i = 0; i < row->nr_needs; i++) {
		const struct live_row *need = live->row[row->needs[i]];

		if (need->over)
			continue;
		strbuf_addf(out, "%s%s", separator, need->process);
		separator = ", ";
	}
	if (!out->len && !row->told && strcmp(row->machine, "local") &&
	    !strmap_get(&live->connected, row->machine))
		strbuf_addf(out, "connecting to %s", row->machine);
}

static void add_note(struct strbuf *out, const struct live *live, const struct live_row *row)
{
	if (row->note && row->state != CONCERT_STATE_WAITING)
		text_addstr(out, row->note);
	else if (!row->over && rank_of(row) == RANK_WAITING)
		add_waits(out, live, row);
	if (!out->len && row->check && row->state == CONCERT_STATE_STARTING) {
		strbuf_addstr(out, "ready check: ");
		text_addstr(out, row->check);
	}
}

static void add_to_table(struct table *table, const struct live *live, const struct live_row *row,
			 bool wide)
{
	struct strbuf note = STRBUF_INIT;
	char time[HUMAN_SIZE] = "";
	int64_t until = row->over ? row->over_ms : loop_now_ms();

	add_note(&note, live, row);
	if (row->begun_ms)
		human_seconds(time, (double)(until - row->begun_ms) / 1e3);
	table_row(table);
	table_cell(table, TERM_PLAIN, row->process);
	table_cell(table, TERM_PLAIN, row->machine);
	table_cell(table, paint_state(row->state), concert_state_name(row->state));
	table_cell(table, TERM_PLAIN, time);
	if (wide)
		table_cell(table, TERM_DIM, note.buf);
	else if (note.len)
		table_note_cut(table, TERM_DIM, 2, note.buf);
	strbuf_release(&note);
}

/* Chooses the rows that fit into `lines`; returns how many were left out. */
static size_t choose(const struct live *live, bool *chosen, size_t lines, bool wide)
{
	size_t left_out = 0;

	for (enum rank rank = RANK_MOVING; rank < NR_RANKS; rank++)
		for (size_t i = 0; i < live->nr; i++) {
			size_t need = wide || rank == RANK_OVER ? 1 : 2;

			if (rank_of(live->row[i]) != rank)
				continue;
			chosen[i] = lines >= need;
			lines -= chosen[i] ? need : 0;
			left_out += !chosen[i];
		}
	return left_out;
}

static void add_summary(struct strbuf *out, const struct live *live, size_t left_out)
{
	size_t reached = 0, moving = 0, failed = 0;
	char time[HUMAN_SIZE];

	for (size_t i = 0; i < live->nr; i++) {
		const struct live_row *row = live->row[i];
		bool good = row->state == CONCERT_STATE_READY ||
			    row->state == CONCERT_STATE_RUNNING ||
			    row->state == CONCERT_STATE_EXITED ||
			    (live->stops && row->state == CONCERT_STATE_STOPPED);

		reached += row->over && good;
		failed += row->over && !good;
		moving += !row->over && rank_of(row) == RANK_MOVING;
	}
	strbuf_addf(out, "%zu of %zu %s", reached, live->nr, live->goal);
	if (failed)
		strbuf_addf(out, ", %zu failed", failed);
	if (moving)
		strbuf_addf(out, ", %zu %s", moving, live->stops ? "stopping" : "starting");
	if (left_out)
		strbuf_addf(out, ", %zu not shown", left_out);
	human_seconds(time, (double)(loop_now_ms() - live->begun_ms) / 1e3);
	strbuf_addf(out, ", %s", time);
}

void live_draw(struct live *live)
{
	static const struct table_column columns[] = {
		{"PROCESS", .min = 10}, {"MACHINE", .min = 8, .expendable = 1},
		{.title = "STATE"},	{.title = "TIME", .right = true},
		{"", .min = 20},
	};
	size_t width = term_width(live->term), height = term_height(live->term), left_out;
	bool wide = width >= WIDE, *chosen = xcalloc(live->nr + 1, sizeof(*chosen));
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	struct strbuf out = STRBUF_INIT, summary = STRBUF_INIT;

	left_out = choose(live, chosen, height > 4 ? height - 4 : 1, wide);
	for (size_t i = 0; i < live->nr; i++)
		if (chosen[i])
			add_to_table(table, live, live->row[i], wide);
	if (table_nr_rows(table))
		table_render(table, &out, live->term, width);
	add_summary(&summary, live, left_out);
	text_add_cut(&out, summary.buf, width);
	strbuf_addch(&out, '\n');
	block_draw(&live->block, out.buf);
	strbuf_release(&summary);
	strbuf_release(&out);
	table_free(table);
	free(chosen);
}

void live_pause(struct live *live)
{
	block_erase(&live->block);
}
