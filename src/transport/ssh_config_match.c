/* SPDX-License-Identifier: MIT */
/*
 * Which blocks of ssh_config hold: the patterns of Host, the conditions of Match.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "transport/ssh_config_file.h"

/* '*' and '?'; backtracks to the last star only, so that no pattern takes long. */
bool match_pattern(const char *text, const char *pattern)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static void fold_case(char *s)
{
	for (; *s; s++)
		*s = (char)tolower((unsigned char)*s);
}

int match_pattern_list(const char *text, const char *patterns, bool fold)
{
	char *subject = xstrdup(text), *list = xstrdup(patterns), *rest = list, *one;
	int found = 0;

	if (fold) {
		fold_case(subject);
		fold_case(list);
	}
	while (found >= 0 && (one = strsep(&rest, ","))) {
		bool negated = *one == '!';

		if (match_pattern(subject, one + negated))
			found = negated ? -1 : 1;
	}
	free(list);
	free(subject);
	return found;
}

int config_match_host(const struct config_query *query, const struct config_line *line)
{
	int found = 0;

	for (size_t i = 0; i < line->arg.nr; i++) {
		const char *pattern = line->arg.v[i];
		bool negated = *pattern == '!';

		/* Host names are compared as they are written: OpenSSH lowers the name first. */
		if (!match_pattern(query->host, pattern + negated))
			continue;
		if (negated)
			return 0;
		found = 1;
	}
	return found;
}

/* What is compared with the argument of a Match condition, or NULL if it is not of that kind. */
static char *subject_of(const struct config_query *query, const char *condition)
{
	const struct ssh_settings *s = query->settings;

	if (!strcasecmp(condition, "host"))
		return s->host ? ssh_expand_host(s, &query->config->user, NULL)
			       : xstrdup(query->host);
	if (!strcasecmp(condition, "originalhost"))
		return xstrdup(s->original);
	if (!strcasecmp(condition, "user"))
		return xstrdup(s->user ? s->user : query->config->user.name);
	if (!strcasecmp(condition, "localuser"))
		return xstrdup(query->config->user.name);
	return NULL;
}

/* Conditions of newer OpenSSHs and those that run programs: only ssh can tell. */
static bool only_ssh_knows(const char *condition)
{
	static const char *const known[] = {"exec",	   "canonical", "tagged",  "localnetwork",
					    "sessiontype", "command",	"version", NULL};

	for (const char *const *k = known; *k; k++)
		if (!strcasecmp(condition, *k))
			return true;
	return false;
}

static int match_fault(const struct config_query *query, const struct config_line *line,
		       const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, "%s:%d: Match %s: %s", query->path, line->number,
			 line->rest, what);
}

/* One condition; takes its argument, if it has one, by moving `i` on. */
static int match_one(const struct config_query *query, const struct config_line *line, size_t *i,
		     struct error *err)
{
	const char *word = line->arg.v[*i];
	bool negated = *word == '!';
	char *subject;
	int found;

	word += negated;
	if (!strcasecmp(word, "all"))
		return line->arg.nr > 2 ? match_fault(query, line, "'all' stands alone", err)
					: !negated;
	if (!strcasecmp(word, "final")) {
		query->settings->wants_final = true;
		return query->final != negated;
	}
	if (only_ssh_knows(word)) {
		query->settings->needs_ssh = true;
		*i += strcasecmp(word, "canonical") != 0;
		return 0;
	}
	subject = subject_of(query, word);
	if (!subject)
		return match_fault(query, line, "unknown condition", err);
	if (++*i >= line->arg.nr) {
		free(subject);
		return match_fault(query, line, "an argument is missing", err);
	}
	found = match_pattern_list(subject, line->arg.v[*i],
				   !strcasecmp(word, "host") || !strcasecmp(word, "originalhost"));
	free(subject);
	return (found == 1) != negated;
}

int config_match(const struct config_query *query, const struct config_line *line,
		 struct error *err)
{
	int all = 1;

	if (!line->arg.nr)
		return match_fault(query, line, "a condition is missing", err);
	/* What follows a condition that fails counts no more, as a program is not run then. */
	for (size_t i = 0; i < line->arg.nr && all == 1; i++)
		all = match_one(query, line, &i, err);
	return all;
}
