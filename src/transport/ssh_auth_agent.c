/* SPDX-License-Identifier: MIT */
/*
 * The agent's keys, without libssh's blocking on the agent. libssh is given a socket on which its
 * answers lie ready before it asks: a list with the one key that is tried, and, for the signature,
 * a refusal. If the machine would take the key, libssh writes what it wants signed to that socket
 * and fails; the real agent is asked for it through the loop; then libssh is asked once more, and
 * this time finds the signature in the refusal's place. What is to be signed is the same both times.
 */
#include "base/base.h"
#include <sys/socket.h>
#include "transport/ssh_auth.h"

#define SIGN_MS		  120000 /* it may wait for a finger on a hardware key; the login's deadline rules */
#define AGENT_FAILURE	  5
#define IDENTITIES_ANSWER 12
#define SIGN_REQUEST	  13
#define SIGN_RESPONSE	  14

static void add_u32(struct strbuf *out, size_t value)
{
	const char bytes[4] = {(char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
			       (char)value};

	strbuf_add(out, bytes, sizeof(bytes));
}

/* The list with one key, and the answer to the request for a signature. */
static void prepare_answers(struct strbuf *out, const struct ssh_agent_key *key,
			    const struct strbuf *signature)
{
	size_t comment = strlen(key->comment);

	add_u32(out, 1 + 4 + 4 + key->len + 4 + comment);
	strbuf_addch(out, IDENTITIES_ANSWER);
	add_u32(out, 1);
	add_u32(out, key->len);
	strbuf_add(out, key->blob, key->len);
	add_u32(out, comment);
	strbuf_addstr(out, key->comment);
	if (signature->len) {
		add_u32(out, signature->len);
		strbuf_add(out, signature->buf, signature->len);
	} else {
		add_u32(out, 1);
		strbuf_addch(out, AGENT_FAILURE);
	}
}

/*
 * A new pair of sockets with the answers in it. libssh keeps the number that it was given first,
 * and closes it with the session, so later ones are put in that one's place.
 */
static int lay_out(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;
	struct strbuf answers = STRBUF_INIT;
	int fds[2], rc = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -1;
	child_close(&auth->own_fd);
	auth->own_fd = fds[0];
	fcntl(auth->own_fd, F_SETFL, O_NONBLOCK);
	prepare_answers(&answers, auth->current->agent, &auth->signature);
	if (send(auth->own_fd, answers.buf, answers.len, MSG_NOSIGNAL) != (ssize_t)answers.len)
		rc = -1;
	strbuf_release(&answers);
	/* So that libssh, should it read on, meets an end and does not wait. */
	shutdown(auth->own_fd, SHUT_WR);
	if (auth->agent_fd < 0) {
		auth->agent_fd = fds[1];
		ssh_set_agent_socket(ssh->session, fds[1]);
	} else {
		dup3(fds[1], auth->agent_fd, O_CLOEXEC);
		close(fds[1]);
	}
	return rc;
}

void auth_agent_begin(struct ssh *ssh)
{
	strbuf_reset(&ssh->auth->signature);
	if (!ssh->auth->agent->trouble && !lay_out(ssh))
		auth_set_state(ssh, AUTH_AGENT_OFFER);
}

/* What libssh wrote: the question for the list, and, if it got that far, what is to be signed. */
static size_t read_request(const struct ssh_auth *auth, char *buf, size_t size,
			   const char **request)
{
	ssize_t n = recv(auth->own_fd, buf, size, 0);
	size_t at = 0;

	while (n > 0 && (size_t)n - at > 4) {
		const unsigned char *u = (const unsigned char *)buf + at;
		size_t len = (size_t)u[0] << 24 | (size_t)u[1] << 16 | (size_t)u[2] << 8 | u[3];

		if (len > (size_t)n - at - 4)
			break;
		if (u[4] == SIGN_REQUEST) {
			*request = buf + at + 4;
			return len;
		}
		at += 4 + len;
	}
	return 0;
}

static void on_signed(const char *answer, size_t len, void *data)
{
	struct ssh *ssh = data;
	struct ssh_auth *auth = ssh->auth;

	auth->request = NULL;
	if (answer && len > 1 && answer[0] == SIGN_RESPONSE) {
		strbuf_add(&auth->signature, answer, len);
		if (!lay_out(ssh))
			auth_set_state(ssh, AUTH_AGENT_SEND);
		else
			auth_next(ssh);
	} else {
		auth_note(ssh, "(the agent would not sign)");
		auth_next(ssh);
	}
	ssh_run(ssh);
}

void auth_agent_offer(struct ssh *ssh)
{
	struct ssh_auth *auth = ssh->auth;
	char buf[32768];
	const char *request;
	size_t len;
	int rc = ssh_userauth_agent(ssh->session, NULL);

	if (rc == SSH_AUTH_ERROR && ssh_is_connected(ssh->session) &&
	    (len = read_request(auth, buf, sizeof(buf), &request))) {
		auth_set_state(ssh, AUTH_AGENT_SIGN);
		auth->request = ssh_agent_ask(auth->agent, request, len, SIGN_MS, on_signed, ssh);
		return;
	}
	auth_result(ssh, rc);
}

void auth_agent_send(struct ssh *ssh)
{
	auth_result(ssh, ssh_userauth_agent(ssh->session, NULL));
}

void auth_agent_end(struct ssh_auth *auth)
{
	child_close(&auth->own_fd);
}
