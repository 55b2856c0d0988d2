/* SPDX-License-Identifier: MIT */
/*
 * The parser of the command line: every form in which an option may be written.
 */
#include "base/base.h"
#include "cli/options.h"
#include "tap.h"

#define PARSE(opt, scope, ...) parse((opt), (scope), (char *const[]){__VA_ARGS__, NULL})

static struct error err;
static int used;

static int parse(struct options *opt, unsigned scope, char *const *argv)
{
	used = 0;
	err = (struct error)ERROR_INIT;
	options_init(opt);
	return options_parse(opt, scope, argv, &used, &err);
}

static void test_words(void)
{
	struct options opt;

	is_int(PARSE(&opt, OPTION_RUN, "xbot2", "-v", "a", "b", "-p", "k:=v", "k2=v2", "--dry-run",
		     "imu"),
	       0, "-v and -p take words");
	is_int((long long)opt.variants.nr, 2, "two variants");
	is_str(opt.variants.v[1], "b", "the second");
	is_int((long long)opt.params.nr, 2, "two parameters");
	is_str(opt.params.v[0], "k:=v", "the ancestor's sign");
	ok(opt.dry_run, "the option after them");
	is_int((long long)opt.args.nr, 2, "words before and after the options are processes");
	is_str(opt.args.v[1], "imu", "the one after");
	options_release(&opt);

	is_int(PARSE(&opt, OPTION_RUN, "--variants=a", "b", "--params", "k=v", "--", "-c", "--"), 0,
	       "= gives one value only, -- ends the options");
	is_int((long long)opt.variants.nr, 1, "one variant");
	is_int((long long)opt.args.nr, 3, "three words");
	is_str(opt.args.v[1], "-c", "a dash after --");
	options_release(&opt);

	is_int(PARSE(&opt, OPTION_RUN, "-va", "b", "--variant", "c", "--variant", "d"), 0,
	       "attached, and the other spelling");
	is_int((long long)opt.variants.nr, 3, "three variants");
	is_str(opt.args.v[0], "b", "an attached value is the only one");
	options_release(&opt);
}

static void test_values(void)
{
	struct options opt;

	is_int(PARSE(&opt, OPTION_RUN, "--deadline", "500ms", "--ssh-retries=3", "-c-", "-qlINFO",
		     "--color=never"),
	       0, "values of every kind");
	is_int(opt.deadline_ms, 500, "500ms");
	is_int(opt.ssh_retries, 3, "a number");
	is_str(opt.config, "-", "-c-");
	ok(opt.quiet, "a flag bundled with an option that takes a value");
	is_int(opt.log_level, 1, "case does not matter in a choice");
	is_int(opt.color, 2, "never");
	options_release(&opt);

	is_int(PARSE(&opt, OPTION_STATUS, "-tw", "-c", "-"), 0, "bundled flags");
	ok(opt.tree && opt.watch, "both are set");
	is_str(opt.config, "-", "a dash alone is a value");
	options_release(&opt);

	is_int(PARSE(&opt, OPTION_KILL, "--grace", "1m30s"), 0, "a time of two parts");
	is_int(opt.grace_ms, 90000, "1m30s");
	options_release(&opt);
	is_int(PARSE(&opt, OPTION_KILL, "-a"), 0, "no time given");
	is_int(opt.grace_ms, -1, "means as configured");
	options_release(&opt);
}

static void test_scope(void)
{
	struct options opt;

	is_int(PARSE(&opt, 0, "-v", "-c", "f", "run", "-v", "a"), 0, "before the command");
	ok(opt.verbose, "-v is --verbose there");
	is_int(used, 3, "and the command is left");
	options_release(&opt);
	is_int(PARSE(&opt, OPTION_KILL, "-v"), 0, "-v after kill");
	ok(opt.verbose, "is --verbose too");
	options_release(&opt);
	is_int(PARSE(&opt, OPTION_RUN, "--verbose", "-v", "a"), 0, "after run");
	ok(opt.verbose && opt.variants.nr == 1, "they are two");
	options_release(&opt);
}

static void fails(const char *want, unsigned scope, char *const *argv)
{
	struct options opt;

	is_int(parse(&opt, scope, argv), -1, argv[0]);
	is_str(err.text, want, want);
	options_release(&opt);
}

#define FAILS(want, scope, ...) fails((want), (scope), (char *const[]){__VA_ARGS__, NULL})

static void test_errors(void)
{
	FAILS("unknown option '--dryrun', did you mean '--dry-run'?", OPTION_RUN, "--dryrun");
	FAILS("unknown option '--frobnicate'", OPTION_RUN, "--frobnicate=1");
	FAILS("unknown option '-z'", OPTION_RUN, "-qz");
	FAILS("option '--dot' belongs to another command", OPTION_RUN, "--dot");
	FAILS("option '--dry-run' belongs after the command", 0, "--dry-run", "run");
	FAILS("'--json' takes no value", OPTION_RUN, "--json=yes");
	FAILS("'--config' wants FILE", OPTION_RUN, "--config");
	FAILS("'-v' wants VARIANT...", OPTION_RUN, "-v", "--dry-run");
	FAILS("'soon' is not a value of '--deadline': it takes a time like 10s or 500ms",
	      OPTION_RUN, "--deadline", "soon");
	FAILS("'-1' is not a value of '--ssh-retries': it takes a number", OPTION_RUN,
	      "--ssh-retries=-1");
	FAILS("'mauve' is not a value of '--color': it takes auto|always|never", OPTION_RUN,
	      "--color", "mauve");
}

int main(void)
{
	test_words();
	test_values();
	test_scope();
	test_errors();
	return done_testing();
}
