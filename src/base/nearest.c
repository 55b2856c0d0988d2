/* SPDX-License-Identifier: MIT */
/*
 * Edit distance between names, with three rows of the usual table. Long names are not compared:
 * nobody mistypes those, and the work grows with the square.
 */
#include "base/base.h"
#include "base/nearest.h"

#define LONGEST 64

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance; letters are compared without regard to case. */
static size_t distance(const char *a, size_t len_a, const char *b, size_t len_b)
{
	size_t rows[3][LONGEST + 1];
	size_t *above2 = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= len_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		spare = above2;
		above2 = above;
		above = row;
		row = spare;
		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return row[len_b];
}

void nearest_init(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){.word = word, .distance = SIZE_MAX};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(nearest->word), other, d;

	if (!candidate)
		return;
	other = strlen(candidate);
	if (!len || len > LONGEST || other > LONGEST)
		return;
	d = distance(nearest->word, len, candidate, other);
	/* Somebody who stopped early in a long word did not mistype it. */
	if (len >= 3 && len < other && !strncasecmp(nearest->word, candidate, len))
		d = 1;
	if (d < nearest->distance) {
		nearest->distance = d;
		nearest->best = candidate;
	}
}

const char *nearest_best(const struct nearest *nearest)
{
	size_t len = strlen(nearest->word);

	/* A word of which no letter is left is not that word mistyped. */
	if (!nearest->best || nearest->distance >= len)
		return NULL;
	return nearest->distance <= (len + 2) / 3 ? nearest->best : NULL;
}
