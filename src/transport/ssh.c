/* SPDX-License-Identifier: MIT */
/*
 * The SSH backend: the states of a login, what is due when, and how it ends. Each state's work is
 * done in the file that knows it; here stand the rules that hold in all of them: nothing blocks,
 * everything has a deadline, nothing is freed that still runs.
 */
#include "base/base.h"
#include "transport/ssh_internal.h"

#define CONNECT_TIMEOUT_MS 10000

static const char *state_name(enum login_state state)
{
	static const char *const names[] = {
		[LOGIN_NEW] = "new",	     [LOGIN_SETTINGS] = "settings",
		[LOGIN_JUMPING] = "jumping", [LOGIN_RESOLVING] = "resolving",
		[LOGIN_WAITING] = "waiting", [LOGIN_CONNECTING] = "connecting",
		[LOGIN_KEX] = "kex",	     [LOGIN_AUTH] = "auth",
		[LOGIN_UP] = "up",	     [LOGIN_FAILED] = "failed",
		[LOGIN_CLOSED] = "closed",
	};

	return names[state];
}

static bool is_login(enum login_state state)
{
	return state == LOGIN_CONNECTING || state == LOGIN_KEX || state == LOGIN_AUTH;
}

/* A login that ends, one way or the other, makes room for one that waits at the same address. */
static void wake_waiting(struct transport *transport)
{
	for (struct connection *c = transport->connections; c; c = c->next)
		if (c->ssh && c->ssh->state == LOGIN_WAITING)
			ssh_again(c->ssh);
}

void ssh_set_state(struct ssh *ssh, enum login_state state)
{
	enum login_state before = ssh->state;

	log_debug("ssh '%s': [%s] -> [%s]", ssh->connection->machine, state_name(before),
		  state_name(state));
	ssh->state = state;
	ssh->due_ms = 0;
	if (is_login(before) && !is_login(state))
		wake_waiting(ssh->transport);
}

void ssh_harmless(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text[n] && n + 1 < size; n++) {
		unsigned char c = (unsigned char)text[n];

		/* C1 controls too: 0x9b is CSI to some terminals, and never a character alone. */
		out[n] = c < 32 || c == 127 || (c >= 0x80 && c < 0xa0) ? '?' : text[n];
	}
	while (n && out[n - 1] == '?' && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	out[n] = '\0';
}

const char *ssh_reason(struct ssh *ssh, char *buf, size_t size)
{
	const char *text = ssh->session ? ssh_get_error(ssh->session) : "";

	ssh_harmless(buf, size, text && *text ? text : "connection lost");
	return buf;
}

static void fail_va(struct ssh *ssh, enum error_code code, const char *fmt, va_list ap)
{
	if (ssh->state >= LOGIN_FAILED)
		return;
	ssh->err.code = code;
	vsnprintf(ssh->err.text, sizeof(ssh->err.text), fmt, ap);
	ssh_set_state(ssh, LOGIN_FAILED);
	ssh_again(ssh);
}

void ssh_fail_with(struct ssh *ssh, enum error_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_va(ssh, code, fmt, ap);
	va_end(ap);
}

void ssh_fail(struct ssh *ssh, const char *fmt, ...)
{
	struct error err = ERROR_INIT;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.text, sizeof(err.text), fmt, ap);
	va_end(ap);
	ssh_fail_with(ssh, ERROR_UNREACHABLE, "cannot log in to '%s': %s", ssh->connection->machine,
		      err.text);
}

void ssh_guard(struct ssh *ssh)
{
	if (!ssh->guard_depth++)
		sigpipe_block(&ssh->guard);
}

void ssh_unguard(struct ssh *ssh)
{
	if (!--ssh->guard_depth)
		sigpipe_restore(&ssh->guard);
}

