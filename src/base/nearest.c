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

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* What is the same at both ends costs nothing, and most of two similar names is. */
static void trim(const char **a, size_t *len_a, const char **b, size_t *len_b)
{
	while (*len_a && *len_b && same(**a, **b)) {
		++*a, --*len_a;
		++*b, --*len_b;
	}
	while (*len_a && *len_b && same((*a)[*len_a - 1], (*b)[*len_b - 1]))
		--*len_a, --*len_b;
}

/*
 * The optimal string alignment distance, without regard to case; limit + 1 if it is more than
 * `limit`. What lies so far off the diagonal that it costs more is not looked at.
 */
static size_t distance(const char *a, size_t len_a, const char *b, size_t len_b, size_t limit)
{
	size_t rows[3][LONGEST + 2];
	size_t *above2 = rows[0], *above = rows[1], *row = rows[2], *spare;

	trim(&a, &len_a, &b, &len_b);
	if (len_a > len_b + limit || len_b > len_a + limit)
		return limit + 1;
	for (size_t j = 0; j <= len_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t from = i > limit ? i - limit : 1, to = least(len_b, i + limit);
		size_t best;

		spare = above2;
		above2 = above;
		above = row;
		row = spare;
		best = row[from - 1] = from == 1 ? i : limit + 1;
		above[to] = to == i + limit ? limit + 1 : above[to];
		for (size_t j = from; j <= to; j++) {
			bool equal = same(a[i - 1], b[j - 1]);

			row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !equal);
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
				row[j] = least(row[j], above2[j - 2] + 1);
			best = least(best, row[j]);
		}
		if (best > limit)
			return limit + 1;
	}
	return row[len_b];
}

void nearest_init(struct nearest *nearest, const char *word)
{
	*nearest = (struct nearest){.word = word, .distance = SIZE_MAX};
}

/* More than this was not mistyped; and a word of which no letter is left is another one. */
static size_t most(size_t len)
{
	return least((len + 2) / 3, len - 1);
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(nearest->word), other, d;

	if (!candidate || !nearest->distance)
		return;
	other = strlen(candidate);
	if (!len || len > LONGEST || other > LONGEST)
		return;
	/* Only what is nearer than the best so far is of interest. */
	d = distance(nearest->word, len, candidate, other, least(most(len), nearest->distance - 1));
	/* Somebody who stopped early in a long word did not mistype it. */
	if (len >= 3 && len < other && !strncasecmp(nearest->word, candidate, len))
		d = 1;
	if (d < nearest->distance && d <= most(len)) {
		nearest->distance = d;
		nearest->best = candidate;
	}
}

const char *nearest_best(const struct nearest *nearest)
{
	return nearest->best;
}
