/* SPDX-License-Identifier: MIT */
/*
 * `ssh -G`: OpenSSH's own answer to what holds for a host, for configurations that only it can work
 * out. It costs 3 ms and a child, so it is asked only then.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "transport/ssh_internal.h"

#define ANSWER_MAX (1 << 20)

struct ssh_asking {
	struct channel *channel;
	struct connection *local;
	struct strbuf answer;
};

static void on_output(struct channel *channel, int stream, const char *data, size_t len, void *user)
{
	struct ssh *ssh = user;

	(void)channel;
	if (stream == 1)
		strbuf_add(&ssh->asking->answer, data, len);
}

static void on_closed(struct channel *channel, const struct channel_result *result, void *user)
{
	struct ssh *ssh = user;
	struct ssh_asking *asking = ssh->asking;
	struct error err = ERROR_INIT;

	(void)channel;
	asking->channel = NULL;
	if (result->err.code || result->exit_status)
		ssh_fail_with(
			ssh, ERROR_USAGE,
			"cannot connect to '%s': its ssh_config needs an ssh client to be "
			"understood (Match exec, CanonicalizeHostname, …), and 'ssh -G' failed",
			ssh->connection->machine);
	else if (ssh_settings_take(&ssh->settings, &ssh->shared->config, asking->answer.buf, &err))
		ssh_fail_with(ssh, ERROR_USAGE, "%s", err.text);
	ssh_ask_ssh_end(ssh);
	ssh_again(ssh);
}

static void add_quoted(struct strbuf *out, const char *word)
{
	strbuf_addch(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_addstr(out, "'\\''");
		else
			strbuf_addch(out, *word);
	}
	strbuf_addch(out, '\'');
}

static void build_command(struct ssh *ssh, struct strbuf *out)
{
	const struct machine_name *name = &ssh->connection->name;

	strbuf_addstr(out, "exec ssh -G");
	if (ssh->transport->ssh_config) {
		strbuf_addstr(out, " -F ");
		add_quoted(out, ssh->transport->ssh_config);
	}
	if (name->user) {
		strbuf_addstr(out, " -l ");
		add_quoted(out, name->user);
	}
	if (name->port)
		strbuf_addf(out, " -p %d", name->port);
	strbuf_addstr(out, " -- ");
	add_quoted(out, name->host);
}

int ssh_ask_ssh(struct ssh *ssh, struct error *err)
{
	static const struct connection_handler nobody;
	struct ssh_asking *asking = xcalloc(1, sizeof(*asking));
	struct strbuf command = STRBUF_INIT;
	struct channel_options options = {
		.timeout_ms = ssh_login_timeout_ms(ssh),
		.max_output = ANSWER_MAX,
		.output = on_output,
		.closed = on_closed,
		.user = ssh,
	};

	strbuf_init(&asking->answer);
	build_command(ssh, &command);
	options.command = command.buf;
	asking->local = connection_new(ssh->transport, NULL, &nobody, NULL, err);
	asking->channel = connection_exec(asking->local, &options);
	strbuf_release(&command);
	ssh->asking = asking;
	return 0;
}

void ssh_ask_ssh_end(struct ssh *ssh)
{
	struct ssh_asking *asking = ssh->asking;

	if (!asking)
		return;
	ssh->asking = NULL;
	connection_free(asking->local);
	strbuf_release(&asking->answer);
	free(asking);
}
