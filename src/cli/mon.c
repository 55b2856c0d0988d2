/* SPDX-License-Identifier: MIT */
/*
 * `concert mon`: has the dashboard made, with panes that run this very program with the same file,
 * and hands the terminal over to it, or says how to see it.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/mon.h"
#include "cli/text.h"

/* The absolute path of a file that may have been given as a relative one. */
static void push_path(struct strvec *program, const char *option, const char *path)
{
	char *whole = realpath(path, NULL);

	strvec_push(program, option);
	strvec_push(program, whole ? whole : path);
	free(whole);
}

/* This program, wherever it was started from; a new build has taken its place where that is gone. */
static void push_self(struct strvec *program)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	strvec_push(program, len > 0 && !access(path, X_OK) ? path : "concert");
}

static void build_program(struct strvec *program, const struct cli *cli)
{
	push_self(program);
	push_path(program, "-c", concert_config_path(cli->concert));
	if (cli->opt.ssh_config)
		push_path(program, "-F", cli->opt.ssh_config);
	if (cli->opt.host_key) {
		strvec_push(program, "--host-key");
		strvec_push(program, cli->opt.host_key);
	}
}

/* Does not return if it can be helped. */
static int show(struct cli *cli, const struct concert_dashboard *dashboard)
{
	execvp(dashboard->show[0], (char *const *)dashboard->show);
	cli_say(cli, "cannot run '%s': %s", dashboard->show[0], strerror(errno));
	return CONCERT_FAILED;
}

static int say_how(struct cli *cli, const struct concert_dashboard *dashboard)
{
	struct strbuf out = STRBUF_INIT;

	if (!cli->opt.quiet && !cli->opt.json) {
		strbuf_addf(&out, "dashboard '%s' %s; to see it:\n ", dashboard->session,
			    dashboard->made ? "is made" : "was there already");
		for (const char *const *word = dashboard->show; *word; word++)
			strbuf_addf(&out, " %s", *word);
		strbuf_addch(&out, '\n');
	}
	cli_write(&out);
	strbuf_release(&out);
	return CONCERT_OK;
}

int mon_open(struct cli *cli, bool here)
{
	struct strvec program = STRVEC_INIT;
	struct concert_dashboard *dashboard = NULL;
	struct concert_dashboard_options options = {
		.tmux = getenv("TMUX"),
		.rows = (int)term_height(&cli->out),
		.columns = (int)term_width(&cli->out),
	};
	int status;

	build_program(&program, cli);
	options.program = (const char *const *)program.v;
	options.config = program.v[2];
	status = concert_dashboard(cli->concert, &options, &dashboard);
	if (!status)
		status = here ? show(cli, dashboard) : say_how(cli, dashboard);
	concert_dashboard_free(dashboard);
	strvec_release(&program);
	return status;
}

int mon_after(struct cli *cli, int status)
{
	int shown = mon_open(cli, isatty(STDIN_FILENO) && cli->out.tty && !cli->opt.json);

	return status > shown ? status : shown;
}

int cmd_mon(struct cli *cli)
{
	enum concert_status status;

	if (cli->opt.here && (!isatty(STDIN_FILENO) || !cli->out.tty))
		return cli_usage(cli, "-r wants a terminal");
	status = cli_open(cli, OBSERVE_ERRORS);
	if (status)
		return status;
	if (!strcmp(concert_config_path(cli->concert), "-"))
		return cli_usage(cli, "the panes must read the file again: it cannot be '-'");
	return mon_open(cli, cli->opt.here);
}
