/* SPDX-License-Identifier: MIT */
/*
 * How a command reaches a machine. A `struct connection` is the way to one machine, over SSH or on
 * this computer; a `struct channel` is one exec on it. Both kinds behave alike, and callers do not
 * ask which one they have. What a command means is not known here.
 *
 * Everything is asynchronous, on one loop. Callbacks never run from within a call of this
 * interface, only from loop_step().
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"
#include "base/loop.h"

struct transport;
struct connection;
struct channel;

/* What all connections of a program share: the loop, the ways of asking, keys, known hosts. */
struct transport_options {
	const char *ssh_config;	    /* as ssh -F; NULL: the user's and the system's */
	bool accept_new;	    /* take unknown host keys (never changed ones), and keep them */
	int64_t connect_timeout_ms; /* from the first packet to the login, but for the time that the
				       user takes to answer; 0: ssh_config's, or 10 s */
	/* See concert_observer.ask in concert.h; NULL: nobody can be asked. */
	int (*ask)(const char *prompt, bool echo, char *answer, size_t size, void *data);
	void *data;
};

/* Options are copied. The loop must outlive the transport. */
struct transport *transport_new(struct loop *loop, const struct transport_options *options);
/* All its connections must have been freed. NULL is allowed. */
void transport_free(struct transport *transport);

struct connection_handler {
	/* The login succeeded. */
	void (*up)(struct connection *connection, void *data);
	/*
	 * The login failed, or the connection was lost; ERROR_UNREACHABLE (ERROR_USAGE where
	 * ssh_config is wrong), naming the machine, what failed and what to do. Every channel has been told of its end before. Commands queued
	 * from now on begin a new login.
	 */
	void (*down)(struct connection *connection, const struct error *err, void *data);
};

/*
 * The way to `machine`: NULL, "local" or "localhost" for this computer, otherwise as the
 * configuration spells it: user@host, user@host:port, host, [::1]:22, ssh://user@host:port.
 * Nothing is connected until the first connection_exec() or connection_open(). Returns NULL with
 * `err` (ERROR_USAGE) if the name cannot be one of these. `handler` is copied.
 */
struct connection *connection_new(struct transport *transport, const char *machine,
				  const struct connection_handler *handler, void *data,
				  struct error *err);
/* Drops the connection and ends its channels without telling them; may be called from any of its
 * callbacks. What runs on the machine is left to run. NULL is allowed. */
void connection_free(struct connection *connection);

/* Begins to log in, if that has not begun. */
void connection_open(struct connection *connection);
bool connection_is_up(const struct connection *connection);
/* How many channels the machine allows at once, as far as is known. */
unsigned connection_slots(const struct connection *connection);
const char *connection_machine(const struct connection *connection); /* as spelled */

/* How a channel ended. */
struct channel_result {
	/* ERROR_NONE: the command ended, and the two below say how. Otherwise: it could not be
	 * run, or the connection was lost before its end was known. */
	struct error err;
	int exit_status; /* -1 if a signal ended it */
	int signal;	 /* 0 if none; this computer's number for it */
	bool cut;	 /* more output came than was allowed, and the channel was closed */
};

enum channel_priority {
	CHANNEL_URGENT,	    /* start, stop, query: before all others in the queue */
	CHANNEL_BACKGROUND, /* probes, streams: never take the last two slots of a machine */
};

struct channel_options {
	const char *command; /* run by the login shell on the machine; "exec sh -s" as a rule */
	const void *input;   /* goes to its standard input, then end of file; copied */
	size_t input_len;
	bool keep_input; /* no end of file after `input`: channel_write, channel_eof follow */
	enum channel_priority priority;
	/* Its own pty with this TERM, NULL for none; rows and columns. */
	const char *pty_term;
	int rows, columns;
	int64_t timeout_ms; /* from when it leaves the queue to its end; 0: none once it is open */
	int64_t silence_ms; /* between two outputs, likewise; 0: none. Not both of these */
	size_t max_output;  /* bytes of both streams; more: closed, result.cut; 0: no limit */
	/* Bytes of standard output (stream 1) or error (stream 2) as they come. */
	void (*output)(struct channel *channel, int stream, const char *data, size_t len,
		       void *user);
	/* Exactly once, last; the channel is gone when it returns. Must not be NULL. */
	void (*closed)(struct channel *channel, const struct channel_result *result, void *user);
	void *user;
};

/*
 * Runs a command; queued while the login is under way or the machine has as many channels as it
 * allows (10, or fewer once it has refused one). Never fails at once: failures come to `closed`.
 */
struct channel *connection_exec(struct connection *connection,
				const struct channel_options *options);

/* More for its standard input (keep_input only). Returns the bytes queued and not yet sent. */
size_t channel_write(struct channel *channel, const void *data, size_t len);
void channel_eof(struct channel *channel);
/* Stops (continues) reading, so that the sender is held back. */
void channel_pause(struct channel *channel, bool pause);
void channel_resize(struct channel *channel, int rows, int columns);
/* Gives it up: no callback comes any more, and the channel is gone at once. NULL is allowed. */
void channel_cancel(struct channel *channel);

#endif
