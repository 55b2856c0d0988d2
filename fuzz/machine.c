/* SPDX-License-Identifier: MIT */
/*
 * Machines that lie, garble, repeat themselves and go away, against run, kill, restart, query,
 * watch and wait as a whole. The first line of the input chooses the call (r, k, s, q, w or t) and its options (further
 * letters); the rest are the answers, see fuzz_machines().
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "cli/json.h"
#include "concert.h"
#include "fuzz/fuzz.h"

static const char file[] = "context: {session: s, ssh_config: /none}\n"
			   "a: {cmd: run a, machine: m1, ready_check: ok}\n"
			   "b: {cmd: run b, machine: m2, depends: [a], stop: {cmd: bye}}\n"
			   "c: {cmd: run c, machine: m1, persistent: false, docker: box}\n"
			   "d: {cmd: run d, depends: {c: exited, b: started}, machine: m2}\n"
			   "e: {cmd: run e, machine: m1, ready_check: {log: up, deadline: 5s}}\n";

static const char *const all[] = {"a", "b", "c", "d", "e", NULL};

struct call {
	char what;
	int64_t next[5]; /* watch: the offset of the next byte of each process; -1: no run yet */
	struct concert_request request;
	struct strbuf json;
};

static void on_event(const struct concert_event *event, void *data)
{
	struct call *call = data;

	CHECK(event->machine && event->message, "an event without machine or message");
	CHECK(event->process || event->type == CONCERT_EVENT_CONNECT ||
		      event->type == CONCERT_EVENT_ERROR,
	      "an event about nothing");
	concert_state_name(event->state);
	json_add_event(&call->json, event);
	CHECK(call->json.len && strchr(call->json.buf, '\n') == call->json.buf + call->json.len - 1,
	      "not one line: %s", call->json.buf);
	CHECK(fuzz_is_utf8(call->json.buf, call->json.len), "JSON that is no UTF-8");
	strbuf_reset(&call->json);
}

static void on_message(enum concert_level level, const char *text, void *data)
{
	(void)level, (void)data;
	CHECK(*text, "a message without a text");
}

static struct call make_call(const char *letters)
{
	struct call call = {.what = *letters, .json = STRBUF_INIT};

	call.request = (struct concert_request){
		.processes = strchr(letters, '0') ? NULL : all + (strchr(letters, '3') ? 3 : 0),
		.all = strchr(letters, '0') != NULL,
		.ssh_retries = strchr(letters, 'R') ? 3 : 0,
		.restart = *letters == 's',
		.grace_ms = strchr(letters, 'g') ? 0 : -1,
		.force = strchr(letters, 'f') != NULL,
		.only = strchr(letters, 'o') != NULL,
		.with_dependencies = strchr(letters, 'w') != NULL,
		.unlisted = strchr(letters, 'u') != NULL,
		.check = strchr(letters, 'c') != NULL,
		.tree = strchr(letters, 't') != NULL,
		/* A watch goes on for as long as there may be a machine. */
		.deadline_ms = strchr("wt", *letters) ? 20000
			       : strchr(letters, 'D') ? 3000
						      : 0,
	};
	return call;
}

static bool is(const char *action, const char *word)
{
	return action && !strcmp(action, word);
}

/* Nothing may be claimed that no machine has said in a whole answer. */
static void check_row(const struct concert_report_row *row)
{
	CHECK(row->process && row->machine, "a row about nothing");
	CHECK(row->exit_status >= -1 && row->exit_status <= 255, "status %d", row->exit_status);
	CHECK(row->signal >= -1 && row->signal <= 255, "signal %d", row->signal);
	CHECK(!is(row->action, "killed") || fuzz_whole_answers("stop_main"), "a false 'killed'");
	if (row->state != CONCERT_STATE_UNREACHABLE && row->state != CONCERT_STATE_FAILED &&
	    row->state != CONCERT_STATE_WAITING && row->state != CONCERT_STATE_SKIPPED)
		CHECK(fuzz_whole_answers("query_main"), "'%s' is %s, says nobody", row->process,
		      concert_state_name(row->state));
}

static void check_report(const struct call *call, const struct concert_report *report,
			 enum concert_status status)
{
	for (size_t i = 0; i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);

