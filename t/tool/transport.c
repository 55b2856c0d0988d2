/* SPDX-License-Identifier: MIT */
/*
 * Drives the transport for t/010-transport.t: connects to machines, runs one command on each, and
 * prints what happened, one line an event:
 *
 *	up MACHINE ms=N
 *	down MACHINE code=N ms=N TEXT
 *	closed MACHINE N status=N signal=N code=N cut=N out=N:SUM err=N:SUM ms=N TEXT
 *	asked ECHO PROMPT
 */
#include "base/base.h"
#include <sys/resource.h>
#include "base/log.h"
#include "base/strbuf.h"
#include "transport/transport.h"

struct run;

struct machine {
	struct run *run;
	struct connection *connection;
};

struct exec {
	struct machine *machine;
	struct channel *channel;
	int number;
	int64_t began;
	size_t len[2];
	uint32_t sum[2];
	struct loop_timer *timer;
	int pieces;
	bool paused, was_paused;
};

struct run {
	struct loop *loop;
	struct transport_options options;
	struct transport *transport;
	struct machine machine[128];
	struct exec exec[4096];
	int machines, execs, open;
	int channels, background, repeat;
	struct channel_options channel;
	const char *answers[8];
	int answer, nr_answers;
	int64_t began, cancel_ms;
	int pieces; /* -w: so many pieces of input, written later */
	bool pause; /* -P: pauses for a while after the first output */
	bool show, stay;
	struct strbuf input;
};

static void up(struct connection *connection, void *data)
{
	struct machine *machine = data;

	printf("up %s ms=%" PRId64 "\n", connection_machine(connection),
	       loop_now_ms() - machine->run->began);
}

static void down(struct connection *connection, const struct error *err, void *data)
{
	struct machine *machine = data;

	printf("down %s code=%d ms=%" PRId64 " %s\n", connection_machine(connection), err->code,
	       loop_now_ms() - machine->run->began, err->text);
}

static void output(struct channel *channel, int stream, const char *data, size_t len, void *user)
{
	struct exec *exec = user;

	if (exec->paused)
		printf("output while paused\n");
	if (exec->machine->run->pause && !exec->was_paused) {
		exec->paused = exec->was_paused = true;
		channel_pause(channel, true);
		loop_timer_set(exec->timer, 300);
	}
	exec->len[stream - 1] += len;
	for (size_t i = 0; i < len; i++)
		exec->sum[stream - 1] = exec->sum[stream - 1] * 31 + (unsigned char)data[i];
	if (exec->machine->run->show)
		fwrite(data, 1, len, stdout);
}

static void closed(struct channel *channel, const struct channel_result *result, void *user)
{
	struct exec *exec = user;

	(void)channel;
	printf("closed %s %d status=%d signal=%d code=%d cut=%d out=%zu:%08x err=%zu:%08x ms=%" PRId64
	       " %s\n",
	       connection_machine(exec->machine->connection), exec->number, result->exit_status,
	       result->signal, result->err.code, result->cut, exec->len[0], exec->sum[0],
	       exec->len[1], exec->sum[1], loop_now_ms() - exec->began, result->err.text);
	exec->channel = NULL;
	loop_timer_remove(exec->timer);
	exec->timer = NULL;
	exec->machine->run->open--;
}

static void on_timer(void *data)
{
	static const char piece[100000] = "piece";
	struct exec *exec = data;

	if (exec->paused) {
		exec->paused = false;
		channel_pause(exec->channel, false);
	} else if (exec->pieces) {
		channel_write(exec->channel, piece, sizeof(piece));
		if (!--exec->pieces)
			channel_eof(exec->channel);
		loop_timer_set(exec->timer, exec->pieces ? 20 : -1);
	}
}

static int ask(const char *prompt, bool echo, char *answer, size_t size, void *data)
{
	struct run *run = data;

	printf("asked %d %s\n", echo, prompt);
	if (run->answer >= run->nr_answers)
		return -1;
	snprintf(answer, size, "%s", run->answers[run->answer++]);
	return 0;
}

static void trace(enum log_level level, const char *text, void *data)
{
	(void)level;
	(void)data;
	fprintf(stderr, "# %" PRId64 " %s\n", loop_now_ms() % 100000, text);
}

static void read_input(struct run *run, const char *path)
{
	char buf[65536];
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		exit(2);
	while ((n = fread(buf, 1, sizeof(buf), file)))
		strbuf_add(&run->input, buf, n);
	fclose(file);
	run->channel.input = run->input.buf;
	run->channel.input_len = run->input.len;
}

