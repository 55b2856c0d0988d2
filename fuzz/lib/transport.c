/* SPDX-License-Identifier: MIT */
/*
 * Machines that answer what the input says, in pieces of any size, and can be lost at any moment.
 * The interface is transport/transport.h; how many channels a machine allows is not imitated.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"
#include "transport/machine.h"
#include "transport/transport.h"

#define ANSWERS_MAX 300

struct transport {
	struct loop *loop;
};

struct connection {
	struct transport *transport;
	char *machine;
	struct connection_handler handler;
	void *data;
	bool up;
	struct channel *channels;
};

struct channel {
	struct connection *connection;
	struct channel *next;
	struct channel_options options;
	struct strbuf answer;
	size_t sent;
	int stream;
	bool lost;
	struct loop_timer *timer;
};

static struct fuzz_input script;
static unsigned seed;
static size_t nr_answers;
static char *mains[ANSWERS_MAX]; /* whom each whole answer was for */
static size_t nr_mains;

void fuzz_machines(const char *data, size_t len, unsigned first_seed)
{
	script = (struct fuzz_input){data, len};
	seed = first_seed;
	nr_answers = 0;
	fuzz_reset_random();
	while (nr_mains)
		free(mains[--nr_mains]);
}

size_t fuzz_whole_answers(const char *main)
{
	size_t n = 0;

	for (size_t i = 0; i < nr_mains; i++)
		n += !strcmp(mains[i], main);
	return n;
}

static unsigned any(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

struct transport *transport_new(struct loop *loop, const struct transport_options *options)
{
	struct transport *transport = xcalloc(1, sizeof(*transport));

	(void)options;
	transport->loop = loop;
	return transport;
}

void transport_free(struct transport *transport)
{
	free(transport);
}

struct connection *connection_new(struct transport *transport, const char *machine,
				  const struct connection_handler *handler, void *data,
				  struct error *err)
{
	struct connection *connection;
	struct machine_name name;

	if (machine_name_parse(&name, machine, err))
		return NULL;
	machine_name_release(&name);
	connection = xcalloc(1, sizeof(*connection));
	connection->transport = transport;
	connection->machine = xstrdup(machine);
	connection->handler = *handler;
	connection->data = data;
	return connection;
}

static void channel_free(struct channel *channel)
{
	struct channel **link = &channel->connection->channels;

	while (*link != channel)
		link = &(*link)->next;
	*link = channel->next;
	loop_timer_remove(channel->timer);
	strbuf_release(&channel->answer);
	free(channel);
}

void channel_cancel(struct channel *channel)
{
	if (channel)
		channel_free(channel);
}

void connection_free(struct connection *connection)
{
	if (!connection)
		return;
	while (connection->channels)
		channel_free(connection->channels);
	free(connection->machine);
	free(connection);
}

bool connection_is_up(const struct connection *connection)
{
	return connection->up;
}

unsigned connection_slots(const struct connection *connection)
{
	(void)connection;
	return 10;
}

const char *connection_machine(const struct connection *connection)
{
	return connection->machine;
}

void connection_open(struct connection *connection)
{
	if (!connection->up && connection->handler.up)
		connection->handler.up(connection, connection->data);
	connection->up = true;
}

/* Every channel hears of it before the connection does. */
static void lose(struct connection *connection)
{
	struct channel_result result = {.exit_status = -1};

	error_set(&result.err, ERROR_UNREACHABLE, "connection to '%s' lost", connection->machine);
	while (connection->channels) {
		struct channel *channel = connection->channels;
		struct channel_options options = channel->options;

		/* It is gone when this returns, but not before. */
		connection->channels = channel->next;
		loop_timer_remove(channel->timer);
		options.closed(channel, &result, options.user);
		strbuf_release(&channel->answer);
		free(channel);
	}
	connection->up = false;
	if (connection->handler.down)
		connection->handler.down(connection, &result.err, connection->data);
}

static void close_channel(struct channel *channel)
{
	struct channel_result result = {.exit_status = 0};
	struct channel_options options = channel->options;
	struct channel **link = &channel->connection->channels;

	while (*link != channel)
		link = &(*link)->next;
	*link = channel->next;
	loop_timer_remove(channel->timer);
	options.closed(channel, &result, options.user);
	strbuf_release(&channel->answer);
	free(channel);
}

static void on_timer(void *data)
{
	struct channel *channel = data;
	size_t left = channel->answer.len - channel->sent;
	size_t len = 1 + any(any(2) ? 7 : 500);
	char *piece;

	connection_open(channel->connection);
	if (!left && channel->lost) {
		lose(channel->connection);
		return;
	}
	if (!left) {
		close_channel(channel);
		return;
	}
	len = len < left ? len : left;
	/* A copy, so that a sanitizer sees who reads beyond the piece. */
	piece = xmalloc(len);
	memcpy(piece, channel->answer.buf + channel->sent, len);
	channel->sent += len;
	loop_timer_set(channel->timer, any(4) ? 0 : any(3000));
	/* May free the channel. */
	channel->options.output(channel, channel->stream, piece, len, channel->options.user);
	free(piece);
}

/* What the request assigns to `name`: NAME='VALUE'. Heap; "" if nothing. */
static char *assigned(const char *input, const char *name)
{
	char *start = xasprintf("%s='", name);
	const char *found = strstr(input, start);
	const char *value = found ? found + strlen(start) : "";
	char *copy = xstrndup(value, strcspn(value, "'"));

	free(start);
	return copy;
}

/* The function that the last line of the request calls. */
static char *last_call(const char *input, size_t len)
{
	const char *line;

	CHECK(len && input[len - 1] == '\n', "a request without its last line");
	line = memrchr(input, '\n', len - 1);
	line = line ? line + 1 : input;
	return xstrndup(line, strcspn(line, " \n"));
}

static void fill(struct strbuf *answer, const char *text, size_t len, const char *run,
		 const char *nonce)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '@' && i + 1 < len && (text[i + 1] == 'R' || text[i + 1] == 'N'))
			strbuf_addstr(answer, text[++i] == 'R' ? run : nonce);
		else
			strbuf_addch(answer, text[i]);
}

