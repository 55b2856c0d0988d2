/* SPDX-License-Identifier: MIT */
/*
 * The start of a process and what follows it: builds the request for scripts/start.sh and
 * scripts/follow.sh, and turns their facts into events. The text that the process's shell reads is
 * put together here, from the exports, the directory, the setup line and the command.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/facts.h"
#include "target/job.h"
#include "target/request.h"
#include "target/shell.h"
#include "scripts.h"

#define LOG_MAX	   ((long long)1 << 60)
#define TEXT_MAX   16384 /* of a probe's output, of the last lines of a log */
#define SILENCE_MS 60000 /* the script says something every second, and waits 15 s for any tool */

struct start_job {
	struct target_job job; /* first: a start_job is a target_job */
	struct target_start_handler handler;
	void *data;
	char *session, *process;
	struct facts facts;    /* of a run that lives already */
	struct target_run run; /* what STARTED tells */
	struct strbuf text;    /* `t` lines since the last event */
	int64_t log_offset;    /* of the raw bytes that come next */
	bool settled;	       /* it was said how this ends */
};

static void tell(struct start_job *start, struct target_event *event)
{
	switch (event->type) {
	case TARGET_READY:
	case TARGET_ENDED:
	case TARGET_NOT_READY:
	case TARGET_PENDING:
		start->settled = true;
		break;
	default:
		break;
	}
	start->handler.event(event, start->data);
	strbuf_reset(&start->text);
}

static void tell_text(struct start_job *start, enum target_event_type type, int exit_status,
		      int signal)
{
	struct target_event event = {.type = type,
				     .text = start->text.buf,
				     .text_len = start->text.len,
				     .exit_status = exit_status,
				     .signal = signal};

	tell(start, &event);
}

/* A run that was there before: the facts about it have come in front of this. */
static void tell_alive(struct start_job *start)
{
	struct target_event event = {.type = TARGET_ALIVE};
	struct target_snapshot snapshot;

	facts_snapshot(&start->facts, &snapshot);
	event.run = target_snapshot_find(&snapshot, start->session, start->process);
	if (!event.run)
		event.run = &start->run;
	tell(start, &event);
	snapshot_release(&snapshot);
	/* It is emptied, and a machine may say this twice. */
	facts_release(&start->facts);
}

/* "out OFFSET LEN": that many raw bytes come next. */
static void begin_output(struct start_job *start, const char *value)
{
	char *end;
	long long offset = strtoll(value, &end, 10);
	long long len = strtoll(end, NULL, 10);

	if (offset < 0 || offset > LOG_MAX || len <= 0 || len > 1 << 20)
		return;
	start->log_offset = offset;
	answer_expect_raw(&start->job.answer, (uint64_t)len);
}

static void start_raw(struct target_job *job, const char *bytes, size_t len)
{
	struct start_job *start = (struct start_job *)job;
	struct target_event event = {.type = TARGET_OUTPUT, .text = bytes, .text_len = len};

	start->log_offset += (int64_t)len;
	event.log_offset = start->log_offset;
	start->handler.event(&event, start->data);
}

/* An exit status or the number of a signal; -1 if it can be neither. */
static int read_status(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	return end == text || number < 0 || number > 255 ? -1 : (int)number;
}

/* "exit N", "signal N" or "unknown 0". */
static void tell_ended(struct start_job *start, const char *value)
{
	int number = read_status(value + strcspn(value, " "));

	if (!strncmp(value, "exit ", 5))
		tell_text(start, TARGET_ENDED, number, 0);
	else if (!strncmp(value, "signal ", 7))
		tell_text(start, TARGET_ENDED, -1, number > 0 ? number : 0);
	else
		tell_text(start, TARGET_ENDED, -1, 0);
}

static void tell_probe(struct start_job *start, const char *value)
{
	int status = read_status(value);

	if (status > 128)
		tell_text(start, TARGET_PROBE, -1, status - 128);
	else
		tell_text(start, TARGET_PROBE, status, 0);
}

