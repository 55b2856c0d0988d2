/* SPDX-License-Identifier: MIT */
/*
 * The common part of all connections: their life (idle, opening, up), when the caller is told of
 * it, and who frees what when. What waits for a machine is channel.c's; how a machine is reached is
 * the backend's.
 */
#include "base/base.h"
#include "base/log.h"
#include "transport/child.h"
#include "transport/internal.h"
#include "transport/ssh.h"

struct transport *transport_new(struct loop *loop, const struct transport_options *options)
{
	struct transport *transport = xcalloc(1, sizeof(*transport));

	transport->loop = loop;
	transport->options = *options;
	transport->ssh_config = xstrdup_or_null(options->ssh_config);
	transport->options.ssh_config = transport->ssh_config;
	transport->reaper = loop_timer_add(loop, -1, child_reap_leftovers, transport);
	return transport;
}

void transport_free(struct transport *transport)
{
	if (!transport)
		return;
	ssh_shared_free(transport->ssh);
	if (transport->connections)
		BUG("the transport is freed before its connections");
	child_forget_leftovers(transport);
	loop_timer_remove(transport->reaper);
	free(transport->ssh_config);
	free(transport);
}

int transport_ask(struct transport *transport, const char *prompt, bool echo, char *answer,
		  size_t size)
{
	int64_t ms = -loop_now_ms();
	int rc;

	if (!transport->options.ask)
		return -1;
	rc = transport->options.ask(prompt, echo, answer, size, transport->options.data);
	answer[size - 1] = '\0';
	ms += loop_now_ms();
	for (struct connection *c = transport->connections; c; c = c->next) {
		if (c->ssh)
			ssh_postpone(c->ssh, ms);
		for (struct channel *channel = c->channels; channel; channel = channel->next)
			channel_postpone(channel, ms);
	}
	return rc;
}

static const char *state_name(enum connection_state state)
{
	static const char *const names[] = {
		[CONNECTION_IDLE] = "idle",
		[CONNECTION_OPENING] = "opening",
		[CONNECTION_UP] = "up",
	};

	return names[state];
}

static void set_state(struct connection *connection, enum connection_state state)
{
	if (connection->state == state)
		return;
	log_debug("connection '%s': [%s] -> [%s]", connection->machine,
		  state_name(connection->state), state_name(state));
	connection->state = state;
}

static void run_kicked(void *data)
{
	connection_enter(data);
	connection_leave(data);
}

struct connection *connection_new(struct transport *transport, const char *machine,
				  const struct connection_handler *handler, void *data,
				  struct error *err)
{
	struct connection *connection = xcalloc(1, sizeof(*connection));

	if (machine_name_parse(&connection->name, machine, err)) {
		free(connection);
		return NULL;
	}
	connection->transport = transport;
	connection->machine = xstrdup(machine ? machine : "local");
	connection->handler = *handler;
	connection->data = data;
	connection->limit = connection->name.local ? 2 * CHANNEL_LIMIT : CHANNEL_LIMIT;
	connection->backend = connection->name.local ? &local_backend : &ssh_backend;
	connection->kick = loop_timer_add(transport->loop, -1, run_kicked, connection);
	connection->next = transport->connections;
	transport->connections = connection;
	return connection;
}

static void unlink_connection(struct connection *connection)
{
	struct connection **p = &connection->transport->connections;

	while (*p != connection)
		p = &(*p)->next;
	*p = connection->next;
}

static void destroy(struct connection *connection)
{
	channel_sweep(connection);
	unlink_connection(connection);
	loop_timer_remove(connection->kick);
	machine_name_release(&connection->name);
	free(connection->machine);
	free(connection->via);
	free(connection);
}

void connection_free(struct connection *connection)
{
	if (!connection || connection->dead)
		return;
	connection->busy++;
	connection->dead = true;
	for (struct channel *channel = connection->channels; channel; channel = channel->next)
		channel_cancel(channel);
	connection->backend->close(connection);
	if (--connection->busy == 0)
		destroy(connection);
}

void connection_kick(struct connection *connection)
{
	loop_timer_set(connection->kick, 0);
}

void connection_open(struct connection *connection)
{
	if (connection->state != CONNECTION_IDLE || connection->dead)
		return;
	set_state(connection, CONNECTION_OPENING);
	connection->backend->open(connection);
}

bool connection_is_up(const struct connection *connection)
{
	return connection->state == CONNECTION_UP;
}

unsigned connection_slots(const struct connection *connection)
{
	return connection->limit;
}

const char *connection_machine(const struct connection *connection)
{
	return connection->machine;
}

void connection_came_up(struct connection *connection)
{
	set_state(connection, CONNECTION_UP);
	connection->tell_up = true;
	connection_kick(connection);
}

void connection_went_down(struct connection *connection, const struct error *err)
{
	set_state(connection, CONNECTION_IDLE);
	connection->tell_up = false;
	connection->tell_down = true;
	connection->down_error = *err;
	channel_fail_all(connection, err);
	connection_kick(connection);
}

void connection_enter(struct connection *connection)
{
	connection->busy++;
}

/* Ends before begins: who is told `down` finds no channel of the old login left. */
static void tell(struct connection *connection)
{
	if (connection->tell_up && !connection->dead) {
		connection->tell_up = false;
		if (connection->handler.up)
			connection->handler.up(connection, connection->data);
	}
	channel_tell_ended(connection);
	if (connection->tell_down && !connection->dead) {
		struct error err = connection->down_error;

		connection->tell_down = false;
		if (connection->handler.down)
			connection->handler.down(connection, &err, connection->data);
	}
}

void connection_leave(struct connection *connection)
{
	if (connection->busy == 1) {
		tell(connection);
		if (!connection->dead)
			channel_run_queue(connection);
	}
	if (--connection->busy)
		return;
	if (connection->dead)
		destroy(connection);
	else
		channel_sweep(connection);
}
