/* SPDX-License-Identifier: MIT */
/*
 * `concert help`: all of it comes from the tables of commands and options. The hidden --dump
 * prints these tables for the shells' completions and for the test of the manual.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/text.h"

static size_t width_of(const struct cli *cli)
{
	size_t width = term_width(&cli->out);

	return width && width < 100 ? width : 100;
}

static void add_overview(struct strbuf *out, const struct cli *cli)
{
	size_t width = width_of(cli);

	strbuf_addstr(out, "usage: concert [OPTION...] COMMAND ...\n\n");
	text_add_wrapped(
		out,
		"Launches graphs of processes on this computer and others, over SSH and in "
		"tmux, from one file.",
		0, width);
	strbuf_addstr(out, "\ncommands:\n");
	for (const struct command *c = command_table; c->name; c++) {
		strbuf_addf(out, "  %-9s ", c->name);
		text_add_cut(out, c->summary, width - 12);
		strbuf_addch(out, '\n');
	}
	strbuf_addstr(out, "\noptions, before or after the command:\n");
	options_add_help(out, OPTION_GLOBAL, width);
	strbuf_addstr(out, "\n'concert help COMMAND' tells more.\n");
}

static void add_command(struct strbuf *out, const struct command *command, const struct cli *cli)
{
	size_t width = width_of(cli), start;

	strbuf_addstr(out, "usage:");
	start = out->len;
	command_add_synopsis(out, command, 7, width);
	strbuf_remove(out, start, 6); /* the word stands in the first line's indent */
	strbuf_addch(out, '\n');
	text_add_wrapped(out, command->description, 0, width);
	strbuf_addstr(out, "\noptions:\n");
	start = out->len;
	options_add_help(out, command->scope, width);
	strbuf_addstr(out, out->len > start ? "\n" : "  none of its own\n\n");
	strbuf_addstr(out, "'concert help' lists the options that all commands take.\n");
}

/* Lines of tab-separated fields: what kind, whose, and the fields of the table. */
static void add_dump(struct strbuf *out)
{
	for (const struct command *c = command_table; c->name; c++)
		strbuf_addf(out, "command\t%s\t%s\t%s\n", c->name,
			    c->positional ? c->positional : "", c->summary);
	for (const struct option *o = option_table; o->name; o++) {
		char letter[2] = {o->letter, '\0'};

		if (!o->help)
			continue;
		if (o->scope & OPTION_GLOBAL)
			strbuf_addf(out, "option\t\t%s\t%s\t%s\t%s\n", letter, o->name,
				    o->argument ? o->argument : "", o->help);
		for (const struct command *c = command_table; c->name; c++)
			if (o->scope & c->scope)
				strbuf_addf(out, "option\t%s\t%s\t%s\t%s\t%s\n", c->name, letter,
					    o->name, o->argument ? o->argument : "", o->help);
	}
}

int cmd_help(struct cli *cli)
{
	const struct command *command = cli->command;
	struct strbuf out = STRBUF_INIT;
	struct error err = ERROR_INIT;

	/* `concert run -h` explains run; `concert help` is only about help with -h and no name. */
	if (command && command->run == cmd_help && (!cli->opt.help || cli->opt.args.nr))
		command = NULL;
	if (!command && cli->opt.args.nr) {
		command = command_find(cli->opt.args.v[0], &err);
		if (!command) {
			cli->command = NULL;
			return cli_usage(cli, "%s", err.text);
		}
	}
	if (cli->opt.dump)
		add_dump(&out);
	else if (command)
		add_command(&out, command, cli);
	else
		add_overview(&out, cli);
	cli_write(&out);
	strbuf_release(&out);
	return cli_finish(CONCERT_OK);
}
