/* SPDX-License-Identifier: MIT */
/*
 * From a machine's name to a connected socket: settings, the jump host, name look-up, the gate that
 * lets only so many log in at one address at once, TCP. All addresses of a name are tried.
 */
#include "base/base.h"
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "transport/ssh_internal.h"

#define LOGINS_PER_ADDRESS 10 /* OpenSSH's MaxStartups begins to drop above that */
#define TRIES_MAX	   8
#define PAUSE_MS	   80 /* before another try, times the number of tries, and as much again by chance */
#define DEAD_PEER_S	   15 /* unacknowledged for so long: the wire is dead */

static void cannot_connect(struct ssh *ssh, const char *reason)
{
	ssh_fail_with(ssh, ERROR_UNREACHABLE, "cannot connect to '%s': %s",
		      ssh->connection->machine, reason);
}

static void on_resolved(struct ssh_address *address, size_t nr, const char *reason, void *data)
{
	struct ssh *ssh = data;
	char text[400];

	ssh->resolver = NULL;
	ssh->address = address;
	ssh->nr_addresses = nr;
	if (!nr) {
		snprintf(text, sizeof(text), "'%.300s': %s", ssh->settings.host,
			 reason ? reason : "no such host");
		cannot_connect(ssh, strcmp(ssh->settings.host, ssh->connection->machine) != 0
					    ? text
					    : reason);
	}
	ssh_run(ssh);
}

/* The settings are known: which way it goes. */
static void take_route(struct ssh *ssh)
{
	struct error err = ERROR_INIT;

	ssh->deadline_ms = 0;
	if (ssh->settings.proxy_jump) {
		if (ssh_jump_begin(ssh, &err))
			cannot_connect(ssh, err.text);
		else
			ssh_set_state(ssh, LOGIN_JUMPING);
		return;
	}
	if (ssh->settings.proxy_command) {
		ssh_set_state(ssh, LOGIN_WAITING);
		return;
	}
	ssh_set_state(ssh, LOGIN_RESOLVING);
	ssh->deadline_ms = loop_now_ms() + ssh_login_timeout_ms(ssh);
	ssh->resolver = ssh_resolve(ssh->transport->loop, ssh->settings.host, ssh->settings.port,
				    ssh->settings.family, on_resolved, ssh);
}

void ssh_step_new(struct ssh *ssh)
{
	const struct machine_name *name = &ssh->connection->name;
	struct error err = ERROR_INIT;

	if (ssh_settings_read(&ssh->settings, &ssh->shared->config, name->host, name->user,
			      name->port, &err) ||
	    (ssh->settings.needs_ssh && ssh_ask_ssh(ssh, &err))) {
		ssh_fail_with(ssh, ERROR_USAGE, "%s", err.text);
		return;
	}
	if (ssh->connection->via) {
		free(ssh->settings.proxy_jump);
		ssh->settings.proxy_jump = xstrdup(ssh->connection->via);
	}
	if (ssh->asking)
		ssh_set_state(ssh, LOGIN_SETTINGS);
	else
		take_route(ssh);
}

void ssh_step_settings(struct ssh *ssh)
{
	if (!ssh->asking)
		take_route(ssh);
}

void ssh_step_jumping(struct ssh *ssh)
{
	if (ssh_jump_is_up(ssh))
		ssh_set_state(ssh, LOGIN_WAITING);
}

void ssh_step_resolving(struct ssh *ssh)
{
	if (ssh->resolver)
		return;
	ssh->deadline_ms = 0;
	ssh->next_address = 0;
	ssh_set_state(ssh, LOGIN_WAITING);
}

