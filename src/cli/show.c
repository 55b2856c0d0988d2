/* SPDX-License-Identifier: MIT */
/*
 * `concert show`: one process as it would run, with variants and parameters applied.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/step.h"
#include "cli/text.h"

static void add_heading(struct strbuf *out, const struct cli *cli, const char *name)
{
	size_t nr = concert_nr_processes(cli->concert);

	strbuf_addstr(out, term_sgr(&cli->out, TERM_BOLD));
	text_addstr(out, name);
	strbuf_addstr(out, term_sgr(&cli->out, TERM_PLAIN));
	for (size_t i = 0; i < nr; i++) {
		const struct concert_process_info *info = concert_process(cli->concert, i);

		if (strcmp(info->name, name))
			continue;
		if (info->description) {
			strbuf_addstr(out, ": ");
			text_addstr(out, info->description);
		}
		strbuf_addstr(out, " (");
		text_addstr(out, info->file);
		strbuf_addf(out, ":%d)", info->line);
	}
	strbuf_addch(out, '\n');
}

int cmd_show(struct cli *cli)
{
	enum concert_status status = cli_open(cli, OBSERVE_ERRORS);
	struct concert_request request = cli_request(cli);
	struct concert_plan *plan = NULL;
	struct strbuf out = STRBUF_INIT;

	if (status)
		return status;
	status = concert_show(cli->concert, &request, &plan);
	for (size_t i = 0; !status && i < concert_plan_size(plan); i++) {
		const struct concert_step *step = concert_plan_step(plan, i);

		if (cli->opt.json) {
			json_add_step(&out, step);
		} else {
			add_heading(&out, cli, step->process);
			step_paint(&out, &cli->out, step);
		}
	}
	cli_write(&out);
	strbuf_release(&out);
	concert_plan_free(plan);
	return status;
}
