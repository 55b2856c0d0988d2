/* SPDX-License-Identifier: MIT */
/*
 * This computer as a machine: each channel is a child that runs `/bin/sh -c COMMAND`. It behaves as
 * sshd would: input ends with the pipe, a channel that is dropped leaves its command running, and a
 * background child that holds the output does not keep the channel open for more than a moment.
 */
#include "base/base.h"
#include "transport/child.h"
#include "transport/internal.h"
#include "transport/sigpipe.h"

#define LOOK_FIRST_MS 2 /* whether it has exited; twice as long each time */
#define LOOK_LAST_MS  100
#define READ_SIZE     65536
#define PIPE_READS    16 /* a pipe holds a megabyte at most */

struct local {
	struct channel *channel; /* NULL once dropped */
	struct child child;
	struct loop_watch *in, *out, *err;
	struct loop_timer *look;
	int64_t look_ms;
	int64_t grace_until_ms; /* 0 while it runs */
};

static void local_open(struct connection *connection)
{
	connection_came_up(connection);
}

static void local_close(struct connection *connection)
{
	(void)connection;
}

static void close_stream(struct loop_watch **watch, int *fd)
{
	loop_watch_remove(*watch);
	*watch = NULL;
	child_close(fd);
}

static void set_result(struct channel_result *result, int status)
{
	result->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* The reader is gone: what is left of the input is nobody's. */
static void stop_input(struct local *local)
{
	size_t len;

	channel_input(local->channel, &len);
	channel_input_taken(local->channel, len);
	loop_watch_remove(local->in);
	local->in = NULL;
	child_close(&local->child.in);
}

/* Reads once. Returns whether more may be there at once. */
static bool read_stream(struct local *local, int stream)
{
	int *fd = stream == 1 ? &local->child.out : &local->child.err;
	char buf[READ_SIZE];
	ssize_t n;

	if (*fd < 0 || !local->channel)
		return false;
	n = read(*fd, buf, sizeof(buf));
	if (n > 0) {
		channel_output(local->channel, stream, buf, (size_t)n);
		return true;
	}
	/* A pty whose last slave is closed says EIO; that is its end of file. */
	if (!n || (errno != EAGAIN && errno != EINTR)) {
		if (local->channel->pty_term) /* input goes to the same descriptor */
			stop_input(local);
		close_stream(stream == 1 ? &local->out : &local->err, fd);
		local->look_ms = LOOK_FIRST_MS / 2;
	}
	return false;
}

static bool at_end(const struct local *local)
{
	return local->child.out < 0 && local->child.err < 0;
}

/* Ends the channel if its command has ended and its output too, or the grace time is over. */
static void look(struct local *local)
{
	struct channel *channel = local->channel;
	int64_t now = loop_now_ms();

	if (!channel)
		return;
	if (!child_reap(&local->child)) {
		loop_timer_set(local->look, local->look_ms);
		if ((local->look_ms *= 2) > LOOK_LAST_MS)
			local->look_ms = LOOK_LAST_MS;
		return;
	}
	if (!local->grace_until_ms)
		local->grace_until_ms = now + CHANNEL_GRACE_MS;
	if (!at_end(local) && (channel->paused || now < local->grace_until_ms)) {
		loop_timer_set(local->look, CHANNEL_GRACE_MS / 4);
		return;
	}
	/* What the pipes hold, but not what somebody goes on putting in. */
	for (int i = 0; i < PIPE_READS; i++) {
		bool more = read_stream(local, 1);

		if (!read_stream(local, 2) && !more)
			break;
	}
	if (!local->channel)
		return;
	set_result(&channel->result, local->child.status);
	channel_end(channel);
}

static void on_look(void *data)
{
	struct local *local = data;
	struct connection *connection = local->channel->connection;

	connection_enter(connection);
	look(local);
	connection_leave(connection);
}

static void on_readable(int fd, short revents, void *data)
{
	struct local *local = data;
	struct connection *connection = local->channel->connection;

	(void)revents;
	connection_enter(connection);
	read_stream(local, fd == local->child.out ? 1 : 2);
	if (local->channel && at_end(local))
		look(local);
	connection_leave(connection);
}

static int *input_fd(struct local *local)
{
	return local->channel->options.pty_term ? &local->child.out : &local->child.in;
}

static void write_input(struct local *local);

static void on_writable(int fd, short revents, void *data)
{
	(void)fd;
	(void)revents;
	write_input(data);
}

static void write_input(struct local *local)
{
	struct channel *channel = local->channel;
	int fd = *input_fd(local);
	struct sigpipe guard;
	size_t len;
	const char *input = channel_input(channel, &len);

	while (fd >= 0 && len) {
		ssize_t n;

		sigpipe_block(&guard);
		n = write(fd, input, len);
		sigpipe_restore(&guard);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			stop_input(local);
			return;
		}
		if (n < 0)
			break;
		channel_input_taken(channel, (size_t)n);
		input = channel_input(channel, &len);
	}
	if (!len && channel->input_ended) {
		stop_input(local);
	} else if (fd >= 0 && !local->in && len) {
		local->in = loop_watch_add(channel->connection->transport->loop, fd, POLLOUT,
					   on_writable, local);
	} else if (!len) {
		loop_watch_remove(local->in);
		local->in = NULL;
	}
}

