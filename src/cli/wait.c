/* SPDX-License-Identifier: MIT */
/*
 * `concert wait`: waits for processes to end, and ends as they did.
 */
#include "base/base.h"
#include "cli/cli.h"

/* As a shell would have it; 255 where nothing can be said. */
static int status_of(const struct concert_report_row *row)
{
	return row->signal > 0 ? 128 + row->signal : row->exit_status >= 0 ? row->exit_status : 255;
}

int cmd_wait(struct cli *cli)
{
	struct concert_report *report = NULL;
	struct concert_request request;
	enum concert_status status = cli_open(cli, OBSERVE_STREAM);
	int largest = 0;

	if (status)
		return 255;
	request = cli_request(cli);
	status = concert_wait(cli->concert, &request, &report);
	for (size_t i = 0; i < concert_report_size(report); i++) {
		const struct concert_report_row *row = concert_report_row(report, i);

		if (row->reason)
			cli_say(cli, "'%s': %s", row->process, row->reason);
		if (status_of(row) > largest)
			largest = status_of(row);
	}
	concert_report_free(report);
	if (status == CONCERT_INTERRUPTED || status == CONCERT_DEADLINE)
		return status;
	return status > CONCERT_FAILED ? 255 : largest;
}
