/* SPDX-License-Identifier: MIT */
/*
 * `concert watch`: what processes write. How it is shown is stream.c's business.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/stream.h"

#define DEFAULT_LINES 10

/* "N": the last N lines; "+N": from line N on, of which the first N - 1 are skipped here. */
static int parse_lines(const char *text, int64_t *lines, int64_t *skip)
{
	bool from = text && *text == '+';
	char *end;

	*lines = DEFAULT_LINES;
	*skip = 0;
	if (!text)
		return 0;
	text += from;
	*lines = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || *lines > 1000000000)
		return -1;
	if (from) {
		*skip = *lines > 0 ? *lines - 1 : 0;
		*lines = -1;
	}
	return 0;
}

/* The processes that are watched, each once: those named, or all. */
static void collect_names(const struct cli *cli, struct strvec *names)
{
	const struct strvec *args = &cli->opt.args;

	for (size_t i = 0; i < args->nr; i++)
		if (!strvec_has(names, args->v[i]))
			strvec_push(names, args->v[i]);
	for (size_t i = 0; !args->nr && i < concert_nr_processes(cli->concert); i++)
		strvec_push(names, concert_process(cli->concert, i)->name);
}

static int follow(struct cli *cli, struct concert_watch *watch, struct stream_options *options)
{
	struct concert_request request = cli_request(cli);
	struct error err = ERROR_INIT;
	enum concert_status status;
	struct stream *stream;

	stream = stream_new(cli, options, &err);
	if (!stream)
		return cli_usage(cli, "%s", err.text);
	request.processes = options->processes;
	watch->output = stream_output;
	watch->data = stream;
	cli->observe.tick = stream_tick;
	cli->observe.data = stream;
	status = concert_watch(cli->concert, &request, watch);
	cli->observe.tick = NULL;
	stream_free(stream);
	return status;
}

int cmd_watch(struct cli *cli)
{
	struct strvec names = STRVEC_INIT;
	struct concert_watch watch = {.no_follow = cli->opt.no_follow};
	struct stream_options options = {
		.grep = cli->opt.grep,
		.timestamps = cli->opt.timestamps,
		.json = cli->opt.json,
	};
	int status;

	if (parse_lines(cli->opt.lines, &watch.lines, &options.skip_lines))
		return cli_usage(cli, "'%s' is not a value of '-n': it takes N or +N",
				 cli->opt.lines);
	status = cli_open(cli, OBSERVE_STREAM);
	if (status)
		return status;
	collect_names(cli, &names);
	options.processes = (const char *const *)names.v;
	status = follow(cli, &watch, &options);
	strvec_release(&names);
	return status;
}
