/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: opening the configuration, making requests from options, and writing
 * to standard output, where a reader that goes away must end the program quietly.
 */
#include "base/base.h"
#include "cli/cli.h"

/* The errno of the first write to standard output that failed. */
static int lost_output;

enum concert_status cli_open(struct cli *cli, enum observe_mode mode)
{
	const struct options *opt = &cli->opt;
	struct concert_options options = {
		.config = opt->config,
		.ssh_config = opt->ssh_config,
		.host_key = opt->host_key,
		.check = cli->command->scope == OPTION_CHECK,
		.strict = opt->strict,
		.ancestor = opt->ancestor,
		.verbose = opt->verbose,
	};
	enum concert_status status = CONCERT_OK;
	struct concert_observer observer;

	observe_init(&cli->observe, mode, cli);
	observer = observe_observer(&cli->observe);
	cli->concert = concert_open(&options, &observer, &status);
	cli_interruptible(cli->concert);
	if (cli->concert)
		return CONCERT_OK;
	return status ? status : CONCERT_USAGE;
}

struct concert_request cli_request(const struct cli *cli)
{
	const struct options *opt = &cli->opt;

	return (struct concert_request){
		.processes = (const char *const *)opt->args.v,
		.params = (const char *const *)opt->params.v,
		.variants = (const char *const *)opt->variants.v,
		.all = opt->all,
		.deadline_ms = opt->deadline_ms,
		.ssh_retries = opt->ssh_retries,
		.signal = opt->signal,
		.grace_ms = opt->grace_ms,
		.force = opt->force,
		.only = opt->only,
		.with_dependencies = opt->with_dependencies,
		.unlisted = opt->unlisted,
		.check = opt->check,
		.tree = opt->tree,
	};
}

int cli_usage(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	fputs("concert: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	if (cli->command)
		fprintf(stderr, " (see 'concert help %s')\n", cli->command->name);
	else
		fputs(" (see 'concert help')\n", stderr);
	return CONCERT_USAGE;
}

void cli_say(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	observe_pause(&cli->observe);
	fputs("concert: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int cli_write(struct strbuf *out)
{
	size_t done = 0;

	while (done < out->len && !lost_output) {
		ssize_t n = write(STDOUT_FILENO, out->buf + done, out->len - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			lost_output = errno;
	}
	strbuf_reset(out);
	return lost_output ? -1 : 0;
}

int cli_finish(int status)
{
	if (!lost_output || lost_output == EPIPE)
		return status;
	fprintf(stderr, "concert: cannot write standard output: %s\n", strerror(lost_output));
	return status > CONCERT_FAILED ? status : CONCERT_FAILED;
}
