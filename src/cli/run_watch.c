/* SPDX-License-Identifier: MIT */
/*
 * A run that goes on as a watch. What a one-shot writes while it is waited for comes as events; the
 * watch goes on behind the last byte of these.
 */
#include "base/base.h"
#include "cli/cli.h"
#include "cli/run_watch.h"
#include "cli/stream.h"

struct run_watch {
	struct cli *cli;
	struct stream *stream;
	struct strvec names;
	struct concert_position *position; /* one for each of the names */
};

static bool take_output(const struct concert_event *event, void *data)
{
	struct run_watch *watch = data;

	for (size_t i = 0; i < watch->names.nr; i++) {
		struct concert_output output = {
			.type = CONCERT_OUTPUT_BYTES,
			.index = i,
			.process = watch->names.v[i],
			.machine = event->machine,
			.offset = watch->position[i].offset,
			.time = event->time,
			.data = event->message,
			.len = event->message_len,
		};

		if (strcmp(watch->names.v[i], event->process))
			continue;
		watch->position[i].offset += (int64_t)event->message_len;
		stream_output(&output, watch->stream);
		return true;
	}
	return false;
}

static void on_tick(void *data)
{
	struct run_watch *watch = data;

	stream_tick(watch->stream);
}

struct run_watch *run_watch_begin(struct cli *cli)
{
	struct run_watch *watch = xcalloc(1, sizeof(*watch));
	struct stream_options options = {.json = cli->opt.json};

	watch->cli = cli;
	strvec_init(&watch->names);
	for (size_t i = 0; i < cli->opt.args.nr; i++)
		if (!strvec_has(&watch->names, cli->opt.args.v[i]))
			strvec_push(&watch->names, cli->opt.args.v[i]);
	watch->position = xcalloc(watch->names.nr, sizeof(*watch->position));
	options.processes = (const char *const *)watch->names.v;
	watch->stream = stream_new(cli, &options, NULL);
	cli->observe.take_output = take_output;
	cli->observe.tick = on_tick;
	cli->observe.data = watch;
	return watch;
}

static const struct concert_report_row *row_of(const struct concert_report *report,
					       const char *process)
{
	for (size_t i = 0; i < concert_report_size(report); i++)
		if (!strcmp(concert_report_row(report, i)->process, process))
			return concert_report_row(report, i);
	return NULL;
}

/*
 * Whether all named processes have a run to be watched. One that ran before is shown from its last
 * lines on.
 */
static bool find_positions(struct run_watch *watch, const struct concert_report *report)
{
	for (size_t i = 0; i < watch->names.nr; i++) {
		const struct concert_report_row *row = row_of(report, watch->names.v[i]);

		if (!row || !row->run)
			return false;
		if (!row->action || strcmp(row->action, "ran already"))
			watch->position[i].run = row->run;
	}
	return true;
}

static int follow(struct run_watch *watch)
{
	struct concert_request request = cli_request(watch->cli);
	struct concert_watch options = {
		.lines = 10,
		.until_end = true,
		.positions = watch->position,
		.output = stream_output,
		.data = watch->stream,
	};
	enum concert_status status;

	request.processes = (const char *const *)watch->names.v;
	request.deadline_ms = 0;
	status = concert_watch(watch->cli->concert, &request, &options);
	if (status == CONCERT_INTERRUPTED) {
		cli_say(watch->cli, "interrupted; what was started is left running");
		return status;
	}
	return status || stream_exit_status(watch->stream) < 0 ? 255
							       : stream_exit_status(watch->stream);
}

/* A run that failed because a named process ended has their statuses all the same. */
static bool may_follow(enum concert_status status, const struct concert_report *report)
{
	for (size_t i = 0; status && i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);
		bool ended = row->exit_status >= 0 || row->signal > 0;

		if (!ended && row->state != CONCERT_STATE_RUNNING &&
		    row->state != CONCERT_STATE_READY)
			return false;
	}
	return status <= CONCERT_FAILED;
}

int run_watch_end(struct run_watch *watch, enum concert_status status,
		  const struct concert_report *report)
{
	struct cli *cli = watch->cli;
	int result = 255;

	cli->observe.take_output = NULL;
	if (may_follow(status, report) && find_positions(watch, report))
		result = follow(watch);
	else if (status == CONCERT_INTERRUPTED)
		result = status;
	cli->observe.tick = NULL;
	stream_free(watch->stream);
	strvec_release(&watch->names);
	free(watch->position);
	free(watch);
	return result;
}