int64_t ssh_login_timeout_ms(const struct ssh *ssh)
{
	if (ssh->transport->options.connect_timeout_ms > 0)
		return ssh->transport->options.connect_timeout_ms;
	if (ssh->settings.connect_timeout > 0)
		return (int64_t)ssh->settings.connect_timeout * 1000;
	return CONNECT_TIMEOUT_MS;
}

void ssh_postpone(struct ssh *ssh, int64_t ms)
{
	if (ssh->deadline_ms)
		ssh->deadline_ms += ms;
	if (ssh->due_ms)
		ssh->due_ms += ms;
	ssh->heard_ms += ms;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static void set_timer(struct ssh *ssh)
{
	int64_t due = sooner(ssh->deadline_ms, ssh->due_ms), wait;

	if (ssh->state == LOGIN_UP)
		due = sooner(sooner(due, ssh_channels_due_ms(ssh)), ssh_alive_due_ms(ssh));
	wait = due - loop_now_ms();
	loop_timer_set(ssh->timer, !due ? -1 : wait > 0 ? wait : 0);
}

void ssh_touch(struct ssh *ssh)
{
	int flags;
	short events = 0;

	if (ssh->session && ssh->watch && ssh->state != LOGIN_CONNECTING) {
		flags = ssh_get_poll_flags(ssh->session);
		events = (short)((flags & SSH_READ_PENDING ? POLLIN : 0) |
				 (flags & SSH_WRITE_PENDING ? POLLOUT : 0));
		/* Reading never stops: a channel that is paused keeps its own window shut. */
		loop_watch_set(ssh->watch, events | POLLIN);
	}
	if (ssh->state < LOGIN_FAILED)
		set_timer(ssh);
}

void ssh_again(struct ssh *ssh)
{
	loop_timer_set(ssh->again, 0);
}

static void check_deadline(struct ssh *ssh)
{
	double seconds = (double)ssh_login_timeout_ms(ssh) / 1000;
	const char *machine = ssh->connection->machine;

	if (!ssh->deadline_ms || loop_now_ms() < ssh->deadline_ms || ssh->state >= LOGIN_UP)
		return;
	if (ssh->state == LOGIN_RESOLVING)
		ssh_fail_with(ssh, ERROR_UNREACHABLE,
			      "cannot connect to '%s': the name '%s' was not found within %g s",
			      machine, ssh->settings.host, seconds);
	else if (ssh->state == LOGIN_KEX)
		ssh_fail_with(ssh, ERROR_UNREACHABLE,
			      "cannot connect to '%s': no answer within %g s (the machine accepts "
			      "connections but says nothing)",
			      machine, seconds);
	else if (ssh->state == LOGIN_AUTH)
		ssh_fail(ssh, "the login was not over within %g s", seconds);
	else
		ssh_fail_with(ssh, ERROR_UNREACHABLE,
			      "cannot connect to '%s': no answer from %s within %g s", machine,
			      ssh->where[0] ? ssh->where : ssh->settings.host, seconds);
}

static void step_up(struct ssh *ssh)
{
	char reason[256];
	bool dead;

	ssh_guard(ssh);
	dead = ssh_pump(ssh) != 0;
	if (!dead) {
		ssh_step_orphans(ssh); /* their slots are wanted */
		ssh_step_channels(ssh);
		ssh_step_forwards(ssh);
		ssh_step_alive(ssh);
	}
	ssh_unguard(ssh);
	/* What came before the end is told before the end. */
	ssh_tell_channels(ssh);
	if (ssh->state == LOGIN_UP && (dead || !ssh_is_connected(ssh->session)))
		ssh_fail_with(ssh, ERROR_UNREACHABLE, "connection to '%s' lost: %s",
			      ssh->connection->machine, ssh_reason(ssh, reason, sizeof(reason)));
}

static void step_nothing(struct ssh *ssh)
{
	(void)ssh;
}

static void step(struct ssh *ssh)
{
	static void (*const steps[])(struct ssh *) = {
		[LOGIN_NEW] = ssh_step_new,
		[LOGIN_SETTINGS] = ssh_step_settings,
		[LOGIN_JUMPING] = ssh_step_jumping,
		[LOGIN_RESOLVING] = ssh_step_resolving,
		[LOGIN_WAITING] = ssh_step_waiting,
		[LOGIN_CONNECTING] = ssh_step_connecting,
		[LOGIN_KEX] = ssh_step_kex,
		[LOGIN_AUTH] = ssh_step_auth,
		[LOGIN_UP] = step_up,
		[LOGIN_FAILED] = step_nothing,
		[LOGIN_CLOSED] = step_nothing,
	};
	enum login_state before;

	do {
		before = ssh->state;
		steps[before](ssh);
	} while (ssh->state != before);
}

static void destroy(struct ssh *ssh)
{
	ssh_connect_end(ssh);
	ssh_forwards_end(ssh);
	ssh_orphans_end(ssh);
	ssh_session_end(ssh);
	ssh_jump_end(ssh);
	loop_timer_remove(ssh->timer);
	loop_timer_remove(ssh->again);
	ssh_settings_release(&ssh->settings);
	free(ssh);
}

/* Channels are told off, and let go of the session, before it goes. */
static void go_down(struct ssh *ssh)
{
	struct connection *connection = ssh->connection;
	struct error err = ssh->err;

	connection_went_down(connection, &err);
	connection->ssh = NULL;
	destroy(ssh);
}

void ssh_run(struct ssh *ssh)
{
	struct connection *connection = ssh->connection;

	connection_enter(connection);
	ssh->running = true;
	check_deadline(ssh);
	step(ssh);
	ssh->running = false;
	if (ssh->state == LOGIN_CLOSED)
		destroy(ssh);
	else if (ssh->state == LOGIN_FAILED)
		go_down(ssh);
	else
		ssh_touch(ssh);
	connection_leave(connection);
}

static void on_timer(void *data)
{
	ssh_run(data);
}

static struct ssh_shared *shared_of(struct transport *transport)
{
	struct ssh_shared *shared = transport->ssh;

	if (shared)
		return shared;
	shared = transport->ssh = xcalloc(1, sizeof(*shared));
	shared->transport = transport;
	ssh_config_init(&shared->config, transport->ssh_config);
	shared->known_hosts = ssh_known_hosts_new();
	ssh_init();
	return shared;
}

static void ssh_open(struct connection *connection)
{
	struct ssh *ssh = xcalloc(1, sizeof(*ssh));

	ssh->connection = connection;
	ssh->transport = connection->transport;
	ssh->shared = shared_of(connection->transport);
	ssh->fd = -1;
	ssh->proxy = (struct child)CHILD_INIT;
	ssh->timer = loop_timer_add(ssh->transport->loop, -1, on_timer, ssh);
	ssh->again = loop_timer_add(ssh->transport->loop, 0, on_timer, ssh);
	connection->ssh = ssh;
}

static void ssh_close(struct connection *connection)
{
	struct ssh *ssh = connection->ssh;

	if (!ssh)
		return;
	connection->ssh = NULL;
	ssh_set_state(ssh, LOGIN_CLOSED);
	if (!ssh->running)
		destroy(ssh);
}

void ssh_shared_free(struct ssh_shared *shared)
{
	if (!shared)
		return;
	ssh_jumps_free(shared);
	ssh_config_release(&shared->config);
	strmap_release(&shared->keys, ssh_keyfile_free);
	strmap_release(&shared->agents, ssh_agent_free);
	ssh_known_hosts_free(shared->known_hosts);
	free(shared->scratch);
	free(shared);
}

const struct backend ssh_backend = {
	.open = ssh_open,
	.close = ssh_close,
	.exec = ssh_channel_exec,
	.feed = ssh_channel_feed,
	.resize = ssh_channel_resize,
	.drop = ssh_channel_drop,
	.free = ssh_channel_release,
};
