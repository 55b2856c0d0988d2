/* SPDX-License-Identifier: MIT */
/*
 * What the files of this room share: the structures behind transport.h, and the interface between
 * the common part (queue, slots, deadlines, telling the caller) and a way of reaching a machine
 * (local.c, ssh.c). A backend never calls the user: it reports to the common part, which tells him
 * from the loop, in the right order, and frees nothing that somebody still stands on.
 */
#ifndef TRANSPORT_INTERNAL_H
#define TRANSPORT_INTERNAL_H

#include "base/strbuf.h"
#include "base/strmap.h"
#include "transport/machine.h"
#include "transport/transport.h"

/* Channels that a machine is asked for at once: OpenSSH's MaxSessions. */
#define CHANNEL_LIMIT	 10
/* Kept free for urgent channels. */
#define CHANNEL_RESERVE	 2
/* How long output may still come after a command's end when something else holds its pipes. */
#define CHANNEL_GRACE_MS 200

enum connection_state {
	CONNECTION_IDLE,    /* nothing begun, or lost */
	CONNECTION_OPENING, /* the login is under way */
	CONNECTION_UP,	    /* logged in: channels can be opened */
};

enum channel_state {
	CHANNEL_QUEUED,	 /* waits for the login, or for a slot */
	CHANNEL_OPENING, /* the machine was asked for it; holds a slot */
	CHANNEL_OPEN,	 /* the command runs; holds a slot */
	CHANNEL_ENDED,	 /* its result is known, the caller is told next */
	CHANNEL_GONE,	 /* told or cancelled: freed as soon as nobody stands on it */
};

struct ssh;
struct ssh_shared;

/* One way of reaching machines. All but `free` may find that the work is over already. */
struct backend {
	/* Begins the login. Answers later, with connection_came_up() or connection_went_down(). */
	void (*open)(struct connection *connection);
	/* Drops what belongs to the connection; its channels have been dropped before. */
	void (*close)(struct connection *connection);
	/* Starts the channel: sets channel->backend. Failures go to channel_fail(). */
	void (*exec)(struct channel *channel);
	/* There is more input, its end, or `paused` changed. */
	void (*feed)(struct channel *channel);
	void (*resize)(struct channel *channel);
	/* Lets go of it; reports nothing any more. The memory stays until `free`. */
	void (*drop)(struct channel *channel);
	void (*free)(struct channel *channel);
};

struct channel {
	struct connection *connection;
	struct channel *next; /* in the order of arrival */
	enum channel_state state;
	char *command, *pty_term;
	struct channel_options options; /* its strings and input are the copies here */
	struct strbuf input;		/* see channel_input() */
	size_t input_sent;		/* of it, already taken by the backend */
	bool input_ended;		/* nothing follows `input` */
	bool paused;
	size_t output; /* bytes told so far */
	unsigned refusals;
	struct channel_result result;
	struct loop_timer *deadline;
	int64_t deadline_ms; /* when it is due; 0: asleep */
	void *backend;
};

struct connection {
	struct transport *transport;
	struct connection *next; /* of the transport */
	char *machine;
	struct machine_name name;
	struct connection_handler handler;
	void *data;
	const struct backend *backend;
	struct ssh *ssh; /* the backend's own; NULL for the local one, and while idle */
	char *via;	 /* jump hosts that go before those of the settings; NULL as a rule */

	enum connection_state state;
	bool tell_up, tell_down; /* owed to the handler */
	struct error down_error;

	struct channel *channels;
	unsigned limit; /* of channels at once */
	int64_t refused_until_ms;
	struct loop_timer *kick; /* runs the queue from the loop */
	unsigned busy;		 /* calls that stand on this connection */
	bool dead;		 /* freed by its owner while busy */
};

struct transport {
	struct loop *loop;
	struct transport_options options;
	char *ssh_config;
	struct connection *connections;
	struct child *leftovers;   /* children that nobody waits for any more */
	struct loop_timer *reaper; /* asleep while there are none */
	struct ssh_shared *ssh;	   /* keys, known hosts, agent; NULL until the first ssh machine */
};

extern const struct backend local_backend;
extern const struct backend ssh_backend;

/*
 * Around everything that a backend does from the loop. Between the two nothing is freed; the
 * outermost leave tells the caller what is owed to him, and then sweeps.
 */
void connection_enter(struct connection *connection);
void connection_leave(struct connection *connection);

/* From a backend. */
void connection_came_up(struct connection *connection);
void connection_went_down(struct connection *connection, const struct error *err);
/* Has the queue looked at in the next step of the loop. */
void connection_kick(struct connection *connection);

void channel_opened(struct channel *channel);
/* The machine has no room for it: back into the queue, and fewer at once from now on. */
void channel_refused(struct channel *channel, const char *reason);
void channel_output(struct channel *channel, int stream, const char *data, size_t len);
/* Input that waits for the backend; and `len` bytes of it were taken. */
const char *channel_input(const struct channel *channel, size_t *len);
void channel_input_taken(struct channel *channel, size_t len);
/* The end. channel->result holds the exit status or the signal. */
void channel_end(struct channel *channel);
void channel_fail(struct channel *channel, const struct error *err);

/* Holds a slot: was handed to the backend and has not ended. */
static inline bool channel_is_live(const struct channel *channel)
{
	return channel->state == CHANNEL_OPENING || channel->state == CHANNEL_OPEN;
}

/* Gives it `ms` more. */
void channel_postpone(struct channel *channel, int64_t ms);
void channel_sweep(struct connection *connection); /* frees those that are gone */
void channel_run_queue(struct connection *connection);
void channel_tell_ended(struct connection *connection);
void channel_fail_all(struct connection *connection, const struct error *err);
void channel_set_state(struct channel *channel, enum channel_state state);

/*
 * Asks the user, if there is one to ask, and gives every deadline of the transport back the time
 * that he took. Returns 0, or -1. The caller wipes `answer`.
 */
int transport_ask(struct transport *transport, const char *prompt, bool echo, char *answer,
		  size_t size);

#endif
