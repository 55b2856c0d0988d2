/* SPDX-License-Identifier: MIT */
/*
 * Tables, at the widths of several terminals.
 */
#include "base/base.h"
#include "cli/table.h"
#include "cli/text.h"
#include "tap.h"

static const struct table_column columns[] = {
	{"PROCESS", .min = 6},
	{"MACHINE", .min = 6},
	{.title = "STATE"},
	{"PID", .right = true, .expendable = 1},
	{"EXIT", .right = true, .expendable = 2},
};

static struct table *sample(void)
{
	struct table *table = table_new(columns, ARRAY_SIZE(columns));

	table_row(table);
	table_cell(table, TERM_PLAIN, "roscore");
	table_cell(table, TERM_PLAIN, "embedded@kyon-embedded");
	table_cell(table, TERM_GREEN, "ready");
	table_cell(table, TERM_PLAIN, "4242");
	table_row(table);
	table_cell(table, TERM_PLAIN, "camera\033[2J");
	table_cell(table, TERM_PLAIN, "local");
	table_cell(table, TERM_RED, "failed");
	table_note(table, TERM_RED, 2, "exited with status 1 after three attempts");
	return table;
}

static void renders(size_t width, bool colour, const char *want, const char *name)
{
	struct table *table = sample();
	struct term term = {.colour = colour};
	struct strbuf out = STRBUF_INIT;

	table_render(table, &out, &term, width);
	is_str(out.buf, want, name);
	strbuf_release(&out);
	table_free(table);
}

int main(void)
{
	struct table *empty;
	struct term plain = {.colour = false};
	struct strbuf out = STRBUF_INIT;

	renders(0, false,
		"PROCESS      MACHINE                 STATE    PID\n"
		"roscore      embedded@kyon-embedded  ready   4242\n"
		"camera^[[2J  local                   failed\n"
		"  exited with status 1 after three attempts\n",
		"as wide as it wants");
	renders(40, false,
		"PROCESS      MACHINE        STATE    PID\n"
		"roscore      embedded@k...  ready   4242\n"
		"camera^[[2J  local          failed\n"
		"  exited with status 1 after three\n"
		"  attempts\n",
		"40 columns");
	renders(24, false,
		"PROCESS  MACHINE  STATE\n"
		"roscore  embe...  ready\n"
		"came...  local    failed\n"
		"  exited with status 1\n"
		"  after three attempts\n",
		"24 columns");
	renders(0, true,
		"\033[1mPROCESS\033[m      \033[1mMACHINE\033[m                 "
		"\033[1mSTATE\033[m    \033[1mPID\033[m\n"
		"roscore      embedded@kyon-embedded  \033[32mready\033[m   4242\n"
		"camera^[[2J  local                   \033[31mfailed\033[m\n"
		"\033[31m  exited with status 1 after three attempts\033[m\n",
		"colours");
	empty = table_new(columns, ARRAY_SIZE(columns));
	table_render(empty, &out, &plain, 80);
	is_str(out.buf, "\n", "no rows");
	table_free(empty);
	strbuf_release(&out);
	return done_testing();
}