static void describe_address(struct ssh *ssh)
{
	const struct ssh_address *a = &ssh->address[ssh->next_address];
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(a->addr, a->len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(ssh->where, sizeof(ssh->where), "%s", ssh->settings.host);
	else
		snprintf(ssh->where, sizeof(ssh->where), "%.100s port %.10s", host, port);
}

static bool gate_is_open(const struct ssh *ssh)
{
	unsigned others = 0;

	for (struct connection *c = ssh->transport->connections; c; c = c->next)
		others += c->ssh && c->ssh != ssh && c->ssh->state >= LOGIN_CONNECTING &&
			  c->ssh->state <= LOGIN_AUTH && !strcmp(c->ssh->where, ssh->where);
	return others < LOGINS_PER_ADDRESS;
}

static void on_socket(int fd, short revents, void *data)
{
	struct ssh *ssh = data;

	(void)fd;
	if (revents & POLLIN)
		ssh_heard(ssh);
	/* sshd's next small packet waits for it: 40 ms each, were it left to the kernel. */
	ssh_quick_ack(ssh);
	ssh_run(ssh);
}

void ssh_quick_ack(const struct ssh *ssh)
{
#ifdef TCP_QUICKACK
	int on = 1;

	setsockopt(ssh->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
#else
	(void)ssh;
#endif
}

static void set_number(int fd, int level, int name, int value)
{
	setsockopt(fd, level, name, &value, sizeof(value));
}

/* A peer that is gone is noticed within seconds, without a byte of ours on the wire at rest. */
static void tune_socket(struct ssh *ssh)
{
	int fd = ssh->fd;

	set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (ssh->settings.tcp_keepalive == 0)
		return;
	set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
	set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, 4);
	set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, 2);
	set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
#endif
#ifdef TCP_USER_TIMEOUT
	set_number(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_PEER_S * 1000);
#endif
}

