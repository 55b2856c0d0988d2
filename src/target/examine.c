/* SPDX-License-Identifier: MIT */
/*
 * Examining a machine. Its contract is in examine.h. The first channel is the login, the second a
 * round trip, the third the script.
 */
#include "base/base.h"
#include "target/examine.h"
#include "target/job.h"
#include "target/shell.h"
#include "scripts.h"

#define PING_TIMEOUT_MS	   30000
#define EXAMINE_TIMEOUT_MS 120000
#define LATENCY_BAD_MS	   300
#define CLOCK_BAD_S	   2

struct exam_job {
	struct target_job job; /* first: an exam_job is a target_job */
	struct target_exam *exam;
};

struct target_exam {
	struct target *target;
	struct target_exam_handler handler;
	void *data;
	struct strbuf request;
	struct channel *channel; /* of a ping; NULL if none is under way */
	struct target_job *job;	 /* NULL if it is not under way */
	int64_t began_us, login_us;
	bool logged_in;
	/* A finding whose cure may be on the next line; `text` is NULL if there is none. */
	enum finding_level level;
	char *what, *text;
};

static void exam_free(struct target_exam *exam)
{
	strbuf_release(&exam->request);
	free(exam->what);
	free(exam->text);
	free(exam);
}

static void end_exam(struct target_exam *exam, const struct error *err)
{
	exam->handler.done(err, exam->data);
	exam_free(exam);
}

static void tell(struct target_exam *exam, const char *cure)
{
	if (!exam->text)
		return;
	exam->handler.found(exam->level, exam->what, exam->text, cure, exam->data);
	free(exam->what);
	free(exam->text);
	exam->what = exam->text = NULL;
}

/* ---- the script ---- */

static void hold_finding(struct target_exam *exam, char *value)
{
	char *what = strchr(value, ' '), *text = what ? strchr(what + 1, ' ') : NULL;

	if (!text)
		return;
	*what++ = *text++ = '\0';
	exam->level = !strcmp(value, "ok")	  ? FINDING_OK
		      : !strcmp(value, "warning") ? FINDING_WARNING
						  : FINDING_ERROR;
	exam->what = xstrdup(what);
	exam->text = xstrdup(text);
}

static void judge_clock(struct target_exam *exam, const char *value)
{
	int64_t off = strtoll(value, NULL, 10) - (int64_t)time(NULL);
	bool bad = off > CLOCK_BAD_S || off < -CLOCK_BAD_S;
	char text[80];

	if (bad)
		snprintf(text, sizeof(text), "%" PRId64 " s %s this computer's",
			 off < 0 ? -off : off, off < 0 ? "behind" : "ahead of");
	else
		snprintf(text, sizeof(text), "agrees with this computer's");
	exam->handler.found(bad ? FINDING_WARNING : FINDING_OK, "clock", text,
			    bad ? "run an NTP client on both (chrony, systemd-timesyncd)" : NULL,
			    exam->data);
}

static void exam_fact(struct target_job *job, const char *key, char *value)
{
	struct target_exam *exam = ((struct exam_job *)job)->exam;
	bool cure = !strcmp(key, "cure");

	tell(exam, cure ? value : NULL);
	if (!strcmp(key, "found"))
		hold_finding(exam, value);
	else if (!strcmp(key, "clock"))
		judge_clock(exam, value);
}

static void exam_over(struct target_job *job, const struct error *err)
{
	struct target_exam *exam = ((struct exam_job *)job)->exam;

	exam->job = NULL;
	tell(exam, NULL);
	end_exam(exam, err);
}

static void nothing_to_release(struct target_job *job)
{
	(void)job;
}

static const struct job_kind exam_kind = {
	.main = "doctor_main",
	.fact = exam_fact,
	.over = exam_over,
	.release = nothing_to_release,
};

static void run_script(struct target_exam *exam)
{
	struct exam_job *job = xcalloc(1, sizeof(*job));
	const char *scripts[] = {script_lib, script_doctor, NULL};

	job_init(&job->job, exam->target, &exam_kind, xstrdup("cannot look at everything"));
	job->exam = exam;
	exam->job = &job->job;
	job_run(&job->job, &exam->request, scripts, CHANNEL_URGENT, EXAMINE_TIMEOUT_MS);
}

