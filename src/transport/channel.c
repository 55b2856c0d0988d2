/* SPDX-License-Identifier: MIT */
/*
 * Channels as their callers see them: the queue in front of a machine's few slots, input, deadlines
 * and the one call that tells the end. The bytes are moved by the backend.
 */
#include "base/base.h"
#include "base/log.h"
#include "transport/internal.h"

/* Until a machine that refused, with no other channel open, is asked again. */
#define REFUSED_AGAIN_MS 100
#define REFUSALS_MAX	 10
/* For a machine to open a channel, unless the transport has a time for logins. */
#define OPENING_MS	 30000

static const char *state_name(enum channel_state state)
{
	static const char *const names[] = {
		[CHANNEL_QUEUED] = "queued", [CHANNEL_OPENING] = "opening", [CHANNEL_OPEN] = "open",
		[CHANNEL_ENDED] = "ended",   [CHANNEL_GONE] = "gone",
	};

	return names[state];
}

void channel_set_state(struct channel *channel, enum channel_state state)
{
	log_debug("channel '%s' %p: [%s] -> [%s]", channel->connection->machine, (void *)channel,
		  state_name(channel->state), state_name(state));
	channel->state = state;
}

static void append(struct connection *connection, struct channel *channel)
{
	struct channel **p = &connection->channels;

	while (*p)
		p = &(*p)->next;
	*p = channel;
}

static int64_t opening_ms(const struct channel *channel)
{
	int64_t login_ms = channel->connection->transport->options.connect_timeout_ms;

	return login_ms > 0 ? login_ms : OPENING_MS;
}

static void timed_out(void *data)
{
	struct channel *channel = data;
	struct connection *connection = channel->connection;
	struct error err = ERROR_INIT;

	connection_enter(connection);
	if (channel->options.silence_ms)
		error_set(&err, ERROR_DEADLINE, "'%s': the command has said nothing for %g s",
			  connection->machine, (double)channel->options.silence_ms / 1000);
	else if (channel->options.timeout_ms > 0)
		error_set(&err, ERROR_DEADLINE, "'%s': no end of the command within %g s",
			  connection->machine, (double)channel->options.timeout_ms / 1000);
	else
		error_set(&err, ERROR_DEADLINE, "'%s': no channel within %g s", connection->machine,
			  (double)opening_ms(channel) / 1000);
	channel_fail(channel, &err);
	connection_leave(connection);
}

static void set_deadline(struct channel *channel, int64_t ms)
{
	channel->deadline_ms = ms > 0 ? loop_now_ms() + ms : 0;
	loop_timer_set(channel->deadline, ms > 0 ? ms : -1);
}

static void begin_deadline(struct channel *channel)
{
	const struct channel_options *options = &channel->options;
	int64_t ms = options->silence_ms ? options->silence_ms : options->timeout_ms;

	set_deadline(channel, ms > 0 ? ms : opening_ms(channel));
}

void channel_postpone(struct channel *channel, int64_t ms)
{
	if (channel->deadline_ms)
		set_deadline(channel, channel->deadline_ms + ms - loop_now_ms());
}

struct channel *connection_exec(struct connection *connection,
				const struct channel_options *options)
{
	struct channel *channel = xcalloc(1, sizeof(*channel));

	if (!options->closed || !options->command)
		BUG("a channel without a command or without `closed`");
	channel->connection = connection;
	channel->state = CHANNEL_QUEUED;
	channel->options = *options;
	channel->options.command = channel->command = xstrdup(options->command);
	channel->options.pty_term = channel->pty_term = xstrdup_or_null(options->pty_term);
	strbuf_init(&channel->input);
	strbuf_add(&channel->input, options->input, options->input_len);
	channel->options.input = NULL;
	channel->input_ended = !options->keep_input;
	channel->result.exit_status = -1;
	channel->deadline = loop_timer_add(connection->transport->loop, -1, timed_out, channel);
	append(connection, channel);
	connection_kick(connection);
	return channel;
}

size_t channel_write(struct channel *channel, const void *data, size_t len)
{
	if (channel->state >= CHANNEL_ENDED || channel->input_ended)
		return 0;
	strbuf_add(&channel->input, data, len);
	if (channel_is_live(channel))
		channel->connection->backend->feed(channel);
	return channel->input.len - channel->input_sent;
}

const char *channel_input(const struct channel *channel, size_t *len)
{
	*len = channel->input.len - channel->input_sent;
	return channel->input.buf + channel->input_sent;
}

/* What was sent is moved away only now and then: each byte is moved once or twice in all. */
void channel_input_taken(struct channel *channel, size_t len)
{
	channel->input_sent += len;
	if (channel->input_sent < (channel->input.len + 1) / 2)
		return;
	strbuf_remove(&channel->input, 0, channel->input_sent);
	channel->input_sent = 0;
}

void channel_eof(struct channel *channel)
{
	if (channel->state >= CHANNEL_ENDED || channel->input_ended)
		return;
	channel->input_ended = true;
	if (channel_is_live(channel))
		channel->connection->backend->feed(channel);
}

void channel_pause(struct channel *channel, bool pause)
{
	if (channel->state >= CHANNEL_ENDED || channel->paused == pause)
		return;
	channel->paused = pause;
	if (channel_is_live(channel))
		channel->connection->backend->feed(channel);
}

void channel_resize(struct channel *channel, int rows, int columns)
{
	channel->options.rows = rows;
	channel->options.columns = columns;
	if (channel_is_live(channel))
		channel->connection->backend->resize(channel);
}

/* Takes it out of the backend's hands, and marks what it is from now on. */
static void settle(struct channel *channel, enum channel_state state)
{
	set_deadline(channel, 0);
	if (channel_is_live(channel) && channel->backend)
		channel->connection->backend->drop(channel);
	channel_set_state(channel, state);
	connection_kick(channel->connection);
}

