/* SPDX-License-Identifier: MIT */
/*
 * A table of text: columns as wide as their widest cell, made to fit a terminal by cutting the
 * widest of those that may be cut, and then by leaving out those that matter least. Lines of
 * notes may follow a row; they are wrapped, never cut.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/strbuf.h"
#include "cli/term.h"

struct table_column {
	const char *title;
	size_t min;	     /* may be cut to so many columns; 0: never cut */
	unsigned expendable; /* 0: never left out; else the highest number goes first */
	bool right;	     /* numbers */
};

struct table;

/* `columns` is not copied. Columns in which every cell is empty are not shown. */
struct table *table_new(const struct table_column *columns, size_t nr);
void table_free(struct table *table); /* NULL is allowed */

/* Begins a row; cells are then filled from the left, and missing ones are empty. */
void table_row(struct table *table);
/* Texts are made harmless here. NULL is an empty cell. */
void table_cell(struct table *table, enum term_colour colour, const char *text);
/* A line below the last row. */
void table_note(struct table *table, enum term_colour colour, size_t indent, const char *text);

/* The same, but cut to the terminal's width. */
void table_note_cut(struct table *table, enum term_colour colour, size_t indent, const char *text);

size_t table_nr_rows(const struct table *table);

/* Adds the whole table, with its titles, for a terminal of `width` columns (0: without a limit). */
void table_render(const struct table *table, struct strbuf *out, const struct term *term,
		  size_t width);

#endif