/* ---- login and latency ---- */

static void ping(struct target_exam *exam);

static void judge_latency(struct target_exam *exam, int64_t us)
{
	bool bad = us > LATENCY_BAD_MS * 1000;
	char text[80];

	snprintf(text, sizeof(text), "in %.2f s",
		 (double)(exam->login_us > us ? exam->login_us - us : 0) / 1e6);
	exam->handler.found(FINDING_OK, "login", text, NULL, exam->data);
	snprintf(text, sizeof(text), "%.1f ms for a command", (double)us / 1e3);
	exam->handler.found(bad ? FINDING_WARNING : FINDING_OK, "latency", text,
			    bad ? "look at the link (Wi-Fi?) and at the load of the machine" : NULL,
			    exam->data);
}

static void on_pong(struct channel *channel, const struct channel_result *result, void *user)
{
	struct target_exam *exam = user;
	int64_t us = loop_now_us() - exam->began_us;

	(void)channel;
	exam->channel = NULL;
	if (result->err.code) {
		end_exam(exam, &result->err);
	} else if (!exam->logged_in) {
		exam->logged_in = true;
		exam->login_us = us;
		ping(exam);
	} else {
		judge_latency(exam, us);
		run_script(exam);
	}
}

static void ping(struct target_exam *exam)
{
	struct channel_options options = {
		.command = "exec true",
		.timeout_ms = PING_TIMEOUT_MS,
		.max_output = 1 << 20,
		.closed = on_pong,
		.user = exam,
	};

	exam->began_us = loop_now_us();
	exam->channel = connection_exec(exam->target->connection, &options);
}

static void add_list(struct strbuf *request, const char *name, const char *const *list)
{
	struct strbuf words = STRBUF_INIT;

	for (; list && *list; list++) {
		strbuf_addch(&words, ' ');
		shell_quote(&words, *list);
	}
	shell_assign(request, name, words.buf);
	strbuf_release(&words);
}

struct target_exam *target_examine(struct target *target, const struct target_examine *examine,
				   const struct target_exam_handler *handler, void *data)
{
	struct target_exam *exam = xcalloc(1, sizeof(*exam));

	exam->target = target;
	exam->handler = *handler;
	exam->data = data;
	strbuf_init(&exam->request);
	add_list(&exam->request, "c_shells", examine->shells);
	add_list(&exam->request, "c_containers", examine->containers);
	ping(exam);
	return exam;
}

void target_exam_cancel(struct target_exam *exam)
{
	if (!exam)
		return;
	channel_cancel(exam->channel);
	target_job_cancel(exam->job);
	exam_free(exam);
}

/* ---- removal ---- */

struct purge_job {
	struct target_job job; /* first: a purge_job is a target_job */
	bool removed;
	void (*done)(bool removed, const struct error *err, void *data);
	void *data;
};

static void purge_fact(struct target_job *job, const char *key, char *value)
{
	if (!strcmp(key, "purged"))
		((struct purge_job *)job)->removed = *value == '1';
}

static void purge_over(struct target_job *job, const struct error *err)
{
	struct purge_job *purge = (struct purge_job *)job;

	purge->done(purge->removed, err, purge->data);
}

struct target_job *target_purge(struct target *target,
				void (*done)(bool removed, const struct error *err, void *data),
				void *data)
{
	static const struct job_kind kind = {
		.main = "purge_main",
		.fact = purge_fact,
		.over = purge_over,
		.release = nothing_to_release,
	};
	struct purge_job *purge = xcalloc(1, sizeof(*purge));
	const char *scripts[] = {script_lib, script_doctor, NULL};
	struct strbuf request = STRBUF_INIT;

	job_init(&purge->job, target, &kind, xstrdup("cannot remove concert's files"));
	purge->done = done;
	purge->data = data;
	job_run(&purge->job, &request, scripts, CHANNEL_URGENT, EXAMINE_TIMEOUT_MS);
	return &purge->job;
}