/* A paused stream has no watch: its hang-up would be reported at every step. */
static void watch_output(struct local *local)
{
	struct loop *loop = local->channel->connection->transport->loop;
	bool want = !local->channel->paused;
	struct loop_watch **watch[] = {&local->out, &local->err};
	int fd[] = {local->child.out, local->child.err};

	for (size_t i = 0; i < 2; i++) {
		if (want && !*watch[i] && fd[i] >= 0) {
			*watch[i] = loop_watch_add(loop, fd[i], POLLIN, on_readable, local);
		} else if (!want) {
			loop_watch_remove(*watch[i]);
			*watch[i] = NULL;
		}
	}
}

static void local_feed(struct channel *channel)
{
	struct local *local = channel->backend;

	if (!local)
		return;
	write_input(local);
	watch_output(local);
}

static void local_exec(struct channel *channel)
{
	const char *argv[] = {"/bin/sh", "-c", channel->command, NULL};
	struct child_options options = {
		.argv = argv,
		.pty_term = channel->pty_term,
		.rows = channel->options.rows,
		.columns = channel->options.columns,
	};
	struct local *local = xcalloc(1, sizeof(*local));
	struct error err = ERROR_INIT;

	local->channel = channel;
	channel->backend = local;
	if (child_spawn(&local->child, &options, &err)) {
		channel_fail(channel, &err);
		return;
	}
	local->look_ms = LOOK_FIRST_MS;
	local->look =
		loop_timer_add(channel->connection->transport->loop, LOOK_FIRST_MS, on_look, local);
	channel_opened(channel);
	local_feed(channel);
}

static void local_resize(struct channel *channel)
{
	struct local *local = channel->backend;

	if (local && channel->pty_term)
		child_resize(&local->child, channel->options.rows, channel->options.columns);
}

static void local_drop(struct channel *channel)
{
	struct local *local = channel->backend;

	local->channel = NULL;
	loop_timer_remove(local->look);
	loop_watch_remove(local->in);
	loop_watch_remove(local->out);
	loop_watch_remove(local->err);
	local->look = NULL;
	local->in = local->out = local->err = NULL;
	child_abandon(channel->connection->transport, &local->child);
}

static void local_free(struct channel *channel)
{
	free(channel->backend);
	channel->backend = NULL;
}

const struct backend local_backend = {
	.open = local_open,
	.close = local_close,
	.exec = local_exec,
	.feed = local_feed,
	.resize = local_resize,
	.drop = local_drop,
	.free = local_free,
};
