/* SPDX-License-Identifier: MIT */
/*
 * A machine as a place where processes run, and the life of a request to it: the script goes out,
 * its answer comes in through answer.c, and the caller hears of the end once. When the answer is
 * whole the job is over; its channel may take its time to close (the script tidies up after its
 * answer), so the job stays in its target's list until then.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "target/job.h"
#include "target/shell.h"

#define COMPLAINT_MAX 4096

struct target *target_new(struct connection *connection, const struct target_options *options)
{
	struct target *target = xcalloc(1, sizeof(*target));

	target->connection = connection;
	target->tmux_socket = xstrdup_or_null(options->tmux_socket);
	target->log_keep = options->log_keep > 0 ? options->log_keep : 1;
	target->log_max_bytes = options->log_max_bytes;
	return target;
}

static void job_free(struct target_job *job)
{
	struct target_job **link = &job->target->jobs;

	while (*link != job)
		link = &(*link)->next;
	*link = job->next;
	channel_cancel(job->channel);
	job->kind->release(job);
	answer_release(&job->answer);
	strbuf_release(&job->complaint);
	free(job->what);
	free(job);
}

void target_free(struct target *target)
{
	if (!target)
		return;
	while (target->jobs) {
		if (!target->jobs->told)
			BUG("a target is freed while a job is under way");
		job_free(target->jobs);
	}
	free(target->tmux_socket);
	free(target);
}

struct connection *target_connection(const struct target *target)
{
	return target->connection;
}

static const char *machine_name(const struct target *target)
{
	const char *name = connection_machine(target->connection);

	return name ? name : "local";
}

/* Tells the caller of the end; the job itself stays until its channel has closed. */
static void tell_over(struct target_job *job, struct error *err)
{
	if (job->told)
		return;
	job->told = true;
	/* The transport's own errors name the machine. */
	if (err && err->code == ERROR_UNREACHABLE)
		error_prefix(err, "%s", job->what);
	else if (err)
		error_prefix(err, "%s on '%s'", job->what, machine_name(job->target));
	job->kind->over(job, err);
}

static void on_fact(const char *key, char *value, void *data)
{
	struct target_job *job = data;

	if (job->told)
		return;
	log_debug("'%s' says: %s %.200s", machine_name(job->target), key, value);
	if (!strcmp(key, "fail")) {
		bool conflict = !strncmp(value, "conflict ", 9);

		value += strcspn(value, " ");
		error_set(&job->err, conflict ? ERROR_CONFLICT : ERROR_FAILED, "%s",
			  value + (*value == ' '));
	} else {
		job->kind->fact(job, key, value);
	}
}

static void on_raw(const char *bytes, size_t len, void *data)
{
	struct target_job *job = data;

	if (!job->told && job->kind->raw)
		job->kind->raw(job, bytes, len);
}

static void on_output(struct channel *channel, int stream, const char *data, size_t len, void *user)
{
	struct target_job *job = user;
	struct error err = ERROR_INIT;

	(void)channel;
	if (stream == 2) {
		strbuf_add_max(&job->complaint, data, len, COMPLAINT_MAX);
		return;
	}
	job->inside = true;
	if (answer_feed(&job->answer, data, len, &err))
		tell_over(job, &err);
	else if (job->answer.state == ANSWER_OVER)
		tell_over(job, job->err.code ? &job->err : NULL);
	job->inside = false;
}

/* Why no whole answer came: the transport's error, the script's, or what the login said. */
static void explain(struct target_job *job, const struct channel_result *result, struct error *err)
{
	char *line;

	if (job->err.code) {
		*err = job->err;
		return;
	}
	if (result->err.code) {
		*err = result->err;
		return;
	}
	strbuf_rtrim(&job->complaint);
	line = strrchr(job->complaint.buf, '\n');
	line = line ? line + 1 : job->complaint.buf;
	error_set(err, ERROR_FAILED, "%s%s%s%s",
		  job->answer.state == ANSWER_BEFORE
			  ? "the login shell did not run what it was sent (does a start-up file "
			    "there, such as ~/.bashrc, exit, start another shell or read the "
			    "input?)"
			  : "its answer was cut short",
		  *line ? "; it said '" : "", line, *line ? "'" : "");
}

static void on_closed(struct channel *channel, const struct channel_result *result, void *user)
{
	struct target_job *job = user;
	struct error err = ERROR_INIT;

	(void)channel;
	job->channel = NULL;
	job->inside = true;
	if (!job->told) {
		explain(job, result, &err);
		tell_over(job, &err);
	}
	job_free(job);
}

void target_job_cancel(struct target_job *job)
{
	if (!job)
		return;
	job->told = true;
	/* Its own callback is still using it: it goes when its channel closes, or with its target. */
	if (!job->inside)
		job_free(job);
	else if (job->channel && job->kind->keeps_input)
		channel_eof(job->channel);
}

void job_init(struct target_job *job, struct target *target, const struct job_kind *kind,
	      char *what)
{
	job->kind = kind;
	job->target = target;
	job->what = what;
	answer_init(&job->answer);
	job->answer.fact = on_fact;
	job->answer.raw = on_raw;
	job->answer.data = job;
	strbuf_init(&job->complaint);
	job->next = target->jobs;
	target->jobs = job;
}

void job_run(struct target_job *job, const struct strbuf *request, const char *const *scripts,
	     enum channel_priority priority, int64_t timeout_ms)
{
	struct strbuf input = STRBUF_INIT;
	struct channel_options options = {
		.command = "exec sh -s",
		.keep_input = job->kind->keeps_input,
		.priority = priority,
		.timeout_ms = timeout_ms,
		.silence_ms = job->kind->silence_ms,
		.output = on_output,
		.closed = on_closed,
		.user = job,
	};

	/*
	 * A start-up file may have put zsh in the place of the shell that was to exec sh. Without
	 * quotes, here and below: had the login eaten a part of a line, the rest would do nothing.
	 */
	strbuf_addstr(&input, "test ${ZSH_VERSION-} && emulate sh\n");
	strbuf_addf(&input, "c_nonce=%s\n", job->answer.nonce);
	shell_assign(&input, "c_socket", job->target->tmux_socket);
	shell_assign_int(&input, "c_keep", job->target->log_keep);
	strbuf_add(&input, request->buf, request->len);
	for (; *scripts; scripts++)
		strbuf_addstr(&input, *scripts);
	strbuf_addf(&input, "%s%s\n", job->kind->main, job->kind->keeps_input ? "" : " </dev/null");
	options.input = input.buf;
	options.input_len = input.len;
	job->channel = connection_exec(job->target->connection, &options);
	strbuf_release(&input);
}
