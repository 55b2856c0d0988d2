/* SPDX-License-Identifier: MIT */
/*
 * An SSH server that does what a real sshd cannot be made to do in a test: keyboard-interactive
 * without PAM, odd orders of messages, hostile texts. Serves one connection on 127.0.0.1 and ends:
 *
 *	fake_sshd HOSTKEY MODE
 *
 * prints the port on its first line, then what it was told. MODE: "interactive" asks two questions;
 * "both" wants keyboard-interactive and a password after it; "mute" lets in and then says nothing;
 * "early" sends the exit status before the output; "signal" ends with a signal; "nostatus" closes
 * without a status; "hostile" refuses channels with escape sequences; "pushy" asks for one itself.
 */
#include "base/base.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#define LIBSSH_LEGACY_0_4
#include <libssh/libssh.h>
#include <libssh/server.h>

static const char *mode;
static bool interactive_done;

static bool is(const char *name)
{
	return !strcmp(mode, name);
}

static int listen_somewhere(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 5))
		exit(1);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

static int let_in(ssh_message message)
{
	if (is("both") && !interactive_done) {
		interactive_done = true;
		ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_PASSWORD);
		ssh_message_auth_reply_success(message, 1);
		return 0;
	}
	ssh_message_auth_reply_success(message, 0);
	return 1;
}

static int answer_interactive(ssh_session session, ssh_message message)
{
	const char *prompts[] = {"\033[31mCode: ", "Colour: "};
	char echo[] = {0, 1};

	if (!ssh_message_auth_kbdint_is_response(message)) {
		ssh_message_auth_interactive_request(message, "name", "instruction", 2, prompts,
						     echo);
		return 0;
	}
	printf("answers %s %s\n", ssh_userauth_kbdint_getanswer(session, 0),
	       ssh_userauth_kbdint_getanswer(session, 1));
	if (!strcmp(ssh_userauth_kbdint_getanswer(session, 0), "42"))
		return let_in(message);
	ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_INTERACTIVE);
	ssh_message_reply_default(message);
	return 0;
}

static int answer_auth(ssh_session session, ssh_message message)
{
	bool interactive = is("interactive") || (is("both") && !interactive_done);

	switch (ssh_message_subtype(message)) {
	case SSH_AUTH_METHOD_INTERACTIVE:
		return answer_interactive(session, message);
	case SSH_AUTH_METHOD_PASSWORD:
		if (!interactive)
			return let_in(message);
		break;
	case SSH_AUTH_METHOD_NONE:
		if (!interactive && !is("both"))
			return let_in(message);
		break;
	}
	ssh_message_auth_set_methods(message, interactive ? SSH_AUTH_METHOD_INTERACTIVE
							  : SSH_AUTH_METHOD_PASSWORD);
	ssh_message_reply_default(message);
	return 0;
}

static void log_in(ssh_session session)
{
	ssh_message message;
	int in = 0;

	while (!in && (message = ssh_message_get(session))) {
		if (ssh_message_type(message) == SSH_REQUEST_AUTH)
			in = answer_auth(session, message);
		else
			ssh_message_reply_default(message);
		ssh_message_free(message);
	}
	if (!in)
		exit(0);
}

static void push(ssh_session session)
{
	ssh_channel channel = ssh_channel_new(session);

	printf("refused %d\n", ssh_channel_open_x11(channel, "127.0.0.1", 1) == SSH_ERROR);
}

static void run_command(ssh_channel channel)
{
	if (is("pushy"))
		push(ssh_channel_get_session(channel));
	if (is("early")) {
		ssh_channel_request_send_exit_status(channel, 7);
		usleep(100000);
	}
	ssh_channel_write(channel, "output\n", 7);
	if (is("signal"))
		ssh_channel_request_send_exit_signal(channel, "SEGV", 0, "\033[2J", "");
	else if (!is("early") && !is("nostatus"))
		ssh_channel_request_send_exit_status(channel, 0);
	ssh_channel_send_eof(channel);
	ssh_channel_close(channel);
}

/* Returns false when the command was run. */
static bool serve(ssh_message message, ssh_channel *channel)
{
	if (ssh_message_type(message) == SSH_REQUEST_CHANNEL_OPEN && !is("hostile")) {
		*channel = ssh_message_channel_request_open_reply_accept(message);
		return true;
	}
	if (ssh_message_type(message) == SSH_REQUEST_CHANNEL &&
	    ssh_message_subtype(message) == SSH_CHANNEL_REQUEST_EXEC) {
		ssh_message_channel_request_reply_success(message);
		run_command(*channel);
		return false;
	}
	ssh_message_reply_default(message);
	return true;
}

int main(int argc, char **argv)
{
	ssh_bind server = ssh_bind_new();
	ssh_session session = ssh_new();
	ssh_channel channel = NULL;
	ssh_message message;
	int fd;

	if (argc < 3)
		return 2;
	mode = argv[2];
	alarm(60); /* whatever happens, it does not stay */
	ssh_bind_options_set(server, SSH_BIND_OPTIONS_HOSTKEY, argv[1]);
	fd = accept4(listen_somewhere(), NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || ssh_bind_accept_fd(server, session, fd) || ssh_handle_key_exchange(session))
		return 1;
	log_in(session);
	if (is("mute"))
		pause();
	while ((message = ssh_message_get(session))) {
		bool more = serve(message, &channel);

		ssh_message_free(message);
		if (!more)
			break;
	}
	while (ssh_is_connected(session) && (message = ssh_message_get(session)))
		ssh_message_free(message);
	fflush(stdout);
	_exit(0);
}
