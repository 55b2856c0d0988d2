/* SPDX-License-Identifier: MIT */
/*
 * Drives src/target from a test: `target start|query|stop KEY=VALUE…` makes one request to a machine
 * (KEY machine; this computer if left out) and prints each event as one line. A value that begins
 * with @ is read from that file.
 */
#include "base/base.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "base/strvec.h"
#include "target/target.h"
#include "transport/transport.h"

static struct strvec args = STRVEC_INIT, env = STRVEC_INIT, environment = STRVEC_INIT;
static bool over;
static int result;
static int64_t begin_us;

static char *read_file(const char *path)
{
	struct strbuf sb = STRBUF_INIT;
	FILE *f = fopen(path, "r");
	char buf[4096];
	size_t n;

	if (!f)
		BUG("cannot open '%s'", path);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		strbuf_add(&sb, buf, n);
	fclose(f);
	return strbuf_detach(&sb);
}

static const char *arg(const char *key, const char *otherwise)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < args.nr; i++)
		if (!strncmp(args.v[i], key, len) && args.v[i][len] == '=')
			return args.v[i][len + 1] == '@' ? read_file(args.v[i] + len + 2)
							 : args.v[i] + len + 1;
	return otherwise;
}

static int64_t number(const char *key, int64_t otherwise)
{
	const char *s = arg(key, NULL);

	return s ? strtoll(s, NULL, 10) : otherwise;
}

static void put(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == '\\' || (unsigned char)text[i] > 126)
			printf("\\x%02x", (unsigned char)text[i]);
		else
			putchar(text[i]);
}

static void put_run(const struct target_run *run)
{
	static const char *const phase[] = {"none",    "lives",	   "stopping", "ended",
					    "stopped", "orphaned", "vanished", "foreign"};

	printf("%s/%s %s run=%s exit=%d signal=%d pid=%" PRId64 " pids=%zu up=%.2f ended=%.2f "
	       "ready=%.2f cpu=%.1f mem=%" PRId64 " log_failed=%d persistent=%d\n",
	       run->session, run->process, phase[run->phase], run->run ? run->run : "-",
	       run->exit_status, run->signal, run->pid, run->nr_pids, run->uptime_s,
	       run->ended_ago_s, run->ready_age_s, run->cpu_percent, run->memory_bytes,
	       run->log_failed, run->persistent);
	printf("  machine=%s container=%s by=%s variants=%s params=%s settings=%s reason=%s cmd=",
	       run->machine, run->container, run->started_by, run->variants, run->params,
	       run->settings, run->reason);
	put(run->cmd ? run->cmd : "", run->cmd ? strlen(run->cmd) : 0);
	putchar('\n');
	for (size_t i = 0; i < run->nr_pids; i++)
		printf("  %*spid %" PRId64 " %s\n", (int)run->pid_list[i].depth * 2, "",
		       run->pid_list[i].pid, run->pid_list[i].command);
}

static void put_end(const struct error *err)
{
	if (err)
		printf("error %d %s\n", err->code, err->text);
	printf("done %.1f ms\n", (double)(loop_now_us() - begin_us) / 1000);
	fflush(stdout);
	result = err ? (int)err->code : 0;
	over = true;
}

static void on_event(const struct target_event *event, void *data)
{
	static const char *const type[] = {"started", "alive", "out",	   "probe",
					   "ready",   "ended", "notready", "pending"};

	(void)data;
	printf("%s %.1f exit=%d signal=%d offset=%" PRId64 " ", type[event->type],
	       (double)(loop_now_us() - begin_us) / 1000, event->exit_status, event->signal,
	       event->log_offset);
	put(event->text ? event->text : "", event->text_len);
	putchar('\n');
	if (event->run)
		put_run(event->run);
	fflush(stdout);
}

static void on_done(const struct error *err, void *data)
{
	(void)data;
	put_end(err);
}

