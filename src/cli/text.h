/* SPDX-License-Identifier: MIT */
/*
 * Text for a terminal. What comes from a machine or a file may hold escape sequences, control
 * characters and bytes that are no UTF-8; text_add() makes all of it harmless, and everything else
 * here expects text that went through it.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/strbuf.h"

/*
 * Sets the locale up so that characters and their widths are known, also under LC_ALL=C. Without
 * it every character outside ASCII is taken to be one column wide.
 */
void text_init(void);

/* True where the user's locale is UTF-8: lines and dots outside ASCII may be drawn. */
bool text_is_utf8(void);

/* "…" or "...", as the locale allows. */
const char *text_ellipsis(void);

/*
 * Adds `len` bytes of `s`: tabs and line ends become one space each, other control characters
 * stand as ^X, and what is no printable UTF-8 as U+FFFD. text_add_lines() keeps the line ends.
 */
void text_add(struct strbuf *out, const char *s, size_t len);
void text_addstr(struct strbuf *out, const char *s);
void text_add_lines(struct strbuf *out, const char *s, size_t len);

/* Columns that `s` takes on a terminal. */
size_t text_width(const char *s);

/* Adds `s`, cut to `width` columns with an ellipsis at the end if it is wider. */
void text_add_cut(struct strbuf *out, const char *s, size_t width);

/*
 * Adds `s` in lines of at most `width` columns (0: without a limit), broken at spaces where there
 * are some; every line begins with `indent` spaces and ends in a line end.
 */
void text_add_wrapped(struct strbuf *out, const char *s, size_t indent, size_t width);

#endif