		check_row(row);
		if (status != CONCERT_OK)
			continue;
		CHECK(row->state != CONCERT_STATE_UNREACHABLE, "success without '%s'",
		      row->process);
		if (call->what == 'k')
			CHECK(is(row->action, "killed") || is(row->action, "not running"),
			      "a kill that succeeded: '%s' was %s", row->process, row->action);
		else if (call->what != 'q')
			CHECK(row->state == CONCERT_STATE_READY ||
				      row->state == CONCERT_STATE_RUNNING ||
				      row->state == CONCERT_STATE_EXITED ||
				      row->state == CONCERT_STATE_STOPPED,
			      "a run that succeeded: '%s' is %s", row->process,
			      concert_state_name(row->state));
	}
}

/* Each byte once, in order, of a run that was told of before. */
static int on_output(const struct concert_output *output, void *data)
{
	struct call *call = data;
	int64_t *next = &call->next[output->index];

	CHECK(output->index < ARRAY_SIZE(call->next) && output->process && output->machine,
	      "whose");
	CHECK((output->run != NULL) || output->type == CONCERT_OUTPUT_NONE ||
		      output->type == CONCERT_OUTPUT_END || output->type == CONCERT_OUTPUT_LOST,
	      "bytes of no run");
	CHECK(output->offset >= 0 && output->offset <= INT64_C(1) << 61, "at %lld",
	      (long long)output->offset);
	CHECK(output->time > -1e13 && output->time < 1e13, "at %g s", output->time);
	CHECK(output->exit_status >= -1 && output->exit_status <= 255 && output->signal >= 0 &&
		      output->signal <= 255,
	      "status %d, signal %d", output->exit_status, output->signal);
	if (output->type == CONCERT_OUTPUT_BYTES) {
		CHECK(output->len && output->data && *next >= 0, "no bytes, or before the run");
		CHECK(output->offset >= *next, "told twice");
		*next = output->offset + (int64_t)output->len;
	} else if (output->type == CONCERT_OUTPUT_BEGIN || output->type == CONCERT_OUTPUT_LOST) {
		*next = output->offset;
	}
	return 0;
}

static void make_watch(struct call *call, struct concert *concert)
{
	struct concert_watch watch = {.lines = -1, .output = on_output, .data = call};

	for (size_t i = 0; i < ARRAY_SIZE(call->next); i++)
		call->next[i] = -1;
	concert_watch(concert, &call->request, &watch);
}

static void check_wait(struct concert *concert, struct call *call)
{
	struct concert_report *report = NULL;
	enum concert_status status = concert_wait(concert, &call->request, &report);

	CHECK(concert_report_size(report) <= ARRAY_SIZE(all) - 1, "more rows than processes");
	CHECK(status != CONCERT_OK || fuzz_whole_answers("watch_main"), "a false success");
	concert_report_free(report);
}

static void make(struct call *call, struct concert *concert)
{
	struct concert_report *report = NULL;
	enum concert_status status;

	if (call->what == 'k')
		status = concert_kill(concert, &call->request, &report);
	else if (call->what == 'q')
		status = concert_query(concert, &call->request, &report);
	else
		status = concert_run(concert, &call->request, &report);
	CHECK(status != CONCERT_INTERRUPTED, "nobody interrupted it");
	CHECK(status != CONCERT_DEADLINE || call->request.deadline_ms, "there is no deadline");
	check_report(call, report, status);
	concert_report_free(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	char *letters = fuzz_line(&input), *path = NULL;
	struct call call = make_call(letters);
	struct concert_observer observer = {
		.event = on_event, .message = on_message, .data = &call};
	struct concert_options options = {.config = NULL};
	enum concert_status status;
	struct concert *concert;

	options.config = path = fuzz_file("launcher.yaml", file, strlen(file));
	fuzz_machines(input.at, input.left, (unsigned)size);
	concert = concert_open(&options, &observer, &status);
	CHECK(concert, "the file is wrong");
	if (call.what == 'w')
		make_watch(&call, concert);
	else if (call.what == 't')
		check_wait(concert, &call);
	else
		make(&call, concert);
	concert_close(concert);
	strbuf_release(&call.json);
	free(letters);
	free(path);
	return 0;
}
