/* SPDX-License-Identifier: MIT */
/*
 * concert_wait(): a watch of nothing but the ends of runs.
 */
#include "base/base.h"
#include "core/handle.h"
#include "core/report.h"

struct wait {
	struct concert_report *report;
	enum concert_status status;
};

static void fill_end(struct concert_report_row *row, const struct concert_output *output)
{
	report_set(&row->run, output->run);
	if (output->signal > 0)
		row->signal = output->signal;
	else
		row->exit_status = output->exit_status;
	row->state = output->stopped		? CONCERT_STATE_STOPPED
		     : output->exit_status == 0 ? CONCERT_STATE_EXITED
						: CONCERT_STATE_FAILED;
	if (output->exit_status < 0 && !output->signal)
		report_set(&row->reason,
			   "how it ended is not known (a reboot, or tmux was killed)");
}

static int on_output(const struct concert_output *output, void *data)
{
	struct wait *wait = data;
	struct concert_report_row *row;

	if (output->type != CONCERT_OUTPUT_END && output->type != CONCERT_OUTPUT_NONE)
		return 0;
	row = report_add(wait->report, output->process, output->machine);
	if (output->type == CONCERT_OUTPUT_END) {
		fill_end(row, output);
	} else {
		row->state = CONCERT_STATE_STOPPED;
		report_set(&row->reason, "it has never run");
	}
	if (row->exit_status != 0)
		wait->status = CONCERT_FAILED;
	return 0;
}

enum concert_status concert_wait(struct concert *concert, const struct concert_request *request,
				 struct concert_report **report)
{
	struct wait wait = {.report = report_new()};
	struct concert_watch watch = {
		.until_end = true,
		.marks = true,
		.output = on_output,
		.data = &wait,
	};
	enum concert_status status = concert_watch(concert, request, &watch);

	if (report)
		*report = wait.report;
	else
		concert_report_free(wait.report);
	return status_max(status, wait.status);
}
