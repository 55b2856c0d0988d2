/* SPDX-License-Identifier: MIT */
/*
 * The option table and the only parser of it. The spellings of concert_launcher are in it too, so
 * that command lines which labs have in scripts and in their fingers work as they did.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "cli/human.h"
#include "cli/options.h"
#include "cli/text.h"

#define PLANS  (OPTION_RUN | OPTION_RESTART | OPTION_SHOW)
#define STARTS (OPTION_RUN | OPTION_RESTART)
#define REPORTS                                                                                    \
	(OPTION_WATCH | STARTS | OPTION_KILL | OPTION_STATUS | OPTION_LIST | OPTION_SHOW |         \
	 OPTION_DOCTOR)
#define AT(member) offsetof(struct options, member)

/* clang-format off */
const struct option option_table[] = {
	{'p', "params", OPTION_WORDS, AT(params), PLANS, "KEY=VALUE...", "set parameters"},
	{0, "param", OPTION_WORDS, AT(params), PLANS, "KEY=VALUE...", NULL},
	{'v', "variants", OPTION_WORDS, AT(variants), PLANS, "VARIANT...", "choose variants: NAME, GROUP=CHOICE or PROCESS:NAME"},
	{0, "variant", OPTION_WORDS, AT(variants), PLANS, "VARIANT...", NULL},
	{'m', "monitor", OPTION_FLAG, AT(monitor), STARTS, NULL, "open the dashboard then, as 'mon -r' does"},
	{0, "dry-run", OPTION_FLAG, AT(dry_run), STARTS, NULL, "print every step with its exact command, start nothing"},
	{0, "deadline", OPTION_DURATION, AT(deadline_ms), STARTS | OPTION_WAIT, "TIME", "give up after this long (10s, 500ms, 2m)"},
	{0, "ssh-retries", OPTION_COUNT, AT(ssh_retries), STARTS, "N", "log in again up to N times after a lost connection (5)"},

	{'w', "watch", OPTION_FLAG, AT(watch), STARTS, NULL, "stream the output then, and exit with its exit status"},

	{'a', "all", OPTION_FLAG, AT(all), OPTION_KILL, NULL, "kill all processes of the file"},
	{0, "signal", OPTION_STRING, AT(signal), OPTION_KILL, "SIG", "begin with this signal (INT, TERM, QUIT, ...)"},
	{0, "grace", OPTION_DURATION, AT(grace_ms), OPTION_KILL, "TIME", "wait this long before TERM"},
	{0, "force", OPTION_FLAG, AT(force), OPTION_KILL, NULL, "KILL at once"},
	{0, "only", OPTION_FLAG, AT(only), OPTION_KILL, NULL, "leave dependents alone"},
	{0, "with-dependencies", OPTION_FLAG, AT(with_dependencies), OPTION_KILL, NULL, "and what only these processes needed"},
	{0, "unlisted", OPTION_FLAG, AT(unlisted), OPTION_KILL, NULL, "and what concert started but the file does not define"},

	{'w', "watch", OPTION_FLAG, AT(watch), OPTION_STATUS, NULL, "refresh in place every two seconds"},
	{'t', "pstree", OPTION_FLAG, AT(tree), OPTION_STATUS, NULL, "add the process tree of each"},
	{0, "check", OPTION_FLAG, AT(check), OPTION_STATUS, NULL, "run the ready checks once more"},

	{'r', "read-only", OPTION_FLAG, AT(read_only), OPTION_ATTACH, NULL, "look, and type nothing"},
	{0, "keep", OPTION_FLAG, AT(keep), OPTION_ATTACH, NULL, "wait until it is there, and come back after every end"},

	{'n', "num-lines", OPTION_STRING, AT(lines), OPTION_WATCH, "N", "begin with the last N lines (10); +N: with line N"},
	{0, "grep", OPTION_STRING, AT(grep), OPTION_WATCH, "RE", "only lines that match this extended regular expression"},
	{0, "timestamps", OPTION_FLAG, AT(timestamps), OPTION_WATCH, NULL, "say when each line was read on its machine"},
	{0, "no-follow", OPTION_FLAG, AT(no_follow), OPTION_WATCH, NULL, "print what is there, and end"},
	{'r', "replace", OPTION_FLAG, AT(here), OPTION_MON, NULL, "show it in this terminal"},

	{0, "purge", OPTION_FLAG, AT(purge), OPTION_DOCTOR, NULL, "remove concert's files from the named machines"},

	{0, "strict", OPTION_FLAG, AT(strict), OPTION_CHECK, NULL, "warnings are errors"},
	{0, "ancestor", OPTION_FLAG, AT(ancestor), OPTION_CHECK, NULL, "tell what concert_launcher did otherwise with this file"},

	{0, "dot", OPTION_FLAG, AT(dot), OPTION_GRAPH, NULL, "print it for graphviz"},

	{0, "dump", OPTION_FLAG, AT(dump), OPTION_HELP, NULL, NULL},

	{0, "json", OPTION_FLAG, AT(json), REPORTS, NULL, "print JSON"},

	{'c', "config", OPTION_STRING, AT(config), OPTION_GLOBAL, "FILE", "read this file ('-': standard input)"},
	{'F', "ssh-config", OPTION_STRING, AT(ssh_config), OPTION_GLOBAL, "FILE", "read this file in place of ~/.ssh/config"},
	{0, "host-key", OPTION_STRING, AT(host_key), OPTION_GLOBAL, "MODE", "'accept-new' takes host keys that are not known yet"},
	{'q', "quiet", OPTION_FLAG, AT(quiet), OPTION_GLOBAL, NULL, "print errors and results only"},
	{'v', "verbose", OPTION_FLAG, AT(verbose), OPTION_GLOBAL, NULL, "say more (-v: not after run, restart and show)"},
	{0, "color", OPTION_CHOICE, AT(color), OPTION_GLOBAL, "auto|always|never", "when to use colours"},
	{'l', "log-level", OPTION_CHOICE, AT(log_level), OPTION_GLOBAL, "debug|info|warning|error|critical", "trace on standard error"},
	{'h', "help", OPTION_FLAG, AT(help), OPTION_GLOBAL, NULL, "print help"},
	{'V', "version", OPTION_FLAG, AT(version), OPTION_GLOBAL, NULL, "print the version"},
	{0, NULL, 0, 0, 0, NULL, NULL},
};
/* clang-format on */

