/* SPDX-License-Identifier: MIT */
/*
 * Tables. Cells are kept as harmless text until the width of the terminal is known, which is when
 * they are laid out.
 */
#include "base/base.h"
#include "cli/table.h"
#include "cli/text.h"

#define GAP 2 /* spaces between columns */

struct table_text {
	enum term_colour colour;
	size_t indent; /* of notes */
	bool cut;      /* of notes: not wrapped */
	char *text;
};

struct table_line {
	struct table_text *cell; /* one for each column */
	size_t filled;
	struct table_text *note;
	size_t nr_notes, alloc_notes;
};

struct table {
	const struct table_column *column;
	size_t nr_columns;
	struct table_line *row;
	size_t nr, alloc;
};

struct table *table_new(const struct table_column *columns, size_t nr)
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->column = columns;
	table->nr_columns = nr;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->nr; i++) {
		struct table_line *row = &table->row[i];

		for (size_t j = 0; j < table->nr_columns; j++)
			free(row->cell[j].text);
		for (size_t j = 0; j < row->nr_notes; j++)
			free(row->note[j].text);
		free(row->cell);
		free(row->note);
	}
	free(table->row);
	free(table);
}

void table_row(struct table *table)
{
	struct table_line *row;

	ALLOC_GROW(table->row, table->nr + 1, table->alloc);
	row = &table->row[table->nr++];
	memset(row, 0, sizeof(*row));
	row->cell = xcalloc(table->nr_columns, sizeof(*row->cell));
}

static char *harmless(const char *text)
{
	struct strbuf sb = STRBUF_INIT;

	text_addstr(&sb, text ? text : "");
	return strbuf_detach(&sb);
}

void table_cell(struct table *table, enum term_colour colour, const char *text)
{
	struct table_line *row = &table->row[table->nr - 1];

	if (row->filled >= table->nr_columns)
		BUG("more cells than columns");
	row->cell[row->filled].colour = colour;
	row->cell[row->filled++].text = harmless(text);
}

static void add_note(struct table *table, enum term_colour colour, size_t indent, bool cut,
		     const char *text)
{
	struct table_line *row = &table->row[table->nr - 1];

	ALLOC_GROW(row->note, row->nr_notes + 1, row->alloc_notes);
	row->note[row->nr_notes++] = (struct table_text){
		.colour = colour,
		.indent = indent,
		.cut = cut,
		.text = harmless(text),
	};
}

void table_note(struct table *table, enum term_colour colour, size_t indent, const char *text)
{
	add_note(table, colour, indent, false, text);
}

void table_note_cut(struct table *table, enum term_colour colour, size_t indent, const char *text)
{
	add_note(table, colour, indent, true, text);
}

size_t table_nr_rows(const struct table *table)
{
	return table->nr;
}

/* The natural width of a column, 0 if there is nothing in it. */
static size_t natural_width(const struct table *table, size_t column)
{
	size_t widest = 0, title = text_width(table->column[column].title), width;

	for (size_t i = 0; i < table->nr; i++) {
		const char *text = table->row[i].cell[column].text;

		width = text ? text_width(text) : 0;
		widest = width > widest ? width : widest;
	}
	return widest && widest < title ? title : widest;
}

static size_t total_width(const struct table *table, const size_t *width)
{
	size_t total = 0;

	for (size_t i = 0; i < table->nr_columns; i++)
		total += width[i] ? width[i] + GAP : 0;
	return total ? total - GAP : 0;
}

/* Makes the widest column that may be cut narrower, by up to `excess`. Returns false if none may.
 */
static bool cut_widest(const struct table *table, size_t *width, size_t excess)
{
	size_t widest = SIZE_MAX, spare;

	for (size_t i = 0; i < table->nr_columns; i++)
		if (table->column[i].min && width[i] > table->column[i].min &&
		    (widest == SIZE_MAX || width[i] > width[widest]))
			widest = i;
	if (widest == SIZE_MAX)
		return false;
	/* One by one while two are about as wide, so that both are cut alike. */
	spare = width[widest] - table->column[widest].min;
	width[widest] -= excess < spare && excess > 64 ? excess - 64 : 1;
	return true;
}