static void start_fact(struct target_job *job, const char *key, char *value)
{
	struct start_job *start = (struct start_job *)job;
	struct target_event started = {.type = TARGET_STARTED, .run = &start->run};

	if (!strcmp(key, "t")) {
		strbuf_add_max(&start->text, value, strlen(value), TEXT_MAX);
		strbuf_add_max(&start->text, "\n", 1, TEXT_MAX);
	} else if (!strcmp(key, "out")) {
		begin_output(start, value);
	} else if (!strcmp(key, "probe")) {
		tell_probe(start, value);
	} else if (!strcmp(key, "started")) {
		tell(start, &started);
	} else if (!strcmp(key, "alive")) {
		tell_alive(start);
	} else if (!strcmp(key, "ended")) {
		tell_ended(start, value);
	} else if (!strcmp(key, "ready")) {
		tell_text(start, TARGET_READY, 0, 0);
	} else if (!strcmp(key, "notready")) {
		tell_text(start, TARGET_NOT_READY, 0, 0);
	} else if (!strcmp(key, "pending")) {
		tell_text(start, TARGET_PENDING, 0, 0);
	} else {
		facts_add(&start->facts, key, value);
	}
}

static void start_over(struct target_job *job, const struct error *err)
{
	struct start_job *start = (struct start_job *)job;
	struct error silent = ERROR_INIT;

	/* Not asked again, for that could go on for ever. */
	if (!err && !start->settled) {
		error_set(&silent, ERROR_FAILED, "%s: its answer does not say what became of it",
			  job->what);
		err = &silent;
	}
	start->handler.done(err, start->data);
}

static void start_release(struct target_job *job)
{
	struct start_job *start = (struct start_job *)job;

	facts_release(&start->facts);
	run_release(&start->run);
	strbuf_release(&start->text);
	free(start->session);
	free(start->process);
}

static const struct job_kind start_kind = {
	.main = "start_main",
	.silence_ms = SILENCE_MS,
	.fact = start_fact,
	.raw = start_raw,
	.over = start_over,
	.release = start_release,
};

static char *nonempty(const char *s)
{
	return s && *s ? xstrdup(s) : NULL;
}

static void fill_run(struct target_run *run, const struct target_start *start)
{
	run_init(run);
	run->session = xstrdup(start->session);
	run->process = xstrdup(start->process);
	run->run = xstrdup(start->run);
	run->phase = RUN_LIVES;
	run->machine = nonempty(start->machine);
	run->container = nonempty(start->container);
	run->started_by = nonempty(start->started_by);
	run->variants = nonempty(start->variants);
	run->params = nonempty(start->params);
	run->settings = nonempty(start->settings);
	run->cmd = xstrndup(start->cmd, 4096);
	run->persistent = start->persistent;
}

static void add_info(struct strbuf *info, const char *key, const char *value, size_t max)
{
	if (!value)
		return;
	strbuf_addf(info, "%s=", key);
	percent_encode(info, value, max);
	strbuf_addch(info, '\n');
}

static void put_info(struct strbuf *request, const struct target_start *start)
{
	struct strbuf info = STRBUF_INIT;

	add_info(&info, "machine", start->machine, 1024);
	add_info(&info, "container", start->container, 1024);
	add_info(&info, "by", start->started_by, 1024);
	add_info(&info, "variants", start->variants, 4096);
	add_info(&info, "params", start->params, 16384);
	add_info(&info, "settings", start->settings, 1024);
	add_info(&info, "cmd", start->cmd, 4096);
	strbuf_addf(&info, "persistent=%d\n", start->persistent);
	shell_printer(request, "put_info", info.buf, NULL, NULL);
	strbuf_release(&info);
}

