/* SPDX-License-Identifier: MIT */
/*
 * Questions to whoever sits at the terminal: always on /dev/tty, so that standard input and
 * output may be pipes, and never when there is none or somebody else has it.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Asks `prompt` (made harmless) and reads one line into `answer`, without its line end; the typed
 * letters are shown only with `echo`. Returns 0, or -1 if nobody can be asked, the line is too
 * long, or a signal came.
 */
int ask_line(const char *prompt, bool echo, char *answer, size_t size);

/* True if the answer is yes; "[y/N]" is added to the question. */
bool ask_yes(const char *question);

#endif
