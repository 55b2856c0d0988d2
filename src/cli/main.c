/* SPDX-License-Identifier: MIT */
/*
 * The beginning and the end of the program: options, the choice of a command, signals, and the
 * exit status. The first Ctrl-C asks the library to stop; the second ends the program at once.
 */
#include "base/base.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/text.h"

static struct concert *volatile interruptible;
static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	struct concert *concert = interruptible;
	int saved = errno;

	if (interrupted++ || !concert) {
		term_restore();
		_exit(128 + sig);
	}
	concert_interrupt(concert);
	errno = saved;
}

/* A closed pipe is seen by write(). A handler, not SIG_IGN, which our children would inherit. */
static void on_pipe(int sig)
{
	(void)sig;
}

static void catch_signals(void)
{
	struct sigaction end = {.sa_handler = on_signal}, pipe = {.sa_handler = on_pipe};

	sigemptyset(&end.sa_mask);
	sigemptyset(&pipe.sa_mask);
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGPIPE, &pipe, NULL);
	term_catch_signals();
}

bool cli_interrupted(void)
{
	return interrupted;
}

void cli_interruptible(struct concert *concert)
{
	interruptible = concert;
}

/* May be called from any thread, so it is one write and touches no display. */
static void on_trace(enum log_level level, const char *text, void *data)
{
	static const char *const name[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};
	struct strbuf line = STRBUF_INIT;

	(void)data;
	strbuf_addf(&line, "concert: %s: ", name[level]);
	text_addstr(&line, text);
	strbuf_addch(&line, '\n');
	fwrite(line.buf, 1, line.len, stderr);
	strbuf_release(&line);
}

static void start_trace(int chosen)
{
	/* In the order of the option's values; "critical" is the ancestor's. */
	static const enum log_level level[] = {LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING,
					       LOG_LEVEL_ERROR, LOG_LEVEL_ERROR};

	if (chosen >= 0)
		log_set_handler(on_trace, NULL, level[chosen]);
}

static int print_version(void)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_addf(&out, "concert %s\n", CONCERT_VERSION);
	cli_write(&out);
	strbuf_release(&out);
	return cli_finish(CONCERT_OK);
}

/* Everything up to the command's own work. Returns -1 if that is to be done now. */
static int prepare(struct cli *cli, char *const *argv)
{
	struct options *opt = &cli->opt;
	struct error err = ERROR_INIT;
	int i = argv[0] ? 1 : 0;

	if (options_parse(opt, 0, argv, &i, &err))
		return cli_usage(cli, "%s", err.text);
	if (opt->version)
		return print_version();
	if (argv[i]) {
		cli->command = command_find(argv[i], &err);
		if (!cli->command)
			return cli_usage(cli, "%s", err.text);
		i++;
		if (options_parse(opt, cli->command->scope, argv, &i, &err))
			return cli_usage(cli, "%s", err.text);
	}
	if (opt->version)
		return print_version();
	term_init(&cli->out, STDOUT_FILENO, (enum term_when)opt->color);
	term_init(&cli->err, STDERR_FILENO, (enum term_when)opt->color);
	if (opt->help)
		return cmd_help(cli);
	if (!cli->command)
		return cli_usage(cli, "no command given");
	if (command_check_words(cli->command, opt->args.v, opt->args.nr, &err))
		return cli_usage(cli, "%s", err.text);
	return -1;
}

int main(int argc, char **argv)
{
	struct cli cli = {.command = NULL};
	int status;

	(void)argc;
	text_init();
	options_init(&cli.opt);
	catch_signals();
	status = prepare(&cli, argv);
	if (status < 0) {
		start_trace(cli.opt.log_level);
		status = cli_finish(cli.command->run(&cli));
	}
	interruptible = NULL;
	concert_close(cli.concert);
	observe_release(&cli.observe);
	options_release(&cli.opt);
	return status;
}
