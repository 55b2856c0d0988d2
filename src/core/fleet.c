/* SPDX-License-Identifier: MIT */
/*
 * The machines of a concert. Its contract is in fleet.h.
 */
#include "base/base.h"
#include "core/fleet.h"
#include "core/handle.h"

/* A connection that held this long was no flapping one: its loss counts from one again. */
#define STABLE_MS 30000

struct fleet {
	struct concert *concert;
	struct transport *transport;
	char *tmux_socket;
	int log_keep;
	int64_t log_max_bytes;
	struct strmap machines;
};

struct fleet *fleet_new(struct concert *concert, const struct fleet_options *options)
{
	struct fleet *fleet = xcalloc(1, sizeof(*fleet));

	fleet->concert = concert;
	fleet->transport = transport_new(concert->loop, &options->transport);
	fleet->tmux_socket = xstrdup_or_null(options->tmux_socket);
	fleet->log_keep = options->log_keep;
	fleet->log_max_bytes = options->log_max_bytes;
	return fleet;
}

static void machine_free(void *value)
{
	struct machine *machine = value;

	target_free(machine->target);
	connection_free(machine->connection);
	free(machine);
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	strmap_release(&fleet->machines, machine_free);
	transport_free(fleet->transport);
	free(fleet->tmux_socket);
	free(fleet);
}

void fleet_begin(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->machines.nr; i++) {
		struct machine *machine = fleet->machines.entry[i].value;

		machine->losses = 0;
		machine->was_up = connection_is_up(machine->connection);
	}
}

static void on_up(struct connection *connection, void *data)
{
	struct machine *machine = data;

	(void)connection;
	machine->was_up = true;
	machine->up_since_ms = loop_now_ms();
	if (machine->local)
		return;
	tell_event(machine->fleet->concert,
		   &(struct concert_event){
			   .type = CONCERT_EVENT_CONNECT,
			   .machine = machine->name,
			   .level = CONCERT_LEVEL_INFO,
			   .message = machine->losses ? "connected again" : "connected",
		   });
}

static void on_down(struct connection *connection, const struct error *err, void *data)
{
	struct machine *machine = data;

	(void)connection;
	if (machine->up_since_ms && loop_now_ms() - machine->up_since_ms > STABLE_MS)
		machine->losses = 0;
	machine->up_since_ms = 0;
	machine->losses++;
	tell_event(machine->fleet->concert, &(struct concert_event){
						    .type = CONCERT_EVENT_ERROR,
						    .machine = machine->name,
						    .state = CONCERT_STATE_UNREACHABLE,
						    .level = CONCERT_LEVEL_ERROR,
						    .message = err->text,
					    });
}

struct machine *fleet_get(struct fleet *fleet, const char *name, struct error *err)
{
	static const struct connection_handler handler = {.up = on_up, .down = on_down};
	struct target_options options = {
		.tmux_socket = fleet->tmux_socket,
		.log_keep = fleet->log_keep,
		.log_max_bytes = fleet->log_max_bytes,
	};
	struct machine *machine = strmap_get(&fleet->machines, name);

	if (machine)
		return machine;
	machine = xcalloc(1, sizeof(*machine));
	machine->fleet = fleet;
	machine->connection = connection_new(fleet->transport, name, &handler, machine, err);
	if (!machine->connection) {
		free(machine);
		return NULL;
	}
	machine->local = !strcmp(name, "local") || !strcmp(name, "localhost");
	machine->target = target_new(machine->connection, &options);
	strmap_put(&fleet->machines, name, machine);
	machine->name = fleet->machines.entry[strmap_index(&fleet->machines, name)].key;
	return machine;
}

int64_t machine_retry_ms(const struct machine *machine, int retries)
{
	int nth = machine->losses > 0 ? machine->losses : 1;

	if (!machine->was_up || nth > retries)
		return -1;
	return (int64_t)500 << (nth < 5 ? nth - 1 : 4);
}
