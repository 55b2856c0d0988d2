/* SPDX-License-Identifier: MIT */
/*
 * `concert status`: what runs where, once or again and again.
 */
#include "base/base.h"
#include "cli/block.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/paint.h"
#include "cli/text.h"

#define REFRESH_MS 2000

static void add_report(struct strbuf *out, const struct cli *cli,
		       const struct concert_report *report)
{
	if (cli->opt.json)
		json_add_report(out, report, cli->opt.tree);
	else
		paint_status(out, &cli->out, report, cli->opt.tree);
}

static int print_once(struct cli *cli, const struct concert_request *request)
{
	struct concert_report *report = NULL;
	struct strbuf out = STRBUF_INIT;
	enum concert_status status = concert_query(cli->concert, request, &report);

	if (report)
		add_report(&out, cli, report);
	cli_write(&out);
	observe_tell_errors(&cli->observe, cli->opt.json ? NULL : report);
	concert_report_free(report);
	strbuf_release(&out);
	return status;
}

/* Errors stand below the table and go with it: the next look may find the machine again. */
static void add_errors(struct strbuf *out, struct cli *cli, const struct concert_report *report)
{
	struct strvec *errors = &cli->observe.errors;
	struct strbuf line = STRBUF_INIT;

	for (size_t i = 0; i < errors->nr; i++) {
		bool shown = false;

		for (size_t j = 0; report && !shown && j < concert_report_size(report); j++) {
			const char *reason = concert_report_row(report, j)->reason;

			shown = reason && strstr(reason, errors->v[i]);
		}
		strbuf_reset(&line);
		text_addstr(&line, errors->v[i]);
		if (!shown)
			text_add_wrapped(out, line.buf, 0, term_width(&cli->out));
	}
	strbuf_release(&line);
}

/* Sleeps until the next look is due. A change of the terminal's size ends it early. */
static void rest(void)
{
	if (!cli_interrupted())
		poll(NULL, 0, REFRESH_MS);
}

static int watch(struct cli *cli, const struct concert_request *request)
{
	struct block block;
	struct strbuf out = STRBUF_INIT;
	enum concert_status status = CONCERT_OK;
	bool moves = cli->out.moves && !cli->opt.json, lost = false;

	block_init(&block, &cli->out);
	cli->observe.silent = !cli->opt.json;
	if (moves)
		term_cursor(&cli->out, false);
	while (!cli_interrupted() && !lost) {
		struct concert_report *report = NULL;

		observe_forget(&cli->observe);
		status = concert_query(cli->concert, request, &report);
		if (status == CONCERT_INTERRUPTED)
			break;
		if (report)
			add_report(&out, cli, report);
		if (!cli->opt.json)
			add_errors(&out, cli, report);
		concert_report_free(report);
		if (status == CONCERT_USAGE)
			break;
		if (moves)
			block_draw(&block, out.buf);
		else
			lost = cli_write(&out);
		strbuf_reset(&out);
		rest();
	}
	if (moves)
		term_cursor(&cli->out, true);
	if (status == CONCERT_USAGE)
		fwrite(out.buf, 1, out.len, stderr);
	block_release(&block);
	strbuf_release(&out);
	return cli_interrupted() ? CONCERT_INTERRUPTED : status;
}

int cmd_status(struct cli *cli)
{
	struct concert_request request;
	enum concert_status status = cli_open(cli, OBSERVE_ERRORS);

	if (status)
		return status;
	request = cli_request(cli);
	request.ssh_retries = 1; /* a look is soon repeated; a dead machine must not hold it up */
	return cli->opt.watch ? watch(cli, &request) : print_once(cli, &request);
}