static void make_answer(struct channel *channel, const char *input, size_t input_len)
{
	char *nonce = assigned(input, "c_nonce"), *run = assigned(input, "c_run"), *marker;
	size_t len = 0, at = 0;
	char *text = ++nr_answers < ANSWERS_MAX ? fuzz_section(&script, "---", &len) : NULL;
	bool frame = true, end = true;

	channel->lost = !text;
	for (; at < len && strchr("!~-#", text[at]); at++) {
		frame = frame && text[at] != '!' && text[at] != '#';
		end = end && text[at] != '~';
		channel->lost = channel->lost || text[at] == '-';
		channel->stream = text[at] == '#' ? 2 : channel->stream;
	}
	if (text && frame)
		strbuf_addf(&channel->answer, "concert 1 %s\n", nonce);
	if (text)
		fill(&channel->answer, text + at, len - at, run, nonce);
	if (text && frame && end)
		strbuf_addf(&channel->answer, "end %s\n", nonce);
	/* An input can make an end marker of its own, so it is looked for. */
	marker = xasprintf("end %s\n", nonce);
	if (channel->stream == 1 &&
	    memmem(channel->answer.buf, channel->answer.len, marker, strlen(marker)))
		mains[nr_mains++] = last_call(input, input_len);
	free(marker);
	free(nonce);
	free(run);
	free(text);
}

struct channel *connection_exec(struct connection *connection,
				const struct channel_options *options)
{
	struct channel *channel = xcalloc(1, sizeof(*channel));
	char *input = xstrndup(options->input, options->input_len);

	CHECK(!memchr(options->input, 0, options->input_len), "a NUL in a request");
	channel->connection = connection;
	channel->options = *options;
	channel->options.input = NULL;
	channel->stream = 1;
	strbuf_init(&channel->answer);
	make_answer(channel, input, options->input_len);
	free(input);
	channel->timer = loop_timer_add(connection->transport->loop, any(100), on_timer, channel);
	channel->next = connection->channels;
	connection->channels = channel;
	return channel;
}

size_t channel_write(struct channel *channel, const void *data, size_t len)
{
	(void)channel, (void)data, (void)len;
	return 0;
}

void channel_eof(struct channel *channel)
{
	(void)channel;
}

void channel_pause(struct channel *channel, bool pause)
{
	(void)channel, (void)pause;
}

void channel_resize(struct channel *channel, int rows, int columns)
{
	(void)channel, (void)rows, (void)columns;
}
