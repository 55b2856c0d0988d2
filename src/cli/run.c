/* SPDX-License-Identifier: MIT */
/*
 * `concert run` and its --dry-run. What is asked for is planned first, for the display; the
 * library plans again when it runs, and touches no machine before that plan is sound.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/mon.h"
#include "cli/paint.h"
#include "cli/run.h"
#include "cli/run_watch.h"
#include "cli/step.h"
#include "cli/text.h"

static int print_plan(struct cli *cli, const struct concert_plan *plan)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < concert_plan_size(plan); i++) {
		const struct concert_step *step = concert_plan_step(plan, i);

		if (cli->opt.json) {
			json_add_step(&out, step);
			continue;
		}
		strbuf_addf(&out, "%s%s%zu. ", i ? "\n" : "", term_sgr(&cli->out, TERM_BOLD),
			    i + 1);
		text_addstr(&out, step->process);
		strbuf_addf(&out, "%s\n", term_sgr(&cli->out, TERM_PLAIN));
		step_paint(&out, &cli->out, step);
	}
	cli_write(&out);
	strbuf_release(&out);
	return CONCERT_OK;
}

/* Nobody waits any more for what was started: say what that is. */
static void tell_left(struct cli *cli, enum concert_status status,
		      const struct concert_report *report)
{
	struct strbuf left = STRBUF_INIT;

	for (size_t i = 0; i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);

		if (concert_state_is_alive(row->state))
			strbuf_addf(&left, "%s%s", left.len ? ", " : "", row->process);
	}
	cli_say(cli, "%s; %s%s", status == CONCERT_DEADLINE ? "deadline passed" : "interrupted",
		left.len ? "left running: " : "nothing was left running", left.buf);
	strbuf_release(&left);
}

static int execute(struct cli *cli, const struct concert_request *request,
		   const struct concert_plan *plan)
{
	struct run_watch *watch = cli->opt.watch ? run_watch_begin(cli) : NULL;
	struct concert_report *report = NULL;
	struct strbuf out = STRBUF_INIT;
	enum concert_status status;
	int result;

	observe_begin(&cli->observe, plan, "ready");
	status = concert_run(cli->concert, request, &report);
	observe_end(&cli->observe);
	/* With -w standard output is the process's. */
	if (report && !cli->opt.json && !watch)
		paint_result(&out, &cli->out, report);
	if (!cli_write(&out) && report &&
	    (status == CONCERT_INTERRUPTED || status == CONCERT_DEADLINE))
		tell_left(cli, status, report);
	result = watch ? run_watch_end(watch, status, report) : (int)status;
	concert_report_free(report);
	strbuf_release(&out);
	return result;
}

int run_processes(struct cli *cli, bool restart)
{
	enum concert_status status = cli_open(cli, cli->opt.json ? OBSERVE_JSON : OBSERVE_PROGRESS);
	struct concert_request request = cli_request(cli);
	bool watch = cli->opt.watch && !cli->opt.dry_run;
	struct concert_plan *plan = NULL;
	int result;

	request.restart = restart;
	if (!status)
		status = concert_plan_new(cli->concert, &request, &plan);
	if (status)
		return watch ? 255 : (int)status;
	result = cli->opt.dry_run ? print_plan(cli, plan) : execute(cli, &request, plan);
	concert_plan_free(plan);
	/* What failed is best looked at in its window; who interrupted wants to leave. */
	if (cli->opt.monitor && !cli->opt.dry_run && result < CONCERT_INTERRUPTED)
		return mon_after(cli, result);
	return result;
}

int cmd_run(struct cli *cli)
{
	return run_processes(cli, false);
}