static void parse(struct run *run, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "+F:t:aA:n:i:pT:m:bvk:osr:w:P")) != -1) {
		switch (opt) {
		case 'F':
			run->options.ssh_config = optarg;
			break;
		case 't':
			run->options.connect_timeout_ms = strtol(optarg, NULL, 10);
			break;
		case 'a':
			run->options.accept_new = true;
			break;
		case 'A':
			run->options.ask = ask;
			run->answers[run->nr_answers++] = optarg;
			break;
		case 'n':
			run->channels = (int)strtol(optarg, NULL, 10);
			break;
		case 'i':
			read_input(run, optarg);
			break;
		case 'p':
			run->channel.pty_term = "xterm";
			run->channel.rows = 33;
			run->channel.columns = 77;
			break;
		case 'T':
			run->channel.timeout_ms = strtol(optarg, NULL, 10);
			break;
		case 'm':
			run->channel.max_output = strtoul(optarg, NULL, 10);
			break;
		case 'b':
			run->channel.priority = CHANNEL_BACKGROUND;
			break;
		case 'v':
			log_set_handler(trace, NULL, LOG_LEVEL_DEBUG);
			break;
		case 'k':
			run->cancel_ms = strtol(optarg, NULL, 10);
			break;
		case 'o':
			run->show = true;
			break;
		case 's':
			run->stay = true;
			break;
		case 'w':
			run->pieces = (int)strtol(optarg, NULL, 10);
			run->channel.keep_input = true;
			break;
		case 'P':
			run->pause = true;
			break;
		case 'r':
			run->repeat = (int)strtol(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
}

static void start(struct run *run, struct machine *machine, int number)
{
	struct exec *exec = &run->exec[run->execs++];

	exec->machine = machine;
	exec->number = number;
	exec->began = loop_now_ms();
	run->channel.output = output;
	run->channel.closed = closed;
	run->channel.user = exec;
	exec->pieces = run->pieces;
	exec->timer = loop_timer_add(run->loop, exec->pieces ? 20 : -1, on_timer, exec);
	exec->channel = connection_exec(machine->connection, &run->channel);
	run->open++;
}

static void connect_all(struct run *run, int argc, char **argv)
{
	static const struct connection_handler handler = {.up = up, .down = down};
	struct error err = ERROR_INIT;

	for (; optind < argc && strcmp(argv[optind], "--") != 0; optind++) {
		struct machine *machine = &run->machine[run->machines++];

		machine->run = run;
		machine->connection =
			connection_new(run->transport, argv[optind], &handler, machine, &err);
		if (!machine->connection) {
			printf("error code=%d %s\n", err.code, err.text);
			run->machines--;
		}
	}
	run->channel.command = optind + 1 < argc ? argv[optind + 1] : "true";
	if (getenv("COMMAND"))
		run->channel.command = getenv("COMMAND");
}

static void run_all(struct run *run)
{
	run->execs = 0;
	for (int n = 0; n < run->channels; n++)
		for (int m = 0; m < run->machines; m++)
			start(run, &run->machine[m], n);
	while (run->open) {
		loop_step(run->loop, run->cancel_ms ? 10 : -1);
		if (run->cancel_ms && loop_now_ms() - run->began > run->cancel_ms)
			break;
	}
}

static void print_usage(struct run *run)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("total ms=%" PRId64 " cpu_us=%ld\n", loop_now_ms() - run->began,
	       (long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
		       (long)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec));
}

int main(int argc, char **argv)
{
	static struct run run = {.channels = 1, .repeat = 1, .input = STRBUF_INIT};

	setvbuf(stdout, NULL, _IOLBF, 0);
	parse(&run, argc, argv);
	run.options.data = &run;
	run.loop = loop_new();
	run.transport = transport_new(run.loop, &run.options);
	run.began = loop_now_ms();
	connect_all(&run, argc, argv);
	for (int i = 0; i < run.repeat; i++)
		run_all(&run);
	while (run.stay)
		loop_step(run.loop, -1);
	print_usage(&run);
	for (int e = 0; e < run.execs; e++)
		loop_timer_remove(run.exec[e].timer);
	for (int m = 0; m < run.machines; m++)
		connection_free(run.machine[m].connection);
	transport_free(run.transport);
	loop_free(run.loop);
	strbuf_release(&run.input);
	return 0;
}
