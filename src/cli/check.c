/* SPDX-License-Identifier: MIT */
/*
 * `concert check`: the library tells what is wrong with the file while it opens it; what is left
 * to say here is that it is well.
 */
#include "base/base.h"
#include "base/strmap.h"
#include "cli/cli.h"
#include "cli/text.h"

static void add_count(struct strbuf *out, size_t nr, const char *one, const char *many)
{
	strbuf_addf(out, "%zu %s", nr, nr == 1 ? one : many);
}

int cmd_check(struct cli *cli)
{
	enum concert_status status = cli_open(cli, OBSERVE_ERRORS);
	struct strmap machines = STRMAP_INIT;
	struct strbuf out = STRBUF_INIT;
	size_t nr, warnings = cli->observe.nr_warnings;

	if (status)
		return status;
	nr = concert_nr_processes(cli->concert);
	for (size_t i = 0; i < nr; i++)
		strmap_put(&machines, concert_process(cli->concert, i)->machine, NULL);
	text_addstr(&out, concert_config_path(cli->concert));
	strbuf_addstr(&out, ": ok, ");
	add_count(&out, nr, "process", "processes");
	strbuf_addstr(&out, " on ");
	add_count(&out, machines.nr, "machine", "machines");
	if (warnings) {
		strbuf_addstr(&out, ", ");
		add_count(&out, warnings, "warning", "warnings");
	}
	strbuf_addch(&out, '\n');
	cli_write(&out);
	strbuf_release(&out);
	strmap_release(&machines, NULL);
	return CONCERT_OK;
}
