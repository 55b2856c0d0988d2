/* SPDX-License-Identifier: MIT */
/*
 * The request for scripts/watch.sh, and its answer: a line for each mark, and frames of bytes.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "scripts.h"
#include "target/job.h"
#include "target/shell.h"
#include "target/watch.h"

#define FRAME_MAX  (64 << 20)
#define NUMBER_MAX (1LL << 60) /* so that a sum of two is a number */

struct watch_job {
	struct target_job job; /* first: a watch_job is a target_job */
	struct target_watch_handler handler;
	void *data;
	size_t nr;
	struct target_watch_event frame; /* the one whose bytes come */
	double epoch;			 /* the machine's clock when it had been up for 0 s */
};

static void tell(struct watch_job *watch, const struct target_watch_event *event)
{
	watch->handler.event(event, watch->data);
}

/* Takes the number at `*p` and the space behind it; -1 if there is none. */
static int64_t take_number(char **p)
{
	char *end;
	long long n = strtoll(*p, &end, 10);

	if (end == *p || n < 0 || n > NUMBER_MAX)
		return -1;
	*p = end + (*end == ' ');
	return n;
}

/* Cuts the word at `*p` off. */
static char *take_word(char **p)
{
	char *word = *p;

	*p += strcspn(*p, " ");
	if (**p)
		*(*p)++ = '\0';
	return word;
}

/* What a machine calls a run is shown to people, and goes into the next request. */
static bool is_run_id(const char *s)
{
	size_t len = strspn(s, "0123456789abcdef");

	return len && len <= TARGET_RUN_ID_LEN && !s[len];
}

/* "OFFSET LEN TIME": that many raw bytes come next. TIME is in 1/100 s since boot. */
static void begin_frame(struct watch_job *watch, size_t stream, char *value)
{
	int64_t offset = take_number(&value), len = take_number(&value);
	int64_t time = take_number(&value);

	if (offset < 0 || len <= 0 || len > FRAME_MAX)
		return;
	watch->frame = (struct target_watch_event){
		.type = TARGET_WATCH_BYTES,
		.stream = stream,
		.offset = offset,
		.time = time > 0 && time < INT64_C(100000000000000)
				? watch->epoch + (double)time / 100
				: 0,
	};
	answer_expect_raw(&watch->job.answer, (uint64_t)len);
}

static void watch_raw(struct target_job *job, const char *bytes, size_t len)
{
	struct watch_job *watch = (struct watch_job *)job;
	struct target_watch_event event = watch->frame;

	event.bytes = bytes;
	event.len = len;
	watch->frame.offset += (int64_t)len;
	tell(watch, &event);
}

/* "RUN exit 3", "RUN signal 9" or "RUN unknown 0", and perhaps "stopped". */
static void tell_end(struct watch_job *watch, size_t stream, char *value)
{
	struct target_watch_event event = {
		.type = TARGET_WATCH_END, .stream = stream, .exit_status = -1};
	const char *kind;
	int64_t number;

	event.run = take_word(&value);
	kind = take_word(&value);
	number = take_number(&value);
	if (!strcmp(kind, "exit") && number >= 0 && number <= 255)
		event.exit_status = (int)number;
	else if (!strcmp(kind, "signal") && number > 0 && number < 128)
		event.signal = (int)number;
	event.stopped = !strcmp(value, "stopped");
	if (is_run_id(event.run))
		tell(watch, &event);
}

static void tell_mark(struct watch_job *watch, const char *key, size_t stream, char *value)
{
	struct target_watch_event event = {.stream = stream, .type = TARGET_WATCH_NONE};

	if (!strcmp(key, "begin")) {
		event.type = TARGET_WATCH_BEGIN;
		event.run = take_word(&value);
		event.offset = take_number(&value);
		if (!is_run_id(event.run) || event.offset < 0)
			return;
	} else if (!strcmp(key, "lost")) {
		event.type = TARGET_WATCH_LOST;
		take_number(&value);
		event.offset = take_number(&value);
		if (event.offset < 0)
			return;
	} else if (strcmp(key, "none")) {
		return;
	}
	tell(watch, &event);
}

static void set_clock(struct watch_job *watch, char *value)
{
	double now = strtod(take_word(&value), NULL), up = strtod(value, NULL) / 100;

	/* Neither infinite nor no number. */
	watch->epoch = now >= 0 && now < 1e12 && up >= 0 && up < 1e12 ? now - up : 0;
}

static void watch_fact(struct target_job *job, const char *key, char *value)
{
	struct watch_job *watch = (struct watch_job *)job;
	int64_t stream;

	/* It may go on for days: the bound on an answer is not for this one. */
	job->answer.facts = 0;
	if (!strcmp(key, "clock")) {
		set_clock(watch, value);
		return;
	}
	stream = take_number(&value);
	if (stream < 0 || (size_t)stream >= watch->nr)
		return;
	if (!strcmp(key, "data"))
		begin_frame(watch, (size_t)stream, value);
	else if (!strcmp(key, "over"))
		tell_end(watch, (size_t)stream, value);
	else
		tell_mark(watch, key, (size_t)stream, value);
}

static void watch_over(struct target_job *job, const struct error *err)
{
	struct watch_job *watch = (struct watch_job *)job;

	watch->handler.done(err, watch->data);
}

static void watch_release(struct target_job *job)
{
	(void)job;
}

static const struct job_kind watch_kind = {
	.main = "watch_main",
	.keeps_input = true,
	.fact = watch_fact,
	.raw = watch_raw,
	.over = watch_over,
	.release = watch_release,
};

static void put_streams(struct strbuf *request, const struct target_watch *watch)
{
	struct strbuf list = STRBUF_INIT;

	for (size_t i = 0; i < watch->nr; i++) {
		const struct target_watch_stream *stream = &watch->stream[i];

		strbuf_addf(&list, "%zu %s %s %s %" PRId64 "\n", i, stream->session,
			    stream->process, stream->run ? stream->run : "-",
			    stream->offset < 0 ? -1 : stream->offset);
	}
	shell_assign(request, "c_streams", list.buf);
	strbuf_release(&list);
}

struct target_job *target_watch(struct target *target, const struct target_watch *watch,
				const struct target_watch_handler *handler, void *data)
{
	struct watch_job *job = xcalloc(1, sizeof(*job));
	struct strbuf request = STRBUF_INIT;
	const char *scripts[] = {script_lib, script_log, script_watch, NULL};

	job_init(&job->job, target, &watch_kind, xstrdup("cannot follow the logs"));
	job->handler = *handler;
	job->data = data;
	job->nr = watch->nr;
	put_streams(&request, watch);
	shell_assign_int(&request, "c_lines", watch->lines < 0 ? -1 : watch->lines);
	shell_assign(&request, "c_no_follow", watch->no_follow ? "1" : "");
	shell_assign(&request, "c_once", watch->once ? "1" : "");
	shell_assign(&request, "c_quiet", watch->marks ? "1" : "");
	job_run(&job->job, &request, scripts, CHANNEL_BACKGROUND, 0);
	strbuf_release(&request);
	return &job->job;
}

void target_watch_beat(struct target_job *job)
{
	if (job->channel)
		channel_write(job->channel, "\n", 1);
}
