/* SPDX-License-Identifier: MIT */
/*
 * What a program wrote for a terminal, as a plain line: escape sequences are taken out, other
 * control characters too, and what a carriage return overwrote is gone.
 */
#ifndef CLI_CLEAN_H
#define CLI_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/strbuf.h"

/*
 * Adds one line (without its line end). Tabs stay. `mend`: bytes that are no printable UTF-8 become
 * U+FFFD; otherwise they stay as they are.
 */
void clean_add(struct strbuf *out, const char *line, size_t len, bool mend);

/* How much of the beginning of a line was overwritten: a carriage return stands before the rest. */
size_t clean_overwritten(const char *line, size_t len);

#endif