void options_init(struct options *opt)
{
	*opt = (struct options){.log_level = -1, .grace_ms = -1, .ssh_retries = 5};
	strvec_init(&opt->params);
	strvec_init(&opt->variants);
	strvec_init(&opt->args);
}

void options_release(struct options *opt)
{
	strvec_release(&opt->params);
	strvec_release(&opt->variants);
	strvec_release(&opt->args);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* The option of that letter, or of the name that ends at `len`; the command's own come first. */
static const struct option *find(unsigned scope, char letter, const char *name, size_t len)
{
	const unsigned pass[] = {scope, OPTION_GLOBAL};

	for (size_t i = 0; i < ARRAY_SIZE(pass); i++)
		for (const struct option *o = option_table; o->name; o++) {
			if (!(o->scope & pass[i]))
				continue;
			if (letter ? o->letter == letter
				   : strlen(o->name) == len && !strncmp(o->name, name, len))
				return o;
		}
	return NULL;
}

static int set_choice(const struct option *o, int *value, const char *text, const char *shown,
		      struct error *err)
{
	const char *choice = o->argument;
	size_t len;

	for (int i = 0; *choice; i++) {
		len = strcspn(choice, "|");
		if (strlen(text) == len && !strncasecmp(choice, text, len)) {
			*value = i;
			return 0;
		}
		choice += len + (choice[len] == '|');
	}
	return error_set(err, ERROR_USAGE, "'%s' is not a value of %s: it takes %s", text, shown,
			 o->argument);
}

static int set_count(int *value, const char *text, const char *shown, struct error *err)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n > 1000000)
		return error_set(err, ERROR_USAGE, "'%s' is not a value of %s: it takes a number",
				 text, shown);
	*value = (int)n;
	return 0;
}

/* Sets one value; `text` is NULL for flags, `shown` the option as it was typed. */
static int set_value(struct options *opt, const struct option *o, const char *text,
		     const char *shown, struct error *err)
{
	void *at = (char *)opt + o->offset;

	switch (o->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case OPTION_STRING:
		*(const char **)at = text;
		return 0;
	case OPTION_COUNT:
		return set_count(at, text, shown, err);
	case OPTION_CHOICE:
		return set_choice(o, at, text, shown, err);
	case OPTION_WORDS:
		strvec_push(at, text);
		return 0;
	case OPTION_DURATION:
		if (!human_parse_ms(text, at))
			return 0;
		return error_set(err, ERROR_USAGE,
				 "'%s' is not a value of %s: it takes a time like 10s or 500ms",
				 text, shown);
	}
	BUG("option '%s' of no kind", o->name);
}

/* Gives `o` what follows it: `attached` (in the same word) or the next words of argv. */
static int take(struct options *opt, const struct option *o, const char *attached,
		const char *shown, char *const *argv, int *i, struct error *err)
{
	if (o->kind == OPTION_FLAG)
		return set_value(opt, o, NULL, shown, err);
	if (attached)
		return set_value(opt, o, attached, shown, err);
	/* A value may begin with a dash only where it is attached; "-" alone is standard input. */
	if (!argv[*i] || is_option(argv[*i]))
		return error_set(err, ERROR_USAGE, "%s wants %s", shown, o->argument);
	do {
		if (set_value(opt, o, argv[(*i)++], shown, err))
			return -1;
	} while (o->kind == OPTION_WORDS && argv[*i] && !is_option(argv[*i]));
	return 0;
}

