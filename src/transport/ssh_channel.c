/* SPDX-License-Identifier: MIT */
/*
 * Channels of a login: open, pty, exec, bytes both ways, the end. Callbacks of libssh only append
 * and set flags; the user is told afterwards, outside of libssh, and only then can a channel go.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "transport/ssh_internal.h"

#define WRITE_MAX    (128 << 10) /* handed to libssh at once: it would queue without end */
#define BULK	     (256 << 10) /* who has sent more gets a window that does not make it wait */
#define GRACE_MAX_MS 10000	 /* for what follows an exit status, however long it goes on */
#define EOF_GRACE_MS 5000	 /* for an exit status that does not follow the end of file */

enum exec_state {
	EXEC_OPENING, /* the channel */
	EXEC_PTY,     /* asks for a pty */
	EXEC_COMMAND, /* asks for the command to be run */
	EXEC_RUNNING, /* it runs */
	EXEC_OVER,    /* closed, refused or failed: the common part is told next */
};

struct ssh_exec {
	struct channel *channel;
	struct ssh *ssh;
	ssh_channel handle; /* NULL once dropped */
	struct ssh_channel_callbacks_struct callbacks;
	enum exec_state state;
	struct strbuf out[2];
	size_t received;
	bool closed, eof, eof_sent, refused;
	bool held, resumed; /* a pause left data in libssh; it is over */
	bool exited;
	int64_t exited_ms, heard_ms; /* when the status came; when the last output came */
	char reason[256];
};

/* This computer's number for a signal that the machine names. */
static int signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},	     {"HUP", SIGHUP},
		{"ILL", SIGILL},   {"INT", SIGINT},   {"KILL", SIGKILL},     {"PIPE", SIGPIPE},
		{"QUIT", SIGQUIT}, {"SEGV", SIGSEGV}, {"TERM", SIGTERM},     {"USR1", SIGUSR1},
		{"USR2", SIGUSR2}, {"BUS", SIGBUS},   {"TRAP", SIGTRAP},     {"SYS", SIGSYS},
		{"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM},
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(known); i++)
		if (!strncmp(name, known[i].name, strlen(known[i].name)))
			return known[i].number;
	return SIGKILL; /* a signal that has no name there; that it was one is what counts */
}

static int on_data(ssh_session session, ssh_channel handle, void *data, uint32_t len, int is_stderr,
		   void *user)
{
	struct ssh_exec *exec = user;

	(void)session;
	(void)handle;
	/* What is not taken stays in libssh, and keeps the window shut. */
	if (exec->channel->paused) {
		exec->held = true;
		return 0;
	}
	strbuf_add(&exec->out[is_stderr ? 1 : 0], data, len);
	exec->received += len;
	exec->heard_ms = loop_now_ms();
	return (int)len;
}

static void on_eof(ssh_session session, ssh_channel handle, void *user)
{
	struct ssh_exec *exec = user;

	(void)session;
	(void)handle;
	exec->eof = true;
	exec->heard_ms = loop_now_ms();
}

static void on_close(ssh_session session, ssh_channel handle, void *user)
{
	(void)session;
	(void)handle;
	((struct ssh_exec *)user)->closed = true;
}

static void set_exited(struct ssh_exec *exec, int status, int signal)
{
	exec->exited = true;
	exec->exited_ms = exec->heard_ms = loop_now_ms();
	exec->channel->result.exit_status = status;
	exec->channel->result.signal = signal;
}

static void on_exit_status(ssh_session session, ssh_channel handle, int status, void *user)
{
	(void)session;
	(void)handle;
	set_exited(user, status & 255, 0);
}

static void on_exit_signal(ssh_session session, ssh_channel handle, const char *name, int core,
			   const char *message, const char *lang, void *user)
{
	(void)session;
	(void)handle;
	(void)core;
	(void)message;
	(void)lang;
	set_exited(user, -1, signal_number(name));
}

static void set_callbacks(struct ssh_exec *exec)
{
	exec->callbacks = (struct ssh_channel_callbacks_struct){
		.userdata = exec,
		.channel_data_function = on_data,
		.channel_eof_function = on_eof,
		.channel_close_function = on_close,
		.channel_exit_status_function = on_exit_status,
		.channel_exit_signal_function = on_exit_signal,
	};
	ssh_callbacks_init(&exec->callbacks);
	ssh_set_channel_callbacks(exec->handle, &exec->callbacks);
}

static int request_pty(struct ssh_exec *exec)
{
	const struct channel_options *o = &exec->channel->options;

	return ssh_channel_request_pty_size(exec->handle, exec->channel->pty_term,
					    o->columns > 0 ? o->columns : 80,
					    o->rows > 0 ? o->rows : 24);
}

