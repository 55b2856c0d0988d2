/* SPDX-License-Identifier: MIT */
/*
 * `concert kill`: stops processes, and says what is left of those that would not.
 */
#include "base/base.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/paint.h"

/* A lone `kill` is too easily typed to stop a whole robot. */
static bool is_confirmed(struct cli *cli)
{
	struct strbuf question = STRBUF_INIT;
	size_t nr = concert_nr_processes(cli->concert);
	bool yes;

	strbuf_addf(&question, "kill all %zu processes of %s%s?", nr,
		    concert_config_path(cli->concert),
		    cli->opt.unlisted ? " and those that it does not define" : "");
	yes = ask_yes(question.buf);
	strbuf_release(&question);
	return yes;
}

static int execute(struct cli *cli, const struct concert_request *request)
{
	struct concert_report *report = NULL;
	struct strbuf out = STRBUF_INIT;
	enum concert_status status;

	observe_begin(&cli->observe, NULL, "stopped");
	status = concert_kill(cli->concert, request, &report);
	observe_end(&cli->observe);
	if (report && !cli->opt.json)
		paint_result(&out, &cli->out, report);
	if (!cli_write(&out) && status == CONCERT_INTERRUPTED)
		cli_say(cli, "interrupted; what was signalled may still be ending "
			     "(see 'concert status')");
	concert_report_free(report);
	strbuf_release(&out);
	return status;
}

int cmd_kill(struct cli *cli)
{
	bool unnamed = !cli->opt.args.nr && !cli->opt.all;
	bool terminal = isatty(STDIN_FILENO) && cli->err.tty;
	struct concert_request request;
	enum concert_status status;

	if (cli->opt.args.nr && cli->opt.all)
		return cli_usage(cli, "-a means all processes: name none beside it");
	if (unnamed && !terminal)
		return cli_usage(cli, "name processes, or give -a to kill all of the file");
	status = cli_open(cli, cli->opt.json ? OBSERVE_JSON : OBSERVE_PROGRESS);
	if (status)
		return status;
	if (unnamed && !is_confirmed(cli)) {
		cli_say(cli, "nothing was killed");
		return cli_interrupted() ? CONCERT_INTERRUPTED : CONCERT_FAILED;
	}
	request = cli_request(cli);
	request.all = request.all || unnamed;
	return execute(cli, &request);
}
