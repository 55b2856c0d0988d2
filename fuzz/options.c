/* SPDX-License-Identifier: MIT */
/*
 * Words of the command line, one a line; the first byte chooses the command that they stand behind.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "cli/options.h"
#include "fuzz/fuzz.h"

static void check(const struct options *opt, const struct strvec *argv)
{
	int64_t at_most = INT64_C(1000000000000000);

	CHECK(opt->args.nr + opt->params.nr + opt->variants.nr <= argv->nr, "words of its own");
	CHECK(opt->deadline_ms >= 0 && opt->deadline_ms <= at_most, "deadline");
	CHECK(opt->grace_ms >= -1 && opt->grace_ms <= at_most, "grace");
	CHECK(opt->ssh_retries >= 0 && opt->ssh_retries <= 1000000, "retries");
	CHECK(opt->color >= 0 && opt->color <= 2 && opt->log_level >= -1 && opt->log_level <= 4,
	      "a choice");
	for (size_t i = 0; i < opt->args.nr; i++)
		CHECK(strvec_has(argv, opt->args.v[i]), "'%s'", opt->args.v[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	unsigned char which = fuzz_byte(&input);
	unsigned scope = which % 10 ? 1u << (which % 10 - 1) : 0;
	struct strvec argv = STRVEC_INIT;
	struct strbuf help = STRBUF_INIT;
	struct error err = ERROR_INIT;
	struct options opt;
	int i = 0;

	while (input.left)
		strvec_push_owned(&argv, fuzz_line(&input));
	options_init(&opt);
	if (options_parse(&opt, scope, argv.v, &i, &err))
		CHECK(err.code == ERROR_USAGE && *err.text, "'%s'", err.text);
	else
		CHECK(scope ? (size_t)i == argv.nr : (size_t)i <= argv.nr, "%d of %zu words", i,
		      argv.nr);
	check(&opt, &argv);
	options_add_help(&help, scope, which);
	options_release(&opt);
	strvec_release(&argv);
	strbuf_release(&help);
	return 0;
}
