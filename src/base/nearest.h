/* SPDX-License-Identifier: MIT */
/*
 * "did you mean …?": which of many candidates is the nearest to a word that somebody mistyped.
 * Inserting, dropping, changing a letter and swapping two neighbours count one each.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* what was typed; not owned */
	const char *best; /* the best candidate so far; not owned */
	size_t distance;
};

void nearest_init(struct nearest *nearest, const char *word);

/* `candidate` must live as long as the answer is used; NULL is ignored. */
void nearest_offer(struct nearest *nearest, const char *candidate);

/* The first of the nearest candidates, or NULL if none is near enough to be worth a question. */
const char *nearest_best(const struct nearest *nearest);

#endif