void channel_cancel(struct channel *channel)
{
	struct connection *connection;

	if (!channel || channel->state == CHANNEL_GONE)
		return;
	connection = channel->connection;
	settle(channel, CHANNEL_GONE);
	if (!connection->busy)
		channel_sweep(connection);
}

void channel_opened(struct channel *channel)
{
	if (channel->state != CHANNEL_OPENING)
		return;
	channel_set_state(channel, CHANNEL_OPEN);
	if (channel->options.timeout_ms <= 0 && channel->options.silence_ms <= 0)
		set_deadline(channel, 0);
}

void channel_end(struct channel *channel)
{
	if (channel_is_live(channel) || channel->state == CHANNEL_QUEUED)
		settle(channel, CHANNEL_ENDED);
}

void channel_fail(struct channel *channel, const struct error *err)
{
	if (channel->state >= CHANNEL_ENDED)
		return;
	channel->result.err = *err;
	channel->result.exit_status = -1;
	channel->result.signal = 0;
	channel_end(channel);
}

void channel_fail_all(struct connection *connection, const struct error *err)
{
	for (struct channel *channel = connection->channels; channel; channel = channel->next)
		channel_fail(channel, err);
}

static unsigned count_live(const struct connection *connection)
{
	unsigned live = 0;

	for (const struct channel *c = connection->channels; c; c = c->next)
		live += channel_is_live(c);
	return live;
}

void channel_refused(struct channel *channel, const char *reason)
{
	struct connection *connection = channel->connection;
	struct error err = ERROR_INIT;
	unsigned live;

	if (channel->state != CHANNEL_OPENING)
		return;
	if (++channel->refusals > REFUSALS_MAX) {
		error_set(&err, ERROR_UNREACHABLE, "'%s' refuses to open a channel: %s",
			  connection->machine, reason);
		channel_fail(channel, &err);
		return;
	}
	connection->backend->drop(channel);
	connection->backend->free(channel);
	channel->backend = NULL;
	set_deadline(channel, 0);
	channel_set_state(channel, CHANNEL_QUEUED);
	live = count_live(connection);
	log_info("'%s' has no room for more than %u channels at once", connection->machine, live);
	connection->limit = live ? live : 1;
	/* With others open one of their ends wakes the queue; else it is a matter of time. */
	if (!live)
		connection->refused_until_ms = loop_now_ms() + REFUSED_AGAIN_MS;
	connection_kick(connection);
}

void channel_output(struct channel *channel, int stream, const char *data, size_t len)
{
	size_t max = channel->options.max_output;
	bool cut;

	if (!channel_is_live(channel) || !len)
		return;
	cut = max && len > max - channel->output;
	if (cut)
		len = max - channel->output;
	channel->output += len;
	if (channel->options.silence_ms)
		begin_deadline(channel);
	if (channel->options.output && len)
		channel->options.output(channel, stream, data, len, channel->options.user);
	if (cut && channel_is_live(channel)) {
		channel->result.cut = true;
		channel_end(channel);
	}
}

/* The list may grow and its members may go while callbacks run; nothing is freed meanwhile. */
void channel_tell_ended(struct connection *connection)
{
	for (struct channel *channel = connection->channels; channel; channel = channel->next) {
		if (channel->state != CHANNEL_ENDED)
			continue;
		channel_set_state(channel, CHANNEL_GONE);
		channel->options.closed(channel, &channel->result, channel->options.user);
	}
}

static bool has_slot(const struct connection *connection, enum channel_priority priority,
		     unsigned live)
{
	unsigned limit = connection->limit;

	if (priority == CHANNEL_BACKGROUND)
		limit = limit > CHANNEL_RESERVE ? limit - CHANNEL_RESERVE : 1;
	return live < limit;
}

static struct channel *next_queued(const struct connection *connection, unsigned live)
{
	for (int priority = CHANNEL_URGENT; priority <= CHANNEL_BACKGROUND; priority++) {
		if (!has_slot(connection, priority, live))
			continue;
		for (struct channel *c = connection->channels; c; c = c->next)
			if (c->state == CHANNEL_QUEUED && (int)c->options.priority == priority)
				return c;
	}
	return NULL;
}

static bool has_queued(const struct connection *connection)
{
	for (const struct channel *c = connection->channels; c; c = c->next)
		if (c->state == CHANNEL_QUEUED)
			return true;
	return false;
}

void channel_run_queue(struct connection *connection)
{
	int64_t wait = connection->refused_until_ms - loop_now_ms();
	struct channel *channel;

	if (!has_queued(connection))
		return;
	if (connection->state == CONNECTION_IDLE)
		connection_open(connection);
	if (connection->state == CONNECTION_UP && wait > 0) {
		loop_timer_set(connection->kick, wait);
		return;
	}
	while (connection->state == CONNECTION_UP &&
	       (channel = next_queued(connection, count_live(connection)))) {
		channel_set_state(channel, CHANNEL_OPENING);
		begin_deadline(channel);
		connection->backend->exec(channel);
	}
}

static void channel_free(struct channel *channel)
{
	if (channel->backend)
		channel->connection->backend->free(channel);
	loop_timer_remove(channel->deadline);
	strbuf_release(&channel->input);
	free(channel->command);
	free(channel->pty_term);
	free(channel);
}

void channel_sweep(struct connection *connection)
{
	struct channel **p = &connection->channels;

	while (*p) {
		struct channel *channel = *p;

		if (channel->state != CHANNEL_GONE) {
			p = &channel->next;
			continue;
		}
		*p = channel->next;
		channel_free(channel);
	}
}