/* An option that nobody knows here: it may be another command's, or nearly one of ours. */
static int unknown(unsigned scope, const char *name, size_t len, struct error *err)
{
	char *typed = xstrndup(name, len);
	bool elsewhere = false;
	struct nearest nearest;
	const char *best;

	nearest_init(&nearest, typed);
	for (const struct option *o = option_table; o->name; o++) {
		if (o->scope & (scope | OPTION_GLOBAL))
			nearest_offer(&nearest, o->name);
		else if (o->help && !strcmp(o->name, typed))
			elsewhere = true;
	}
	best = nearest_best(&nearest);
	if (elsewhere && !scope)
		error_set(err, ERROR_USAGE, "option '--%s' belongs after the command", typed);
	else if (elsewhere)
		error_set(err, ERROR_USAGE, "option '--%s' belongs to another command", typed);
	else if (best)
		error_set(err, ERROR_USAGE, "unknown option '--%s', did you mean '--%s'?", typed,
			  best);
	else
		error_set(err, ERROR_USAGE, "unknown option '--%s'", typed);
	free(typed);
	return -1;
}

static int parse_long(struct options *opt, unsigned scope, char *const *argv, int *i,
		      struct error *err)
{
	const char *name = argv[(*i)++] + 2;
	size_t len = strcspn(name, "=");
	const struct option *o = find(scope, 0, name, len);
	char shown[64];

	if (!o)
		return unknown(scope, name, len, err);
	snprintf(shown, sizeof(shown), "'--%s'", o->name);
	if (o->kind == OPTION_FLAG && name[len])
		return error_set(err, ERROR_USAGE, "%s takes no value", shown);
	return take(opt, o, name[len] ? name + len + 1 : NULL, shown, argv, i, err);
}

static int parse_letters(struct options *opt, unsigned scope, char *const *argv, int *i,
			 struct error *err)
{
	const char *letter = argv[(*i)++] + 1;
	const struct option *o;
	char shown[8];

	do {
		o = find(scope, *letter, NULL, 0);
		if (!o)
			return error_set(err, ERROR_USAGE, "unknown option '-%.*s'",
					 (unsigned char)*letter < 0x80 ? 1 : 4, letter);
		snprintf(shown, sizeof(shown), "'-%c'", *letter++);
		if (o->kind != OPTION_FLAG)
			return take(opt, o, *letter ? letter + (*letter == '=') : NULL, shown, argv,
				    i, err);
		take(opt, o, NULL, shown, argv, i, err);
	} while (*letter);
	return 0;
}

int options_parse(struct options *opt, unsigned scope, char *const *argv, int *i, struct error *err)
{
	while (argv[*i]) {
		const char *word = argv[*i];
		int failed = 0;

		if (!strcmp(word, "--")) {
			for ((*i)++; scope && argv[*i]; (*i)++)
				strvec_push(&opt->args, argv[*i]);
			return 0;
		}
		if (!is_option(word) && !scope)
			return 0;
		if (!is_option(word))
			strvec_push(&opt->args, argv[(*i)++]);
		else if (word[1] == '-')
			failed = parse_long(opt, scope, argv, i, err);
		else
			failed = parse_letters(opt, scope, argv, i, err);
		if (failed)
			return -1;
	}
	return 0;
}

/* "  -p, --params KEY=VALUE..." */
static void add_spelling(struct strbuf *out, const struct option *o)
{
	if (o->letter)
		strbuf_addf(out, "  -%c, ", o->letter);
	else
		strbuf_addstr(out, "      ");
	strbuf_addf(out, "--%s", o->name);
	if (o->argument)
		strbuf_addf(out, " %s", o->argument);
}

void options_add_help(struct strbuf *out, unsigned scope, size_t width)
{
	struct strbuf left = STRBUF_INIT, lines = STRBUF_INIT;
	size_t column = 30, have;

	if (width && width < 60)
		column = 10;
	for (const struct option *o = option_table; o->name; o++) {
		if (!(o->scope & scope) || !o->help)
			continue;
		strbuf_reset(&left);
		strbuf_reset(&lines);
		add_spelling(&left, o);
		have = text_width(left.buf);
		strbuf_addstr(out, left.buf);
		text_add_wrapped(&lines, o->help, column, width);
		if (have + 2 > column)
			strbuf_addch(out, '\n');
		else
			strbuf_remove(&lines, 0, have);
		strbuf_add(out, lines.buf, lines.len);
	}
	strbuf_release(&left);
	strbuf_release(&lines);
}

void options_add_synopsis(struct strbuf *out, unsigned scope)
{
	for (const struct option *o = option_table; o->name; o++) {
		if (!(o->scope & scope) || !o->help)
			continue;
		if (o->letter)
			strbuf_addf(out, " [-%c", o->letter);
		else
			strbuf_addf(out, " [--%s", o->name);
		if (o->argument)
			strbuf_addf(out, " %s", o->argument);
		strbuf_addch(out, ']');
	}
}
