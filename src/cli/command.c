/* SPDX-License-Identifier: MIT */
/*
 * The table of sub-commands, in the order in which help shows them.
 */
#include "base/base.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/text.h"

/* clang-format off */
const struct command command_table[] = {
	{"run", OPTION_RUN, WORDS_SOME, "PROC...", "start processes and all that they depend on",
	 "Starts the processes and what they depend on, in parallel where the graph allows, and waits until each is ready. "
	 "What runs already is left alone. Ctrl-C stops waiting and leaves what was started running.", cmd_run},
	{"restart", OPTION_RESTART, WORDS_SOME, "PROC...", "end processes and start them again",
	 "Ends the processes and starts them again, with the variants and parameters that they had unless others are given.", cmd_restart},
	{"kill", OPTION_KILL, WORDS_ANY, "[PROC...]", "stop processes and what depends on them",
	 "Stops dependents first, then the processes, and reports success only when nothing of them is left. "
	 "Without a name it asks, on a terminal, whether to kill all processes of the file; elsewhere it wants -a.", cmd_kill},
	{"status", OPTION_STATUS, WORDS_ANY, "[PROC...]", "show what runs where",
	 "Asks all machines at once and shows the state of each process. With names, the exit status is 3 if one of them does not run.", cmd_status},
	{"attach", OPTION_ATTACH, WORDS_ONE, "PROC", "show a process's own window in this terminal",
	 "Shows the tmux window of a process in this terminal, and passes on what is typed. Leave with tmux's own key (C-b d, unless "
	 "the tmux.conf there says otherwise), or by typing Ctrl-] three times within a second.", cmd_attach},
	{"watch", OPTION_WATCH, WORDS_ANY, "[PROC...]", "stream what processes write",
	 "Streams the output of the processes, of all if none is named, as it comes, run after run; a lost connection leaves neither gap nor repeat. "
	 "On a terminal one process is shown as it is; otherwise lines are cleaned of escape sequences, and with several each begins with its process.", cmd_watch},
	{"wait", OPTION_WAIT, WORDS_SOME, "PROC...", "wait for processes to end",
	 "Waits until the last run of each process has ended, and exits with its exit status: 128+N for signal N, 255 where it cannot be told. "
	 "With several processes, the largest.", cmd_wait},
	{"mon", OPTION_MON, WORDS_NONE, NULL, "open a dashboard in tmux",
	 "Makes a tmux session SESSION_mon on this computer, or finds it made: a window a session, a pane a process, attached to the "
	 "process's own window, and a pane that shows the status. Says how to see it, or, with -r, shows it.", cmd_mon},
	{"list", OPTION_LIST, WORDS_NONE, NULL, "list the processes of the file",
	 "Lists the processes that the file defines, by category, with their variants. Asks no machine.", cmd_list},
	{"show", OPTION_SHOW, WORDS_ONE, "PROC", "show what a process would run, where and how",
	 "Shows one process with variants and parameters applied: its exact command, machine, container, environment, ready check. Asks no machine.", cmd_show},
	{"graph", OPTION_GRAPH, WORDS_NONE, NULL, "draw the dependencies",
	 "Draws each process above what it depends on; with --dot, for graphviz. Asks no machine.", cmd_graph},
	{"check", OPTION_CHECK, WORDS_NONE, NULL, "check the file",
	 "Reads the whole file and tells every error and warning in it. Asks no machine.", cmd_check},
	{"doctor", OPTION_DOCTOR, WORDS_ANY, "[MACHINE...]", "look whether the machines are fit",
	 "Looks at each machine of the file, or at those named: login, latency, tmux, shells, files and space, what happens at the logout, "
	 "clock, containers; tells what is wrong and its cure. With --purge, removes concert's files from the named machines.", cmd_doctor},
	{"help", OPTION_HELP, WORDS_OPTIONAL, "[COMMAND]", "explain a command",
	 "Explains a command and its options, or lists all commands.", cmd_help},
	{NULL, 0, 0, NULL, NULL, NULL, NULL},
};
/* clang-format on */

const struct command *command_find(const char *name, struct error *err)
{
	struct nearest nearest;
	const char *best;

	nearest_init(&nearest, name);
	for (const struct command *c = command_table; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
		nearest_offer(&nearest, c->name);
	}
	best = nearest_best(&nearest);
	if (best)
		error_set(err, ERROR_USAGE, "unknown command '%s', did you mean '%s'?", name, best);
	else
		error_set(err, ERROR_USAGE, "unknown command '%s'", name);
	return NULL;
}

int command_check_words(const struct command *command, char *const *words, size_t nr,
			struct error *err)
{
	size_t max = command->words == WORDS_NONE				       ? 0
		     : command->words == WORDS_ONE || command->words == WORDS_OPTIONAL ? 1
										       : SIZE_MAX;

	if (nr > max)
		return error_set(err, ERROR_USAGE, "'%s' does not take '%s'", command->name,
				 words[max]);
	if (nr || (command->words != WORDS_ONE && command->words != WORDS_SOME))
		return 0;
	return error_set(err, ERROR_USAGE, "'%s' wants the name of a process%s", command->name,
			 command->scope & (OPTION_RUN | OPTION_RESTART | OPTION_SHOW)
				 ? ", before -p and -v or after '--'"
				 : "");
}

void command_add_synopsis(struct strbuf *out, const struct command *command, size_t indent,
			  size_t width)
{
	struct strbuf line = STRBUF_INIT;

	strbuf_addf(&line, "concert %s", command->name);
	if (command->positional)
		strbuf_addf(&line, " %s", command->positional);
	options_add_synopsis(&line, command->scope);
	text_add_wrapped(out, line.buf, indent, width);
	strbuf_release(&line);
}