static void over(struct ssh_exec *exec)
{
	exec->state = EXEC_OVER;
	ssh_reason(exec->ssh, exec->reason, sizeof(exec->reason));
}

/* Opening is done step by step, each a round trip. */
static void step_open(struct ssh_exec *exec)
{
	int rc = SSH_OK;

	while (rc == SSH_OK && exec->state < EXEC_RUNNING) {
		if (exec->state == EXEC_OPENING)
			rc = ssh_channel_open_session(exec->handle);
		else if (exec->state == EXEC_PTY)
			rc = exec->channel->pty_term ? request_pty(exec) : SSH_OK;
		else
			rc = ssh_channel_request_exec(exec->handle, exec->channel->command);
		if (rc == SSH_OK)
			exec->state++;
	}
	if (rc != SSH_ERROR)
		return;
	exec->refused = exec->state == EXEC_OPENING;
	over(exec);
}

static void send_eof(struct ssh_exec *exec)
{
	if (exec->eof_sent || !exec->channel->input_ended)
		return;
	exec->eof_sent = true;
	/* With a pty the end of file would mean nothing, and sshd does not pass it on. */
	ssh_channel_send_eof(exec->handle);
}

static void step_write(struct ssh_exec *exec)
{
	struct channel *channel = exec->channel;
	size_t len;
	const char *input = channel_input(channel, &len);

	while (len && !exec->closed &&
	       !(ssh_get_poll_flags(exec->ssh->session) & SSH_WRITE_PENDING)) {
		int n = ssh_channel_write(exec->handle, input,
					  (uint32_t)(len < WRITE_MAX ? len : WRITE_MAX));

		if (n <= 0)
			break;
		channel_input_taken(channel, (size_t)n);
		input = channel_input(channel, &len);
	}
	if (!len)
		send_eof(exec);
}

/* libssh keeps its window at 1 MB unless somebody asks to read more: 16 MB keep a long wire full. */
static void widen_window(struct ssh_exec *exec)
{
	struct ssh_shared *shared = exec->ssh->shared;
	int n;

	if (!shared->scratch)
		shared->scratch = xmalloc(SSH_SCRATCH);
	n = ssh_channel_read_timeout(exec->handle, shared->scratch, SSH_SCRATCH, 0, 0);
	if (n > 0)
		strbuf_add(&exec->out[0], shared->scratch, (size_t)n);
}

/* What a pause left in libssh; its callback is not called again for that. */
static void read_rest(struct ssh_exec *exec)
{
	char buf[16384];
	int n;

	exec->held = exec->resumed = false;
	for (int stream = 0; stream < 2; stream++)
		while ((n = ssh_channel_read_nonblocking(exec->handle, buf, sizeof(buf), stream)) >
		       0)
			strbuf_add(&exec->out[stream], buf, (size_t)n);
}

static void step_exec(struct ssh_exec *exec)
{
	if (exec->state < EXEC_RUNNING)
		step_open(exec);
	if (exec->state != EXEC_RUNNING)
		return;
	if (exec->resumed)
		read_rest(exec);
	else if (exec->received > BULK && !exec->eof && !exec->channel->paused)
		widen_window(exec);
	step_write(exec);
}

static struct ssh_exec *exec_of(const struct channel *channel)
{
	return channel_is_live(channel) ? channel->backend : NULL;
}

void ssh_step_channels(struct ssh *ssh)
{
	for (struct channel *c = ssh->connection->channels; c; c = c->next)
		if (exec_of(c) && exec_of(c)->handle)
			step_exec(c->backend);
}

/* When its end is to be assumed, whatever else may come; 0: not in sight. */
static int64_t end_due(const struct ssh_exec *exec)
{
	int64_t due;

	if (exec->state != EXEC_RUNNING || exec->channel->paused)
		return 0;
	if (!exec->exited)
		return exec->eof ? exec->heard_ms + EOF_GRACE_MS : 0;
	due = exec->heard_ms + CHANNEL_GRACE_MS;
	return due < exec->exited_ms + GRACE_MAX_MS ? due : exec->exited_ms + GRACE_MAX_MS;
}

int64_t ssh_channels_due_ms(const struct ssh *ssh)
{
	int64_t soonest = 0;

	for (struct channel *c = ssh->connection->channels; c; c = c->next) {
		int64_t due = exec_of(c) ? end_due(exec_of(c)) : 0;

		if (due && (!soonest || due < soonest))
			soonest = due;
	}
	return soonest;
}

