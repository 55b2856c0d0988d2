/* SPDX-License-Identifier: MIT */
/*
 * How large a regular expression becomes when the C library compiles it. regcomp() writes
 * repetitions out: x{1000} a thousand times, x+ twice, and nested ones the product of that, so
 * that x++++++… of fifty signs wants all memory there is.
 */
#include "base/base.h"
#include "core/config_read.h"

#define DEPTH_MAX 50

/* The parts of an expression while it is read: what stands in each open bracket. */
struct measure {
	double sum[DEPTH_MAX + 1]; /* of all parts at this depth */
	double last;		   /* of the last part, which a repetition would multiply */
	size_t depth;
};

static void add_part(struct measure *m, double size)
{
	m->sum[m->depth] += size;
	m->last = size;
}

static void repeat(struct measure *m, double times)
{
	m->sum[m->depth] += m->last * (times - 1);
	m->last *= times;
}

/* The end of "[…]", where a ] may stand first and [:class:] within. */
static const char *skip_set(const char *s)
{
	s++;
	s += *s == '^';
	s += *s == ']';
	while (*s && *s != ']') {
		if (*s == '[' && s[1] && strchr(":.=", s[1])) {
			char end[] = {s[1], ']', '\0'};
			const char *close = strstr(s + 2, end);

			s = close ? close + 1 : s;
		}
		s++;
	}
	return *s ? s : s - 1;
}

/* The end of "{3,5}", of which the larger number counts; an open one counts as one more. */
static const char *read_times(const char *s, double *times)
{
	const char *p = s + 1;

	*times = 1;
	for (; *p && *p != '}'; p++) {
		char *end;
		double n;

		if (*p < '0' || *p > '9')
			continue;
		n = (double)strtoul(p, &end, 10);
		*times = n + 1 > *times ? n + 1 : *times;
		p = end - 1;
	}
	return *p ? p : s;
}

static void close_group(struct measure *m)
{
	double size = m->sum[m->depth];

	if (!m->depth)
		return;
	m->depth--;
	add_part(m, size + 1);
}

double config_regex_size(const char *regex)
{
	struct measure m = {.depth = 0};
	double times;

	for (const char *s = regex; *s; s++) {
		if (*s == '(') {
			if (m.depth == DEPTH_MAX)
				return 1e300; /* no C library should have to try */
			m.sum[++m.depth] = 0;
			m.last = 0;
		} else if (*s == ')') {
			close_group(&m);
		} else if (*s == '+') {
			repeat(&m, 2);
		} else if (*s == '{') {
			s = read_times(s, &times);
			repeat(&m, times);
		} else if (*s == '[') {
			s = skip_set(s);
			add_part(&m, 1);
		} else if (!strchr("*?|^$", *s)) {
			s += *s == '\\' && s[1];
			add_part(&m, 1);
		}
	}
	while (m.depth)
		close_group(&m);
	return m.sum[0];
}
