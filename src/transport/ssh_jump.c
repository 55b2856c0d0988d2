/* SPDX-License-Identifier: MIT */
/*
 * ProxyJump: a machine that is reached through another. The way through is a direct-tcpip channel of
 * the jump host's connection; the inner login gets one end of a socketpair, and the bytes between
 * its other end and the channel are carried here, in the same loop. All machines behind one jump
 * host share its one connection; a jump host may have a jump host itself.
 */
#include "base/base.h"
#include <sys/socket.h>
#include "transport/ssh_internal.h"

#define CARRY 65536

/* A jump host, by the list of hops that lead to it and itself: "a,b". */
struct ssh_jump {
	struct ssh_jump *next;
	struct ssh_shared *shared;
	char *spec;
	struct connection *connection;
	unsigned users;
};

/* One way through: channel on the jump host ↔ our end of the socketpair. */
struct ssh_forward {
	struct ssh_forward *next;
	struct ssh *via;
	ssh_channel handle;
	struct ssh_channel_callbacks_struct callbacks;
	bool open, refused;
	bool eof; /* of either side: nothing more comes */
	char *host;
	int port;
	int fd; /* -1 once closed */
	struct loop_watch *watch;
	struct strbuf in, out; /* from the channel, to the channel */
};

static void for_each_waiting(struct ssh_jump *jump, void (*call)(struct ssh *ssh, const void *arg),
			     const void *arg)
{
	struct transport *transport = jump->shared->transport;

	for (struct connection *c = transport->connections; c; c = c->next)
		if (c->ssh && c->ssh->jump == jump && c->ssh->state == LOGIN_JUMPING)
			call(c->ssh, arg);
}

static void go_on(struct ssh *ssh, const void *arg)
{
	(void)arg;
	ssh_set_state(ssh, LOGIN_WAITING);
	ssh_again(ssh);
}

static void jump_up(struct connection *connection, void *data)
{
	(void)connection;
	for_each_waiting(data, go_on, NULL);
}

static void give_up(struct ssh *ssh, const void *arg)
{
	const struct error *err = arg;

	ssh_fail_with(ssh, err->code, "cannot connect to '%s' through its jump host: %s",
		      ssh->connection->machine, err->text);
}

/* Those that are through already notice it by the end of their socket. */
static void jump_down(struct connection *connection, const struct error *err, void *data)
{
	(void)connection;
	for_each_waiting(data, give_up, err);
}

static struct ssh_jump *find_jump(struct ssh_shared *shared, const char *spec)
{
	for (struct ssh_jump *jump = shared->jumps; jump; jump = jump->next)
		if (!strcmp(jump->spec, spec))
			return jump;
	return NULL;
}

static struct ssh_jump *new_jump(struct ssh_shared *shared, const char *spec, struct error *err)
{
	static const struct connection_handler handler = {.up = jump_up, .down = jump_down};
	const char *comma = strrchr(spec, ',');
	const char *last = comma ? comma + 1 : spec;
	struct ssh_jump *jump = xcalloc(1, sizeof(*jump));
	char *uri = NULL;

	/* "localhost" as a jump host is one to be logged in to. */
	if (!strcmp(last, "localhost") || !strcmp(last, "local"))
		last = uri = xasprintf("[%s]", last);
	jump->shared = shared;
	jump->connection = connection_new(shared->transport, last, &handler, jump, err);
	free(uri);
	if (!jump->connection) {
		free(jump);
		return NULL;
	}
	jump->spec = xstrdup(spec);
	if (comma)
		jump->connection->via = xstrndup(spec, (size_t)(comma - spec));
	jump->next = shared->jumps;
	shared->jumps = jump;
	return jump;
}

/* A host that jumps through itself would wait for itself. */
static bool is_loop(const struct ssh *ssh, const char *spec)
{
	unsigned depth = 0;

	for (const struct ssh_jump *j = ssh->shared->jumps; j; j = j->next)
		if (j->connection == ssh->connection && !strcmp(j->spec, spec))
			return true;
	for (const char *s = spec; *s; s++)
		depth += *s == ',';
	return depth > 8;
}

int ssh_jump_begin(struct ssh *ssh, struct error *err)
{
	const char *spec = ssh->settings.proxy_jump;
	struct ssh_jump *jump = find_jump(ssh->shared, spec);

	if (is_loop(ssh, spec))
		return error_set(err, ERROR_USAGE, "its ProxyJump '%s' leads in a circle", spec);
	if (!jump)
		jump = new_jump(ssh->shared, spec, err);
	if (!jump)
		return -1;
	jump->users++;
	ssh->jump = jump;
	connection_open(jump->connection);
	if (connection_is_up(jump->connection))
		ssh_again(ssh);
	return 0;
}

bool ssh_jump_is_up(const struct ssh *ssh)
{
	return connection_is_up(ssh->jump->connection);
}

void ssh_jump_end(struct ssh *ssh)
{
	struct ssh_jump *jump = ssh->jump, **p = &ssh->shared->jumps;

	ssh->jump = NULL;
	if (!jump || --jump->users)
		return;
	while (*p != jump)
		p = &(*p)->next;
	*p = jump->next;
	connection_free(jump->connection);
	free(jump->spec);
	free(jump);
}

void ssh_jumps_free(struct ssh_shared *shared)
{
	if (shared->jumps)
		BUG("a jump host is left");
}

/* ---- the way through ---- */

static void close_forward(struct ssh_forward *forward)
{
	loop_watch_remove(forward->watch);
	forward->watch = NULL;
	child_close(&forward->fd);
	if (!forward->handle)
		return;
	ssh_remove_channel_callbacks(forward->handle, &forward->callbacks);
	ssh_let_go(forward->via, forward->handle, !forward->open && !forward->refused);
	forward->handle = NULL;
}

