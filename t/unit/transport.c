/* SPDX-License-Identifier: MIT */
/*
 * What the transport promises its callers whichever way a machine is reached, tried on this
 * computer: slots and priorities, and that anything may be ended from within any callback.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "tap.h"
#include "transport/transport.h"

static struct loop *loop;
static struct transport *transport;
static struct connection *connection;
static int ups, downs, ends, outputs;
static struct channel_result last;
static bool within; /* a call of the interface */

static void up(struct connection *c, void *data)
{
	(void)c;
	(void)data;
	ups++;
	if (within)
		ok(false, "up came from within a call");
}

static void down(struct connection *c, const struct error *err, void *data)
{
	(void)c;
	(void)err;
	(void)data;
	downs++;
}

static void output(struct channel *channel, int stream, const char *data, size_t len, void *user)
{
	(void)channel;
	(void)stream;
	(void)data;
	outputs += (int)len;
	(void)user;
}

static void closed(struct channel *channel, const struct channel_result *result, void *user)
{
	(void)channel;
	if (within)
		ok(false, "closed came from within a call");
	last = *result;
	ends++;
	if (user)
		*(struct channel **)user = NULL;
}

static void begin(void)
{
	static const struct connection_handler handler = {.up = up, .down = down};
	static const struct transport_options options;

	loop = loop_new();
	transport = transport_new(loop, &options);
	connection = connection_new(transport, NULL, &handler, NULL, NULL);
	ups = downs = ends = outputs = 0;
}

static void finish(void)
{
	connection_free(connection);
	transport_free(transport);
	loop_free(loop);
}

static struct channel *run(const char *command, enum channel_priority priority)
{
	struct channel_options options = {
		.command = command, .priority = priority, .output = output, .closed = closed};
	struct channel *channel;

	within = true;
	channel = connection_exec(connection, &options);
	within = false;
	return channel;
}

static void until(int wanted)
{
	int64_t end = loop_now_ms() + 20000;

	while (ends < wanted && loop_now_ms() < end)
		loop_step(loop, 1000);
}

static void test_simple(void)
{
	begin();
	ok(!connection_is_up(connection), "nothing is connected before it is needed");
	is_str(connection_machine(connection), "local", "its name");
	run("echo x; exit 5", CHANNEL_URGENT);
	until(1);
	is_int(ups, 1, "up once");
	is_int(last.exit_status, 5, "exit status");
	is_int(outputs, 2, "output");
	is_int(last.err.code, ERROR_NONE, "no error");
	finish();
}

static void test_priorities(void)
{
	struct channel *slow[40];
	int64_t began;

	begin();
	for (int i = 0; i < 40; i++)
		slow[i] = run("sleep 3", CHANNEL_BACKGROUND);
	began = loop_now_ms();
	run("true", CHANNEL_URGENT);
	until(1);
	is_int(ends, 1, "an urgent one gets through forty in the background");
	ok(loop_now_ms() - began < 10000, "at once");
	within = true;
	for (int i = 0; i < 40; i++)
		channel_cancel(slow[i]);
	within = false;
	run("true", CHANNEL_BACKGROUND);
	until(2);
	is_int(ends, 2, "those that were given up make room");
	finish();
}

static void cancel_self(struct channel *channel, int stream, const char *data, size_t len,
			void *user)
{
	(void)stream;
	(void)data;
	(void)len;
	(void)user;
	outputs++;
	channel_cancel(channel);
}

static void exec_again(struct channel *channel, const struct channel_result *result, void *user)
{
	(void)channel;
	(void)result;
	(void)user;
	if (++ends < 50)
		connection_exec(connection,
				&(struct channel_options){.command = "true", .closed = exec_again});
}

static void free_connection(struct channel *channel, const struct channel_result *result,
			    void *user)
{
	(void)channel;
	(void)result;
	(void)user;
	ends++;
	connection_free(connection);
	connection = NULL;
}

static void free_in_up(struct connection *c, void *data)
{
	(void)data;
	ups++;
	connection_free(c);
	connection = NULL;
}

static void test_callbacks(void)
{
	struct connection_handler handler = {.up = free_in_up};
	int64_t end;

	begin();
	connection_exec(connection, &(struct channel_options){.command = "yes",
							      .output = cancel_self,
							      .closed = closed});
	run("true", CHANNEL_URGENT);
	until(1);
	for (end = loop_now_ms() + 200; loop_now_ms() < end;)
		loop_step(loop, 10);
	is_int(outputs, 1, "given up in its first output, it says nothing more");
	is_int(ends, 1, "not even its end");
	ends = 0;
	connection_exec(connection,
			&(struct channel_options){.command = "true", .closed = exec_again});
	until(50);
	is_int(ends, 50, "each end begins another");

	ends = 0;
	for (int i = 0; i < 5; i++)
		run("sleep 3", CHANNEL_URGENT);
	connection_exec(connection,
			&(struct channel_options){.command = "true", .closed = free_connection});
	run("sleep 3", CHANNEL_URGENT);
	until(1);
	is_int(ends, 1, "the connection freed in the end of a channel: the others are not told");

	connection = connection_new(transport, "local", &handler, NULL, NULL);
	connection_open(connection);
	for (end = loop_now_ms() + 5000; connection && loop_now_ms() < end;)
		loop_step(loop, 10);
	ok(!connection, "freed in up");
	finish();
}

static void test_signals(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct channel_options options = {.command = "exec true", .closed = closed};
	char *input = xcalloc(1, 1 << 20);
	sigset_t pending;
	int alone;

	begin();
	options.input = input;
	options.input_len = 1 << 20;
	connection_exec(connection, &options);
	until(1);
	sigpending(&pending);
	is_int(sigismember(&pending, SIGPIPE), 0,
	       "a reader that is gone: no SIGPIPE, not even later");
	free(input);

	sigaction(SIGINT, &ignore, &before);
	run("kill -INT $$; sleep 3", CHANNEL_URGENT);
	until(2);
	sigaction(SIGINT, &before, NULL);
	is_int(last.signal, SIGINT, "a child has default signals, whatever we ignore");
	run("test \"$(ps -o pgid= -p $$)\" -eq $$", CHANNEL_URGENT);
	until(3);
	is_int(last.exit_status, 0, "and a process group of its own");
	run("exit $(ls /proc/self/fd | wc -l)", CHANNEL_URGENT);
	until(4);
	alone = last.exit_status;
	for (int i = 0; i < 5; i++)
		run("sleep 3", CHANNEL_URGENT);
	run("exit $(ls /proc/self/fd | wc -l)", CHANNEL_URGENT);
	until(5);
	is_int(last.exit_status, alone, "and inherits no descriptor of the others");
	finish();
}

static void test_names(void)
{
	struct error err = ERROR_INIT;

	begin();
	ok(!connection_new(transport, "-x", NULL, NULL, &err) && err.code == ERROR_USAGE,
	   "what cannot be a machine is said at once");
	finish();
}

int main(void)
{
	test_simple();
	test_priorities();
	test_callbacks();
	test_signals();
	test_names();
	return done_testing();
}
