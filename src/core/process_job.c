/* SPDX-License-Identifier: MIT */
/*
 * Requests to the machine of a process: start, follow, stop. Their contract is in process_job.h.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/engine.h"
#include "core/order.h"
#include "core/process_job.h"

extern char **environ;

/* With so many processes on a machine or fewer, each has a channel, if the machine allows it. */
#define LOAD_MAX   8
/* With more they take turns; a turn lasts this long. */
#define TURN_MS	   2000
/* Machines that allow fewer say so only when asked, so nobody keeps a channel that another may
 * wait for. */
#define PATIENT_MS 5000

static void on_event(const struct target_event *event, void *data);
static void on_done(const struct error *err, void *data);
static const struct target_start_handler start_handler = {.event = on_event, .done = on_done};

/* How the run is followed, once what it is has been said. */
static void set_following(struct target_start *start, const struct process *process,
			  bool follow_only)
{
	size_t load = engine_load(process->engine, process->machine);
	bool crowded = load > LOAD_MAX || load > connection_slots(process->machine->connection);

	start->follow_only = follow_only;
	start->log_offset = process->log_offset;
	start->hold_ms = load == 1 ? -1 : !crowded ? PATIENT_MS : follow_only ? TURN_MS : 0;
	start->priority = crowded && follow_only ? CHANNEL_BACKGROUND : CHANNEL_URGENT;
	if (process->phase == PROCESS_ENDING) {
		/* As a one-shot is followed: to its end. */
		start->persistent = false;
		start->ready_cmd = start->ready_log = NULL;
	}
}

static void request(struct process *process, bool follow_only)
{
	const struct spec *spec = &process->step->spec;
	char *variants = record_list(&spec->variants);
	char *params = record_list(&spec->given);
	char *settings = spec_fingerprint(spec);
	struct target_start start;

	order_start(&start, spec);
	start.run = process->run;
	start.machine = process->machine->name;
	start.environ = process->machine->local ? (const char *const *)environ : NULL;
	start.variants = variants;
	start.params = params;
	start.settings = settings;
	start.started_by = process->engine->started_by;
	set_following(&start, process, follow_only);
	process->job = target_start(process->machine->target, &start, &start_handler, process);
	free(variants);
	free(params);
	free(settings);
}

void process_job_start(struct process *process)
{
	request(process, false);
}

void process_job_follow(struct process *process)
{
	request(process, true);
}

/* The last line that has something in it: what a failing check most likely says. */
static void last_line(struct strbuf *line, const char *text, size_t len)
{
	size_t start;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	for (start = len; start && text[start - 1] != '\n'; start--)
		;
	strbuf_add_max(line, text + start, len - start, 300);
}

static void on_probe(struct process *process, const struct target_event *event)
{
	struct strbuf line = STRBUF_INIT;

	last_line(&line, event->text ? event->text : "", event->text_len);
	if (!line.len && event->signal)
		strbuf_addstr(&line, "it timed out");
	else if (!line.len)
		strbuf_addf(&line, "it exited with status %d", event->exit_status);
	engine_tell(process->engine, process, CONCERT_EVENT_READY_CHECK, CONCERT_LEVEL_DEBUG,
		    "not ready yet: %s", line.buf);
	strbuf_release(&line);
}

static void on_not_ready(struct process *process, const struct target_event *event)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "not ready within %.3g s",
		    process->step->process->ready.deadline_ms / 1e3);
	if (event->text_len) {
		strbuf_addstr(&text, "; the ready check said last: ");
		strbuf_add_max(&text, event->text, event->text_len, 4096);
		strbuf_rtrim(&text);
	}
	process_on_failure(process, CONCERT_FAILED, text.buf);
	strbuf_release(&text);
}

static void on_ended(struct process *process, const struct target_event *event)
{
	struct strbuf line = STRBUF_INIT;

	last_line(&line, event->text ? event->text : "", event->text_len);
	process_on_end(process, event->exit_status, event->signal, line.buf);
	strbuf_release(&line);
}

static void on_event(const struct target_event *event, void *data)
{
	struct process *process = data;

	/* Its machine may contradict itself; the first word counts. */
	if (process_is_over(process) && event->type != TARGET_OUTPUT)
		return;
	switch (event->type) {
	case TARGET_STARTED:
	case TARGET_ALIVE:
		if (process->phase == PROCESS_STARTING)
			process_on_started(process, event->run, event->type == TARGET_STARTED);
		break;
	case TARGET_OUTPUT:
		process->log_offset = event->log_offset;
		engine_tell_output(process->engine, process, event->text, event->text_len);
		break;
	case TARGET_PROBE:
		on_probe(process, event);
		break;
	case TARGET_READY:
		process_on_ready(process);
		break;
	case TARGET_ENDED:
		on_ended(process, event);
		break;
	case TARGET_NOT_READY:
		on_not_ready(process, event);
		break;
	case TARGET_PENDING:
		break; /* on_done() asks again, as it does for whatever is not over */
	}
}

static void on_retry(void *data)
{
	struct process *process = data;

	loop_timer_remove(process->retry);
	process->retry = NULL;
	if (process->phase == PROCESS_STOPPING)
		process_job_stop(process);
	else
		request(process, process->phase != PROCESS_STARTING);
}

/* The job failed: tries again after a lost connection, gives up otherwise. */
static void on_failure(struct process *process, const struct error *err)
{
	int64_t ms = -1;

	if (err->code == ERROR_UNREACHABLE)
		ms = machine_retry_ms(process->machine, process->engine->request->ssh_retries);
	if (ms >= 0)
		process->retry =
			loop_timer_add(process->engine->concert->loop, ms, on_retry, process);
	else
		process_lose(process, err);
}

static void on_done(const struct error *err, void *data)
{
	struct process *process = data;

	process->job = NULL;
	engine_changed(process->engine);
	if (process_is_over(process))
		return;
	if (err)
		on_failure(process, err);
	else
		process_job_follow(process);
}

static void on_stop_step(const char *what, size_t nr, void *data)
{
	struct process *process = data;

	engine_tell(process->engine, process, CONCERT_EVENT_KILL, CONCERT_LEVEL_INFO,
		    "sent %s to %zu process%s", what, nr, nr == 1 ? "" : "es");
}

static void on_stop_done(const struct target_run *run, bool was_alive, const struct error *err,
			 void *data)
{
	struct process *process = data;

	(void)run;
	(void)was_alive;
	process->job = NULL;
	if (err)
		on_failure(process, err);
	else
		process_on_stopped(process);
}

void process_job_stop(struct process *process)
{
	static const struct target_stop_handler handler = {
		.step = on_stop_step,
		.done = on_stop_done,
	};
	struct target_stop stop;

	order_stop(&stop, &process->step->spec);
	stop.container = process->found_container; /* it may have run in another one */
	process->job = target_stop(process->machine->target, &stop, &handler, process);
}
