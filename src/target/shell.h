/* SPDX-License-Identifier: MIT */
/*
 * Text for a shell: the only place where it is put together. What comes in are values and lists of
 * values; what goes out are words that a POSIX sh reads back byte for byte. Nothing here knows what
 * the words are for.
 */
#ifndef TARGET_SHELL_H
#define TARGET_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/strbuf.h"

/* One word, in single quotes. It cannot hold a NUL. */
void shell_quote(struct strbuf *sb, const char *s);

/* NAME='value' and a newline; NULL is as "". */
void shell_assign(struct strbuf *sb, const char *name, const char *value);
void shell_assign_int(struct strbuf *sb, const char *name, int64_t value);

/* NAME is a list for `eval "set -- $NAME"`: the words of `s`, which white space separates. */
void shell_assign_words(struct strbuf *sb, const char *name, const char *s);

/*
 * Defines a function that prints `text`. Where `mark` (may be NULL) occurs in it, the value that
 * `expansion`, a name of a variable, has when the function runs is printed instead.
 */
void shell_printer(struct strbuf *sb, const char *function, const char *text, const char *mark,
		   const char *expansion);

/* export NAME='value' and a newline for "NAME=value"; nothing if the name is no shell name. */
void shell_export(struct strbuf *sb, const char *assignment);

/* cd to `dir` or end; a leading ~ is the home directory there. */
void shell_cd(struct strbuf *sb, const char *dir);

/* Whether a shell could have a variable of that name (up to '=' or the end). */
bool shell_is_name(const char *s);

#endif