static void tell_output(struct channel *channel, struct ssh_exec *exec)
{
	for (int stream = 0; stream < 2; stream++) {
		struct strbuf data = exec->out[stream];

		if (!data.len || !channel_is_live(channel) || channel->paused)
			continue;
		strbuf_init(&exec->out[stream]);
		channel_output(channel, stream + 1, data.buf, data.len);
		strbuf_release(&data);
	}
}

static void fail_exec(struct channel *channel, const char *what, const char *reason)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_UNREACHABLE, "'%s': %s: %s", channel->connection->machine, what,
		  reason);
	channel_fail(channel, &err);
}

/* A channel that was closed with neither status nor signal: its end is not known. */
static void tell_end(struct channel *channel, struct ssh_exec *exec)
{
	int64_t due = end_due(exec);

	if (!ssh_is_connected(exec->ssh->session)) {
		/* Those whose end is not known are told that the wire is dead. */
		if (exec->exited)
			channel_end(channel);
		return;
	}
	if (exec->refused)
		channel_refused(channel, exec->reason);
	else if (exec->state == EXEC_OVER)
		fail_exec(channel, "the command was refused", exec->reason);
	else if (exec->exited && (exec->closed || (due && loop_now_ms() >= due)))
		channel_end(channel);
	else if (exec->closed || (due && loop_now_ms() >= due))
		fail_exec(channel, "the command ended without a status",
			  exec->closed ? "the channel was closed" : "end of file");
}

static void tell_channel(struct channel *channel)
{
	struct ssh_exec *exec = exec_of(channel);

	if (!exec)
		return;
	if (exec->state == EXEC_RUNNING)
		channel_opened(channel);
	tell_output(channel, exec);
	/* Callbacks may have ended it; what is paused has more to tell before its end. */
	if (channel_is_live(channel) && !channel->paused && !exec->resumed)
		tell_end(channel, exec);
}

void ssh_tell_channels(struct ssh *ssh)
{
	for (struct channel *c = ssh->connection->channels; c && ssh->state == LOGIN_UP;
	     c = c->next)
		tell_channel(c);
}

void ssh_channel_exec(struct channel *channel)
{
	struct ssh *ssh = channel->connection->ssh;
	struct ssh_exec *exec = xcalloc(1, sizeof(*exec));

	exec->channel = channel;
	exec->ssh = ssh;
	strbuf_init(&exec->out[0]);
	strbuf_init(&exec->out[1]);
	channel->backend = exec;
	exec->handle = ssh_channel_new(ssh->session);
	if (!exec->handle) {
		over(exec);
		ssh_again(ssh);
		return;
	}
	set_callbacks(exec);
	ssh_guard(ssh);
	step_exec(exec);
	ssh_unguard(ssh);
	ssh_quick_ack(ssh);
	if (exec->state == EXEC_OVER)
		ssh_again(ssh);
	ssh_touch(ssh);
}

void ssh_channel_feed(struct channel *channel)
{
	struct ssh_exec *exec = exec_of(channel);

	if (!exec || !exec->handle || exec->ssh->state != LOGIN_UP)
		return;
	/* From within a callback too: only the input goes out at once, the rest waits for the loop. */
	ssh_guard(exec->ssh);
	if (exec->state == EXEC_RUNNING)
		step_write(exec);
	ssh_unguard(exec->ssh);
	if (!channel->paused) {
		exec->resumed = exec->held;
		ssh_again(exec->ssh);
	}
	ssh_touch(exec->ssh);
}

void ssh_channel_resize(struct channel *channel)
{
	struct ssh_exec *exec = exec_of(channel);

	if (!exec || exec->state != EXEC_RUNNING || !exec->handle || !channel->pty_term)
		return;
	ssh_guard(exec->ssh);
	ssh_channel_change_pty_size(exec->handle, channel->options.columns, channel->options.rows);
	ssh_unguard(exec->ssh);
	ssh_touch(exec->ssh);
}

void ssh_channel_drop(struct channel *channel)
{
	struct ssh_exec *exec = channel->backend;
	struct ssh *ssh = exec->ssh;

	if (!exec->handle)
		return;
	ssh_remove_channel_callbacks(exec->handle, &exec->callbacks);
	ssh_let_go(ssh, exec->handle, exec->state == EXEC_OPENING);
	exec->handle = NULL;
	if (ssh->state == LOGIN_UP)
		ssh_touch(ssh);
}

void ssh_channel_release(struct channel *channel)
{
	struct ssh_exec *exec = channel->backend;

	strbuf_release(&exec->out[0]);
	strbuf_release(&exec->out[1]);
	free(exec);
	channel->backend = NULL;
}
