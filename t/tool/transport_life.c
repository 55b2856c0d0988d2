/* SPDX-License-Identifier: MIT */
/*
 * Scenes for t/013-transport-life.t in which something is given up at an awkward moment. Each is
 * named by the first word, takes an ssh_config and machines, and prints one line of what it saw.
 */
#include "base/base.h"
#include <sys/resource.h>
#include "transport/transport.h"

struct scene {
	struct loop *loop;
	struct transport *transport;
	struct connection *connection[2];
	int up, down, ended;
	size_t output;
	int status;
};

static void on_up(struct connection *connection, void *data)
{
	(void)connection;
	((struct scene *)data)->up++;
}

static void on_down(struct connection *connection, const struct error *err, void *data)
{
	printf("down %s %s\n", connection_machine(connection), err->text);
	((struct scene *)data)->down++;
}

static void on_output(struct channel *channel, int stream, const char *data, size_t len, void *user)
{
	(void)channel;
	(void)stream;
	(void)data;
	((struct scene *)user)->output += len;
}

static void on_closed(struct channel *channel, const struct channel_result *result, void *user)
{
	struct scene *scene = user;

	(void)channel;
	if (result->err.code)
		printf("closed %s\n", result->err.text);
	scene->status = result->exit_status;
	scene->ended++;
}

static struct channel *begin(struct scene *scene, const char *command)
{
	const struct channel_options options = {.command = command,
						.timeout_ms = 10000,
						.output = on_output,
						.closed = on_closed,
						.user = scene};

	return connection_exec(scene->connection[0], &options);
}

/* Steps until *number is `want`, at most for `ms`. */
static bool wait_for(struct scene *scene, const int *number, int want, int64_t ms)
{
	int64_t until = loop_now_ms() + ms;

	while ((!number || *number < want) && loop_now_ms() < until)
		loop_step(scene->loop, until - loop_now_ms());
	return number && *number >= want;
}

/* Channels given up while the machine is still asked for them must not hold its slots for ever. */
static void opening(struct scene *scene)
{
	connection_open(scene->connection[0]);
	wait_for(scene, &scene->up, 1, 10000);
	for (int i = 0; i < 12; i++) {
		struct channel *channel = begin(scene, "true");

		loop_step(scene->loop, 0);
		channel_cancel(channel);
	}
	begin(scene, "echo x");
	wait_for(scene, &scene->ended, 1, 10000);
	printf("opening status=%d output=%zu\n", scene->status, scene->output);
}

static long cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* Of two machines behind one jump host the first is let go; nobody may turn in circles for it. */
static void behind(struct scene *scene)
{
	long before;

	connection_open(scene->connection[0]);
	connection_open(scene->connection[1]);
	wait_for(scene, &scene->up, 2, 15000);
	connection_free(scene->connection[0]);
	scene->connection[0] = NULL;
	before = cpu_ms();
	wait_for(scene, NULL, 0, 1000);
	printf("behind up=%d down=%d busy=%d\n", scene->up, scene->down, cpu_ms() - before > 300);
}

int main(int argc, char **argv)
{
	static const struct connection_handler handler = {.up = on_up, .down = on_down};
	struct transport_options options = {.ssh_config = argc > 2 ? argv[2] : NULL};
	struct scene scene = {.status = -1};
	struct error err = ERROR_INIT;

	setvbuf(stdout, NULL, _IOLBF, 0);
	scene.loop = loop_new();
	scene.transport = transport_new(scene.loop, &options);
	for (int i = 0; i < 2 && i + 3 < argc; i++)
		scene.connection[i] =
			connection_new(scene.transport, argv[i + 3], &handler, &scene, &err);
	if (!scene.connection[0])
		return 2;
	if (!strcmp(argv[1], "opening"))
		opening(&scene);
	else if (!strcmp(argv[1], "behind") && scene.connection[1])
		behind(&scene);
	for (int i = 0; i < 2; i++)
		connection_free(scene.connection[i]);
	transport_free(scene.transport);
	loop_free(scene.loop);
	return 0;
}
