/* SPDX-License-Identifier: MIT */
/*
 * The strings of a process before their placeholders are replaced: what the chosen variants make
 * of them. A later variant counts over an earlier one; commands are put around each other.
 */
#include "base/base.h"
#include "core/resolve_parts.h"
#include "core/template.h"
#include "target/target.h"

struct source source_machine(const struct values *values)
{
	struct source source = {.key = "machine",
				.text = values->process->machine,
				.mark = &values->process->machine_mark};

	for (size_t i = 0; i < values->nr_chosen; i++)
		if (values->chosen[i]->machine) {
			source.text = values->chosen[i]->machine;
			source.mark = &values->chosen[i]->machine_mark;
		}
	return source;
}

struct source source_container(const struct values *values)
{
	struct source source = {.key = "docker",
				.text = values->process->container,
				.mark = &values->process->container_mark};

	for (size_t i = 0; i < values->nr_chosen; i++)
		if (values->chosen[i]->container) {
			source.text = values->chosen[i]->container;
			source.mark = &values->chosen[i]->container_mark;
		}
	return source;
}

struct source source_ready(const struct values *values)
{
	struct source source = {.key = "ready_check",
				.text = values->process->ready.cmd,
				.mark = &values->process->ready_mark,
				.has_log = true};

	for (size_t i = 0; i < values->nr_chosen; i++)
		if (values->chosen[i]->ready_cmd) {
			source.text = values->chosen[i]->ready_cmd;
			source.mark = &values->chosen[i]->ready_mark;
		}
	return source;
}

/* Puts `inner` where {cmd} stands in `outer`. Nothing else is replaced yet, braces stay doubled. */
static int put_around(const char *outer, const char *inner, struct strbuf *out)
{
	struct template template = TEMPLATE_INIT(outer, true);
	struct template_piece piece;

	while (template_next(&template, &piece)) {
		if (piece.type == TEMPLATE_NAME && piece.len == 3 && !memcmp(piece.text, "cmd", 3))
			strbuf_addstr(out, inner);
		else if (piece.type == TEMPLATE_MAYBE_FORMAT)
			strbuf_addch(out, '{');
		else
			strbuf_add(out, piece.raw, piece.raw_len);
		/* Each placeholder may stand for twice as many bytes as will be left. */
		if (out->len > 2 * TARGET_COMMAND_MAX)
			return -1;
	}
	return 0;
}

int source_cmd(const struct values *values, struct source *source, char **owned, struct error *err)
{
	*source = (struct source){.key = "cmd",
				  .text = values->process->cmd,
				  .mark = &values->process->cmd_mark,
				  .is_cmd = true,
				  .has_log = true};
	*owned = NULL;
	for (size_t i = 0; i < values->nr_chosen; i++) {
		struct strbuf whole = STRBUF_INIT;
		int r;

		if (!values->chosen[i]->cmd)
			continue;
		source->mark = &values->chosen[i]->cmd_mark;
		r = put_around(values->chosen[i]->cmd, source->text, &whole);
		free(*owned);
		*owned = strbuf_detach(&whole);
		source->text = *owned;
		if (r < 0)
			return values_fail(values, source, err, "longer than %d bytes",
					   TARGET_COMMAND_MAX);
	}
	return 0;
}