static void do_start(struct target *target, const char *id)
{
	struct target_start_handler handler = {.event = on_event, .done = on_done};
	struct target_start start = {
		.session = arg("session", "robot"),
		.process = arg("process", "x"),
		.run = arg("run", id),
		.machine = arg("machine", "local"),
		.container = arg("container", NULL),
		.engine = arg("engine", NULL),
		.shell = arg("shell", "bash -ic"),
		.setup = arg("setup", NULL),
		.cwd = arg("cwd", NULL),
		.cmd = arg("cmd", "sleep 60"),
		.env = (const char *const *)env.v,
		.environ = environment.nr ? (const char *const *)environment.v : NULL,
		.persistent = number("persistent", 1),
		.ready_cmd = arg("ready_cmd", NULL),
		.ready_log = arg("ready_log", NULL),
		.ready_interval_ms = number("ready_interval", 500),
		.ready_timeout_ms = number("ready_timeout", 0),
		.ready_deadline_ms = number("ready_deadline", 0),
		.variants = arg("variants", ""),
		.params = arg("params", ""),
		.settings = arg("settings", "S"),
		.started_by = "me@here",
		.follow_only = number("follow_only", 0),
		.log_offset = number("log_offset", 0),
		.hold_ms = number("hold", -1),
	};

	target_start(target, &start, &handler, NULL);
}

static void on_snapshot(const struct target_snapshot *snapshot, const struct error *err, void *data)
{
	(void)data;
	for (size_t i = 0; snapshot && i < snapshot->nr_runs; i++)
		put_run(&snapshot->run[i]);
	if (snapshot)
		printf("tmux %s\n", snapshot->tmux_version);
	put_end(err);
}

static void do_query(struct target *target)
{
	const char *sessions[] = {arg("session", "robot"), arg("session2", NULL), NULL};
	struct target_query query = {.sessions = sessions, .tree = number("tree", 0)};

	target_ask(target, &query, on_snapshot, NULL);
}

static void on_step(const char *what, size_t nr, void *data)
{
	(void)data;
	printf("step %.1f %s %zu\n", (double)(loop_now_us() - begin_us) / 1000, what, nr);
}

static void on_stopped(const struct target_run *run, bool was_alive, const struct error *err,
		       void *data)
{
	(void)data;
	printf("stopped alive=%d\n", was_alive);
	if (run)
		put_run(run);
	put_end(err);
}

static void do_stop(struct target *target)
{
	struct target_stop_handler handler = {.step = on_step, .done = on_stopped};
	struct target_stop stop = {
		.session = arg("session", "robot"),
		.process = arg("process", "x"),
		.run = arg("run", NULL),
		.signal = (int)number("signal", SIGINT),
		.grace_ms = number("grace", 1000),
		.term_ms = number("term", 1000),
		.force = number("force", 0),
		.stop_cmd = arg("stop_cmd", NULL),
		.shell = arg("shell", "bash -ic"),
		.env = (const char *const *)env.v,
		.container = arg("container", NULL),
		.engine = arg("engine", NULL),
	};

	target_stop(target, &stop, &handler, NULL);
}

int main(int argc, char **argv)
{
	struct loop *loop = loop_new();
	struct transport_options transport_options = {.accept_new = false};
	struct connection_handler handler = {0};
	struct error err = ERROR_INIT;
	struct transport *transport = transport_new(loop, &transport_options);
	char id[TARGET_RUN_ID_LEN + 1];
	struct connection *connection;
	struct target *target;

	for (int i = 2; i < argc; i++)
		if (!strncmp(argv[i], "env=", 4))
			strvec_push(&env, argv[i] + 4);
		else if (!strncmp(argv[i], "environ=", 8))
			strvec_push(&environment, argv[i] + 8);
		else
			strvec_push(&args, argv[i]);
	transport_options.ssh_config = arg("ssh_config", NULL);
	connection = connection_new(transport, arg("machine", "local"), &handler, NULL, &err);
	if (!connection || argc < 2)
		BUG("%s", err.text);
	target = target_new(connection,
			    &(struct target_options){.tmux_socket = arg("socket", NULL),
						     .log_keep = (int)number("keep", 5)});
	target_new_run_id(id);
	begin_us = loop_now_us();
	if (!strcmp(argv[1], "start"))
		do_start(target, id);
	else if (!strcmp(argv[1], "query"))
		do_query(target);
	else
		do_stop(target);
	while (!over)
		loop_step(loop, 1000);
	target_free(target);
	connection_free(connection);
	transport_free(transport);
	loop_free(loop);
	return result;
}
