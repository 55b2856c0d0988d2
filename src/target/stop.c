/* SPDX-License-Identifier: MIT */
/*
 * The end of a process: the request for scripts/stop.sh, its steps, and what is left.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/facts.h"
#include "target/job.h"
#include "target/request.h"
#include "target/shell.h"
#include "scripts.h"

#define STOP_TIMEOUT_MS 60000 /* beside what grace, TERM and stop.cmd may take */
#define SURVIVORS_NAMED 8

struct stop_job {
	struct target_job job; /* first: a stop_job is a target_job */
	struct target_stop_handler handler;
	void *data;
	char *session, *process;
	struct facts facts;
	struct strbuf left; /* survivors in a container, for the message */
	bool was_alive;
	bool answered; /* it was said whether it was alive */
};

/* "WHAT NR" */
static void tell_step(struct stop_job *stop, char *value)
{
	char *nr = strchr(value, ' ');

	if (!nr || !stop->handler.step)
		return;
	*nr++ = '\0';
	stop->handler.step(value, (size_t)strtoul(nr, NULL, 10), stop->data);
}

/* "PID COMMAND" */
static void add_left(struct stop_job *stop, const char *value)
{
	size_t pid = strcspn(value, " ");

	if (stop->left.len > 500)
		return;
	strbuf_addf(&stop->left, "%spid %.*s (%.60s) in the container", stop->left.len ? ", " : "",
		    (int)pid, value, value + pid + (value[pid] == ' '));
}

static void stop_fact(struct target_job *job, const char *key, char *value)
{
	struct stop_job *stop = (struct stop_job *)job;

	stop->answered = stop->answered || !strcmp(key, "stopped");
	if (!strcmp(key, "step"))
		tell_step(stop, value);
	else if (!strcmp(key, "left"))
		add_left(stop, value);
	else if (!strcmp(key, "stopped"))
		stop->was_alive = *value == '1';
	else
		facts_add(&stop->facts, key, value);
}

/* "pid 12 (sleep 60), pid 13 (…)" */
static void name_survivors(struct error *err, const char *what, const struct target_run *run)
{
	struct strbuf list = STRBUF_INIT;

	for (size_t i = 0; i < run->nr_pids && i < SURVIVORS_NAMED; i++)
		strbuf_addf(&list, "%spid %" PRId64 " (%.60s)", i ? ", " : "", run->pid_list[i].pid,
			    run->pid_list[i].command ? run->pid_list[i].command : "?");
	if (run->nr_pids > SURVIVORS_NAMED)
		strbuf_addf(&list, " and %zu more", run->nr_pids - SURVIVORS_NAMED);
	error_set(err, ERROR_FAILED, "%s: still there: %s", what, list.buf);
	strbuf_release(&list);
}

static void stop_over(struct target_job *job, const struct error *err)
{
	struct stop_job *stop = (struct stop_job *)job;
	struct target_snapshot snapshot;
	const struct target_run *run;
	struct error left = ERROR_INIT;

	if (err) {
		stop->handler.done(NULL, stop->was_alive, err, stop->data);
		return;
	}
	facts_snapshot(&stop->facts, &snapshot);
	run = target_snapshot_find(&snapshot, stop->session, stop->process);
	if (run && run->phase == RUN_FOREIGN && !stop->was_alive)
		error_set(&left, ERROR_CONFLICT, "%s: its window is not concert's", job->what);
	else if (!stop->answered)
		error_set(&left, ERROR_FAILED, "%s: the answer does not say whether it is over",
			  job->what);
	else if (stop->left.len)
		error_set(&left, ERROR_FAILED, "%s: still there: %s", job->what, stop->left.buf);
	else if (run && run->nr_pids)
		name_survivors(&left, job->what, run);
	stop->handler.done(run, stop->was_alive, left.code ? &left : NULL, stop->data);
	snapshot_release(&snapshot);
}

static void stop_release(struct target_job *job)
{
	struct stop_job *stop = (struct stop_job *)job;

	facts_release(&stop->facts);
	strbuf_release(&stop->left);
	free(stop->session);
	free(stop->process);
}

static const struct job_kind stop_kind = {
	.main = "stop_main",
	.fact = stop_fact,
	.over = stop_over,
	.release = stop_release,
};

/* As kill(1) of every shell knows it; those that it does not know are numbers. */
static const char *signal_name(int signal, char number[16])
{
	static const struct {
		int signal;
		const char *name;
	} names[] = {
		{SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGKILL, "KILL"},
		{SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}, {SIGTERM, "TERM"}, {SIGABRT, "ABRT"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].signal == signal)
			return names[i].name;
	snprintf(number, 16, "%d", signal);
	return number;
}

/* What is sent on into a container. */
static void put_inside(struct strbuf *request)
{
	char *text = xasprintf("%s%s%s", script_lib, script_facts, script_end);

	shell_assign(request, "c_inside", text);
	free(text);
}

static void build_request(struct strbuf *request, const struct target_stop *stop)
{
	char number[16];

	request_place(request, stop->session, stop->process, stop->run, NULL);
	request_shell(request, stop->shell, stop->container, stop->engine);
	shell_assign(request, "c_signal", signal_name(stop->signal, number));
	shell_assign(request, "c_force", stop->force ? "1" : "");
	shell_assign_int(request, "c_grace", stop->grace_ms);
	shell_assign_int(request, "c_term", stop->term_ms);
	put_inside(request);
	shell_assign(request, "c_has_stop", stop->stop_cmd ? "1" : "");
	request_body(request, "put_stop", stop->env, stop->cwd, stop->setup,
		     stop->stop_cmd ? stop->stop_cmd : "", "CONCERT_BODY");
}

struct target_job *target_stop(struct target *target, const struct target_stop *stop,
			       const struct target_stop_handler *handler, void *data)
{
	struct stop_job *job = xcalloc(1, sizeof(*job));
	struct strbuf request = STRBUF_INIT;
	const char *scripts[] = {script_lib, script_facts, script_follow,
				 script_end, script_stop,  NULL};

	job_init(&job->job, target, &stop_kind, xasprintf("cannot stop '%s'", stop->process));
	job->handler = *handler;
	job->data = data;
	job->session = xstrdup(stop->session);
	job->process = xstrdup(stop->process);
	facts_init(&job->facts);
	strbuf_init(&job->left);
	build_request(&request, stop);
	job_run(&job->job, &request, scripts, CHANNEL_URGENT,
		stop->grace_ms * 2 + stop->term_ms + STOP_TIMEOUT_MS);
	strbuf_release(&request);
	return &job->job;
}
