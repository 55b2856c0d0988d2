/* SPDX-License-Identifier: MIT */
/*
 * `concert attach`: lends this terminal to the window of a process. The library moves the bytes;
 * here the terminal is made raw and put back, and, with --keep, a note stands on the screen while
 * there is no window to show.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/text.h"

#define AGAIN_FIRST_MS 500
#define AGAIN_LAST_MS  5000
#define ABSENT_MS      1000 /* asking on a connection that there is costs next to nothing */

static void on_size(int *rows, int *columns, void *data)
{
	const struct cli *cli = data;

	*rows = (int)term_height(&cli->out);
	*columns = (int)term_width(&cli->out);
	/* Another size for a moment makes the far end draw everything again. */
	if (term_resumed() && *rows > 2)
		--*rows;
}

static void on_begin(bool dead, void *data)
{
	struct cli *cli = data;

	if (dead && !cli->opt.keep)
		cli_say(cli, "'%s' is over; this is its last screen", cli->opt.args.v[0]);
	if (cli->opt.keep)
		term_cursor(&cli->out, true);
	term_raw(STDIN_FILENO, true);
}

static void on_end(bool lost, void *data)
{
	const struct cli *cli = data;

	if (lost)
		term_reset(cli->out.fd);
	term_raw(STDIN_FILENO, false);
}

static enum concert_status attach(struct cli *cli)
{
	struct concert_terminal terminal = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.term = getenv("TERM"),
		.read_only = cli->opt.read_only,
		.size = on_size,
		.begin = on_begin,
		.end = on_end,
		.data = cli,
	};

	return concert_attach(cli->concert, cli->opt.args.v[0], &terminal);
}

/* Why there is nothing to see, in the middle of an empty screen. */
static void draw_note(struct cli *cli, enum concert_status status)
{
	const struct strvec *errors = &cli->observe.errors;
	struct strbuf out = STRBUF_INIT, text = STRBUF_INIT;
	size_t width = term_width(&cli->out), height = term_height(&cli->out);

	if (status == CONCERT_NOT_RUNNING)
		strbuf_addstr(&text, "not running; its window appears here once it does");
	else if (errors->nr)
		text_addstr(&text, errors->v[errors->nr - 1]);
	else
		strbuf_addstr(&text, "connecting");
	strbuf_addf(&out, "\033[H\033[2J\033[%zu;1H%s%s%s\r\n", height / 3 + 1,
		    term_sgr(&cli->out, TERM_BOLD), cli->opt.args.v[0],
		    term_sgr(&cli->out, TERM_PLAIN));
	text_add_wrapped(&out, text.buf, 0, width);
	cli_write(&out);
	term_cursor(&cli->out, false);
	strbuf_release(&out);
	strbuf_release(&text);
}

/* A change of the terminal's size ends the wait early, and the note is drawn anew. */
static void rest(int ms)
{
	if (!cli_interrupted())
		poll(NULL, 0, ms);
}

static int keep(struct cli *cli)
{
	enum concert_status status = CONCERT_OK;
	int again_ms = AGAIN_FIRST_MS;

	cli->observe.silent = true;
	draw_note(cli, CONCERT_OK);
	while (!cli_interrupted()) {
		observe_forget(&cli->observe);
		status = attach(cli);
		if (status == CONCERT_OK || status == CONCERT_USAGE ||
		    status == CONCERT_INTERRUPTED)
			break;
		draw_note(cli, status);
		again_ms = status == CONCERT_UNREACHABLE ? again_ms * 2 : AGAIN_FIRST_MS;
		if (again_ms > AGAIN_LAST_MS)
			again_ms = AGAIN_LAST_MS;
		rest(status == CONCERT_NOT_RUNNING ? ABSENT_MS : again_ms);
	}
	term_cursor(&cli->out, true);
	cli->observe.silent = false;
	if (status == CONCERT_USAGE)
		observe_tell_errors(&cli->observe, NULL);
	return cli_interrupted() ? CONCERT_INTERRUPTED : status;
}

int cmd_attach(struct cli *cli)
{
	enum concert_status status;

	if (!isatty(STDIN_FILENO) || !cli->out.tty)
		return cli_usage(cli, "standard input and output must be a terminal");
	if (!cli->out.moves)
		return cli_usage(cli, "the terminal '%s' cannot show a window",
				 getenv("TERM") ? getenv("TERM") : "");
	status = cli_open(cli, OBSERVE_ERRORS);
	if (status)
		return status;
	if (cli->opt.keep)
		return keep(cli);
	if (!cli->opt.quiet)
		cli_say(cli, "attaching to '%s'; C-b d or three times Ctrl-] leaves",
			cli->opt.args.v[0]);
	return attach(cli);
}