static bool drop_one(const struct table *table, size_t *width)
{
	size_t worst = SIZE_MAX;

	for (size_t i = 0; i < table->nr_columns; i++)
		if (width[i] && table->column[i].expendable &&
		    (worst == SIZE_MAX ||
		     table->column[i].expendable > table->column[worst].expendable))
			worst = i;
	if (worst == SIZE_MAX)
		return false;
	width[worst] = 0;
	return true;
}

/* Columns are left out only where cutting all that can be cut would not be enough. */
static void fit_columns(const struct table *table, size_t *width, size_t limit)
{
	size_t natural = 0, least;

	for (;;) {
		least = natural = total_width(table, width);
		for (size_t i = 0; i < table->nr_columns; i++)
			if (table->column[i].min && width[i] > table->column[i].min)
				least -= width[i] - table->column[i].min;
		if (least <= limit || !drop_one(table, width))
			break;
	}
	while ((natural = total_width(table, width)) > limit &&
	       cut_widest(table, width, natural - limit))
		;
}

static void add_cell(struct strbuf *out, const struct term *term, const struct table_text *cell,
		     size_t width, bool right, bool last)
{
	const char *text = cell->text ? cell->text : "";
	size_t have = text_width(text), pad = have < width ? width - have : 0;

	if (right)
		strbuf_addchars(out, ' ', pad);
	if (cell->colour && *text)
		strbuf_addstr(out, term_sgr(term, cell->colour));
	text_add_cut(out, text, width);
	if (cell->colour && *text)
		strbuf_addstr(out, term_sgr(term, TERM_PLAIN));
	if (!right && !last)
		strbuf_addchars(out, ' ', pad);
	if (!last)
		strbuf_addchars(out, ' ', GAP);
}

static void add_line(const struct table *table, struct strbuf *out, const struct term *term,
		     const struct table_text *cell, const size_t *width)
{
	size_t last = 0, start = out->len;

	for (size_t i = 0; i < table->nr_columns; i++)
		last = width[i] ? i : last;
	for (size_t i = 0; i < table->nr_columns; i++)
		if (width[i])
			add_cell(out, term, &cell[i], width[i], table->column[i].right, i == last);
	while (out->len > start && out->buf[out->len - 1] == ' ')
		strbuf_setlen(out, out->len - 1);
	strbuf_addch(out, '\n');
}

static void add_titles(const struct table *table, struct strbuf *out, const struct term *term,
		       const size_t *width)
{
	struct table_text *cell = xcalloc(table->nr_columns, sizeof(*cell));

	for (size_t i = 0; i < table->nr_columns; i++) {
		cell[i].colour = TERM_BOLD;
		cell[i].text = (char *)(uintptr_t)table->column[i].title;
	}
	add_line(table, out, term, cell, width);
	free(cell);
}

static void add_notes(struct strbuf *out, const struct term *term, const struct table_line *row,
		      size_t width)
{
	for (size_t i = 0; i < row->nr_notes; i++) {
		const struct table_text *note = &row->note[i];

		strbuf_addstr(out, note->colour ? term_sgr(term, note->colour) : "");
		if (note->cut && width > note->indent) {
			strbuf_addchars(out, ' ', note->indent);
			text_add_cut(out, note->text, width - note->indent);
		} else {
			text_add_wrapped(out, note->text, note->indent, width);
			strbuf_setlen(out, out->len - 1);
		}
		/* Off before the line end: some terminals colour the rest of the line otherwise. */
		strbuf_addstr(out, note->colour ? term_sgr(term, TERM_PLAIN) : "");
		strbuf_addch(out, '\n');
	}
}

void table_render(const struct table *table, struct strbuf *out, const struct term *term,
		  size_t width)
{
	size_t *columns = xcalloc(table->nr_columns, sizeof(*columns));

	for (size_t i = 0; i < table->nr_columns; i++)
		columns[i] = natural_width(table, i);
	if (width)
		fit_columns(table, columns, width);
	add_titles(table, out, term, columns);
	for (size_t i = 0; i < table->nr; i++) {
		add_line(table, out, term, table->row[i].cell, columns);
		add_notes(out, term, &table->row[i], width);
	}
	free(columns);
}
