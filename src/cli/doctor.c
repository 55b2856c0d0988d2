/* SPDX-License-Identifier: MIT */
/*
 * `concert doctor`: what the machines have and lack, and the removal of concert's files.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"

static const struct table_column columns[] = {
	{.title = "MACHINE", .min = 10},
	{.title = "CHECK"},
	{.title = "RESULT"},
	{.title = "FINDING", .min = 30},
};

static void add_row(struct table *table, const struct concert_finding *found, bool first)
{
	static const struct {
		const char *word;
		enum term_colour colour;
	} result[] = {
		[CONCERT_LEVEL_ERROR] = {"wrong", TERM_RED},
		[CONCERT_LEVEL_WARNING] = {"poor", TERM_YELLOW},
		[CONCERT_LEVEL_INFO] = {"ok", TERM_GREEN},
	};
	struct strbuf cure = STRBUF_INIT;
	bool ok = found->level == CONCERT_LEVEL_INFO;

	table_row(table);
	table_cell(table, TERM_BOLD, first ? found->machine : NULL);
	table_cell(table, TERM_PLAIN, found->check);
	table_cell(table, result[found->level].colour, result[found->level].word);
	/* What is wrong is never cut. */
	table_cell(table, TERM_PLAIN, ok ? found->message : NULL);
	if (!ok)
		table_note(table, result[found->level].colour, 4, found->message);
	if (found->cure) {
		strbuf_addf(&cure, "cure: %s", found->cure);
		table_note(table, TERM_PLAIN, 4, cure.buf);
	}
	strbuf_release(&cure);
}

static void add_table(struct strbuf *out, const struct cli *cli,
		      const struct concert_diagnosis *diagnosis)
{
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	const char *last = "";

	for (size_t i = 0; i < concert_diagnosis_size(diagnosis); i++) {
		const struct concert_finding *found = concert_diagnosis_finding(diagnosis, i);

		add_row(table, found, strcmp(found->machine, last) != 0);
		last = found->machine;
	}
	table_render(table, out, &cli->out, term_width(&cli->out));
	table_free(table);
}

static int purge(struct cli *cli)
{
	enum concert_status status = CONCERT_OK;

	for (size_t i = 0; i < cli->opt.args.nr && !cli_interrupted(); i++) {
		const char *machine = cli->opt.args.v[i];
		bool removed;
		enum concert_status one = concert_purge(cli->concert, machine, &removed);

		if (!one && !cli->opt.quiet)
			cli_say(cli, "'%s': %s", machine,
				removed ? "concert's files are removed" : "there was nothing");
		status = one > status ? one : status;
	}
	return status;
}

int cmd_doctor(struct cli *cli)
{
	const char *const *machines = (const char *const *)cli->opt.args.v;
	struct concert_diagnosis *diagnosis = NULL;
	struct strbuf out = STRBUF_INIT;
	enum concert_status status;

	if (cli->opt.purge && !cli->opt.args.nr)
		return cli_usage(cli, "--purge wants the name of a machine");
	status = cli_open(cli, OBSERVE_ERRORS);
	if (status)
		return status;
	if (cli->opt.purge)
		return purge(cli);
	status = concert_doctor(cli->concert, machines, &diagnosis);
	if (diagnosis && cli->opt.json)
		json_add_diagnosis(&out, diagnosis);
	else if (diagnosis)
		add_table(&out, cli, diagnosis);
	cli_write(&out);
	concert_diagnosis_free(diagnosis);
	strbuf_release(&out);
	return status;
}