static int bind_socket(struct ssh *ssh, int family)
{
	struct addrinfo hints = {.ai_family = family,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
	struct addrinfo *found = NULL;
	int rc;

	if (!ssh->settings.bind_address || !strcmp(ssh->settings.bind_address, "*"))
		return 0;
	/* Numeric only: a name would block. */
	if (getaddrinfo(ssh->settings.bind_address, NULL, &hints, &found)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	rc = bind(ssh->fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return rc;
}

static void drop_socket(struct ssh *ssh)
{
	loop_watch_remove(ssh->watch);
	ssh->watch = NULL;
	child_close(&ssh->fd);
}

static void connect_failed(struct ssh *ssh, int errnum)
{
	char text[256];

	drop_socket(ssh);
	if (++ssh->next_address < ssh->nr_addresses) {
		ssh_set_state(ssh, LOGIN_WAITING);
		return;
	}
	if (errnum == ECONNREFUSED)
		snprintf(text, sizeof(text), "connection refused by %s", ssh->where);
	else if (errnum == ETIMEDOUT)
		snprintf(text, sizeof(text), "no answer from %s", ssh->where);
	else
		snprintf(text, sizeof(text), "%s: %s", ssh->where, strerror(errnum));
	cannot_connect(ssh, text);
}

/* Of the time that is left, the addresses that are left get equal shares. */
static int64_t share_of_time(const struct ssh *ssh)
{
	int64_t left = ssh->deadline_ms - loop_now_ms();

	return left / (int64_t)(ssh->nr_addresses - ssh->next_address);
}

static void connect_address(struct ssh *ssh)
{
	const struct ssh_address *a = &ssh->address[ssh->next_address];

	ssh->fd = socket(a->addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ssh->fd < 0 || bind_socket(ssh, a->addr->sa_family)) {
		connect_failed(ssh, errno);
		return;
	}
	tune_socket(ssh);
	if (connect(ssh->fd, a->addr, a->len) && errno != EINPROGRESS) {
		connect_failed(ssh, errno);
		return;
	}
	ssh->watch = loop_watch_add(ssh->transport->loop, ssh->fd, POLLOUT, on_socket, ssh);
	ssh_set_state(ssh, LOGIN_CONNECTING);
	if (ssh->next_address + 1 < ssh->nr_addresses)
		ssh->due_ms = loop_now_ms() + share_of_time(ssh);
}

static void begin_session(struct ssh *ssh)
{
	ssh->tries++;
	if (ssh->watch)
		loop_watch_set(ssh->watch, POLLIN);
	else
		ssh->watch = loop_watch_add(ssh->transport->loop, ssh->fd, POLLIN, on_socket, ssh);
	if (!ssh_session_begin(ssh))
		ssh_set_state(ssh, LOGIN_KEX);
}

/* ProxyCommand: its standard input and output are the wire. */
static int start_proxy(struct ssh *ssh, struct error *err)
{
	char *command = xasprintf("exec %s", ssh->settings.proxy_command);
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct child_options options = {.argv = argv, .quiet = true};
	int fds[2], rc = -1;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		error_set_errno(err, ERROR_FAILED, errno, "no socket");
	} else {
		options.socket = fds[1];
		rc = child_spawn(&ssh->proxy, &options, err);
		close(fds[1]);
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
		if (rc)
			close(fds[0]);
		else
			ssh->fd = fds[0];
	}
	free(command);
	return rc;
}

static void open_way(struct ssh *ssh)
{
	struct error err = ERROR_INIT;

	if (!ssh->deadline_ms)
		ssh->deadline_ms = loop_now_ms() + ssh_login_timeout_ms(ssh);
	if (ssh->nr_addresses) {
		connect_address(ssh);
		return;
	}
	if (ssh->settings.proxy_jump) {
		ssh->fd = ssh_jump_socket(ssh, &err);
		if (ssh->fd < 0)
			cannot_connect(ssh, err.text);
	} else if (start_proxy(ssh, &err)) {
		cannot_connect(ssh, err.text);
	}
	if (ssh->fd >= 0)
		begin_session(ssh);
}

void ssh_step_waiting(struct ssh *ssh)
{
	if (ssh->due_ms && loop_now_ms() < ssh->due_ms)
		return;
	if (ssh->nr_addresses)
		describe_address(ssh);
	else
		snprintf(ssh->where, sizeof(ssh->where), "%.60s through %.50s", ssh->settings.host,
			 ssh->settings.proxy_jump ? ssh->settings.proxy_jump : "ProxyCommand");
	if (gate_is_open(ssh))
		open_way(ssh);
	else
		ssh->due_ms = 0; /* woken when a login there is over */
}

void ssh_step_connecting(struct ssh *ssh)
{
	struct pollfd ready = {.fd = ssh->fd, .events = POLLOUT};
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (ssh->due_ms && loop_now_ms() >= ssh->due_ms) {
		connect_failed(ssh, ETIMEDOUT);
		return;
	}
	if (poll(&ready, 1, 0) <= 0)
		return;
	getsockopt(ssh->fd, SOL_SOCKET, SO_ERROR, &errnum, &len);
	if (errnum)
		connect_failed(ssh, errnum);
	else
		begin_session(ssh);
}

void ssh_try_failed(struct ssh *ssh, const char *reason)
{
	int64_t pause = (int64_t)ssh->tries * PAUSE_MS;

	ssh_session_end(ssh);
	drop_socket(ssh);
	child_abandon(ssh->transport, &ssh->proxy);
	/* A busy sshd breaks off at random (MaxStartups); who comes back later gets in. */
	if (ssh->tries >= TRIES_MAX || ssh->settings.proxy_command) {
		ssh_fail_with(ssh, ERROR_UNREACHABLE, "cannot connect to '%s': %s broke off: %s",
			      ssh->connection->machine, ssh->where, reason);
		return;
	}
	log_info("'%s' broke off (%s), another try follows", ssh->connection->machine, reason);
	ssh_set_state(ssh, LOGIN_WAITING);
	ssh->due_ms = loop_now_ms() + pause + loop_now_us() % pause;
}

void ssh_connect_end(struct ssh *ssh)
{
	ssh_resolve_cancel(ssh->resolver);
	ssh_ask_ssh_end(ssh);
	ssh_addresses_free(ssh->address, ssh->nr_addresses);
}
