/* SPDX-License-Identifier: MIT */
/*
 * Just enough TAP for unit tests in C: ok() and is_str() print one result each, and done_testing()
 * the plan. A test program ends with `return done_testing();`.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool pass, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	tap_failed += !pass;
	return pass;
}

/* Equal strings; both may be NULL. Shows both where they differ. */
__attribute__((unused)) static bool is_str(const char *got, const char *want, const char *name)
{
	bool same = got && want ? !strcmp(got, want) : got == want;

	if (!ok(same, "%s", name)) {
		printf("#      got: '%s'\n", got ? got : "(null)");
		printf("# expected: '%s'\n", want ? want : "(null)");
	}
	return same;
}

__attribute__((unused)) static bool is_int(long long got, long long want, const char *name)
{
	if (!ok(got == want, "%s", name))
		printf("#      got: %lld\n# expected: %lld\n", got, want);
	return got == want;
}

static int done_testing(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed ? 1 : 0;
}

#endif
