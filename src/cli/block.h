/* SPDX-License-Identifier: MIT */
/*
 * Some lines at the bottom of a terminal that are drawn again in place. What was printed above
 * them stays. The terminal may be made wider or narrower between two drawings.
 */
#ifndef CLI_BLOCK_H
#define CLI_BLOCK_H

#include "base/strbuf.h"
#include "cli/term.h"

struct block {
	const struct term *term; /* one that `moves` */
	struct strbuf shown;	 /* what stands there now; the cursor is below it */
	size_t width;		 /* of the terminal, when that was drawn */
};

void block_init(struct block *block, const struct term *term);
void block_release(struct block *block); /* leaves on the terminal what stands there */

/*
 * Puts `text` (lines, each with its line end; colours are allowed, other sequences are not) in
 * place of what stands there, cut to the height of the terminal.
 */
void block_draw(struct block *block, const char *text);

/* Removes the lines; the cursor is then where the first of them began. */
void block_erase(struct block *block);

#endif