/* The wrapper's file: what it must know, and its script. */
static void put_wrapper(struct strbuf *request, const struct target_start *start)
{
	struct strbuf text = STRBUF_INIT;

	shell_assign(&text, "w_session", start->session);
	shell_assign(&text, "w_process", start->process);
	shell_assign(&text, "w_machine", start->machine);
	shell_assign(&text, "w_run", start->run);
	shell_assign(&text, "w_container", start->container);
	shell_assign_words(&text, "w_shell", start->shell);
	strbuf_addstr(&text, "w_engine=\001\n");
	strbuf_addstr(&text, script_wrapper);
	shell_printer(request, "put_wrapper", text.buf, "\001", "c_engine");
	strbuf_release(&text);
}

/* The logger's file: the cap, and its script. */
static void put_logger(struct strbuf *request, const struct target *target)
{
	struct strbuf text = STRBUF_INIT;

	shell_assign_int(&text, "l_max", target->log_max_bytes);
	strbuf_addstr(&text, script_logger);
	shell_printer(request, "put_logger", text.buf, NULL, NULL);
	strbuf_release(&text);
}

/* The login's environment as it is, or the one that was given. */
static void put_environ(struct strbuf *request, const char *const *given)
{
	struct strbuf text = STRBUF_INIT;

	if (!given) {
		strbuf_addstr(request, "put_env() {\nexport -p\n}\n");
		return;
	}
	for (; *given; given++)
		shell_export(&text, *given);
	shell_printer(request, "put_env", text.buf, NULL, NULL);
	strbuf_release(&text);
}

static void put_ready(struct strbuf *request, const struct target_start *start)
{
	shell_assign(request, "c_ready_log", start->ready_log);
	shell_assign(request, "c_has_ready", start->ready_cmd ? "1" : "");
	request_body(request, "put_ready", start->env, start->cwd, start->setup,
		     start->ready_cmd ? start->ready_cmd : "", "CONCERT_BODY");
	shell_assign_int(request, "c_ready_interval",
			 start->ready_interval_ms ? start->ready_interval_ms : 500);
	shell_assign_int(request, "c_ready_timeout", start->ready_timeout_ms);
	shell_assign_int(request, "c_ready_deadline", start->ready_deadline_ms);
}

static void build_request(struct strbuf *request, const struct target *target,
			  const struct target_start *start)
{
	request_place(request, start->session, start->process, start->run, start->machine);
	request_shell(request, start->shell, start->container, start->engine);
	shell_assign(request, "c_follow_only", start->follow_only ? "1" : "");
	shell_assign(request, "c_persistent", start->persistent ? "1" : "");
	shell_assign_int(request, "c_log_offset", start->log_offset);
	shell_assign_int(request, "c_hold", start->hold_ms < 0 ? -1 : start->hold_ms);
	put_ready(request, start);
	if (start->follow_only)
		return;
	request_body(request, "put_cmd", start->env, start->cwd, start->setup, start->cmd,
		     start->container ? "CONCERT_BODY" : NULL);
	put_environ(request, start->environ);
	put_info(request, start);
	put_wrapper(request, start);
	put_logger(request, target);
}

struct target_job *target_start(struct target *target, const struct target_start *start,
				const struct target_start_handler *handler, void *data)
{
	struct start_job *job = xcalloc(1, sizeof(*job));
	struct strbuf request = STRBUF_INIT;
	const char *scripts[] = {script_lib,	script_log,   script_facts,
				 script_follow, script_start, NULL};

	job_init(&job->job, target, &start_kind, xasprintf("cannot start '%s'", start->process));
	job->handler = *handler;
	job->data = data;
	job->session = xstrdup(start->session);
	job->process = xstrdup(start->process);
	facts_init(&job->facts);
	fill_run(&job->run, start);
	strbuf_init(&job->text);
	build_request(&request, target, start);
	job_run(&job->job, &request, scripts, start->priority, 0);
	strbuf_release(&request);
	return &job->job;
}