static void free_forward(struct ssh_forward *forward)
{
	close_forward(forward);
	strbuf_release(&forward->in);
	strbuf_release(&forward->out);
	free(forward->host);
	free(forward);
}

static int on_data(ssh_session session, ssh_channel handle, void *data, uint32_t len, int is_stderr,
		   void *user)
{
	struct ssh_forward *forward = user;

	(void)session;
	(void)handle;
	if (!is_stderr)
		strbuf_add(&forward->in, data, len);
	return (int)len;
}

static void on_end(ssh_session session, ssh_channel handle, void *user)
{
	(void)session;
	(void)handle;
	((struct ssh_forward *)user)->eof = true;
}

static void set_events(struct ssh_forward *forward)
{
	short events = 0;

	if (forward->open && forward->out.len < CARRY)
		events |= POLLIN;
	if (forward->in.len)
		events |= POLLOUT;
	if (forward->watch)
		loop_watch_set(forward->watch, events);
}

/* The inner login has closed its end: what was on the way to it is nobody's. */
static void give_up_socket(struct ssh_forward *forward)
{
	forward->eof = true;
	strbuf_reset(&forward->in);
}

/* From the inner login to the channel. */
static void carry_out(struct ssh_forward *forward)
{
	char buf[CARRY];
	ssize_t n = 0;

	while (forward->fd >= 0 && forward->out.len < CARRY &&
	       (n = recv(forward->fd, buf, sizeof(buf), 0)) != -1) {
		/* Gone: unless it is closed here, its end would be reported at every step. */
		if (!n) {
			give_up_socket(forward);
			break;
		}
		strbuf_add(&forward->out, buf, (size_t)n);
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		give_up_socket(forward);
	while (forward->out.len && forward->handle &&
	       !(ssh_get_poll_flags(forward->via->session) & SSH_WRITE_PENDING)) {
		int sent = ssh_channel_write(forward->handle, forward->out.buf,
					     (uint32_t)forward->out.len);

		if (sent <= 0)
			break;
		strbuf_remove(&forward->out, 0, (size_t)sent);
	}
}

/* From the channel to the inner login. */
static void carry_in(struct ssh_forward *forward)
{
	while (forward->fd >= 0 && forward->in.len) {
		ssize_t n = send(forward->fd, forward->in.buf, forward->in.len, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR)
				give_up_socket(forward);
			break;
		}
		strbuf_remove(&forward->in, 0, (size_t)n);
	}
}

static void step_forward(struct ssh_forward *forward)
{
	int rc = SSH_OK;

	if (!forward->handle)
		return;
	if (!forward->open) {
		rc = ssh_channel_open_forward(forward->handle, forward->host, forward->port,
					      "127.0.0.1", 0);
		forward->open = rc == SSH_OK;
		forward->refused = rc == SSH_ERROR;
	}
	if (forward->open) {
		carry_out(forward);
		carry_in(forward);
	}
	/* The inner login sees its socket end, and says what it was doing. */
	if (rc == SSH_ERROR || (forward->eof && !forward->in.len) ||
	    (forward->open && ssh_channel_is_closed(forward->handle)))
		close_forward(forward);
	else
		set_events(forward);
}

void ssh_step_forwards(struct ssh *ssh)
{
	struct ssh_forward **p = &ssh->forwards;

	while (*p) {
		struct ssh_forward *forward = *p;

		step_forward(forward);
		if (forward->handle) {
			p = &forward->next;
			continue;
		}
		*p = forward->next;
		free_forward(forward);
	}
}

void ssh_forwards_end(struct ssh *ssh)
{
	while (ssh->forwards) {
		struct ssh_forward *forward = ssh->forwards;

		ssh->forwards = forward->next;
		free_forward(forward);
	}
}

static void on_socket(int fd, short revents, void *data)
{
	struct ssh_forward *forward = data;

	(void)fd;
	if ((revents & (POLLHUP | POLLERR)) && !(revents & POLLIN))
		give_up_socket(forward);
	ssh_run(forward->via);
}

static void begin_forward(struct ssh *via, const char *host, int port, int fd)
{
	struct ssh_forward *forward = xcalloc(1, sizeof(*forward));

	forward->via = via;
	forward->host = xstrdup(host);
	forward->port = port;
	forward->fd = fd;
	strbuf_init(&forward->in);
	strbuf_init(&forward->out);
	forward->handle = ssh_channel_new(via->session);
	forward->callbacks = (struct ssh_channel_callbacks_struct){
		.userdata = forward,
		.channel_data_function = on_data,
		.channel_eof_function = on_end,
		.channel_close_function = on_end,
	};
	ssh_callbacks_init(&forward->callbacks);
	ssh_set_channel_callbacks(forward->handle, &forward->callbacks);
	forward->watch = loop_watch_add(via->transport->loop, fd, 0, on_socket, forward);
	forward->next = via->forwards;
	via->forwards = forward;
	ssh_again(via);
}

int ssh_jump_socket(struct ssh *ssh, struct error *err)
{
	struct ssh *via = ssh->jump->connection->ssh;
	int fds[2];

	if (!via || via->state != LOGIN_UP)
		return error_set(err, ERROR_UNREACHABLE,
				 "the connection to its jump host was lost");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
		return error_set_errno(err, ERROR_FAILED, errno, "no socket");
	begin_forward(via, ssh->settings.host, ssh->settings.port, fds[1]);
	return fds[0];
}
