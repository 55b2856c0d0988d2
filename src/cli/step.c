/* SPDX-License-Identifier: MIT */
/*
 * One step of a plan for people: every setting that is not empty, the exact command last.
 */
#include "base/base.h"
#include "cli/human.h"
#include "cli/step.h"
#include "cli/text.h"

static void add_field(struct strbuf *out, const struct term *term, const char *name,
		      const char *value)
{
	if (!value || !*value)
		return;
	strbuf_addf(out, "  %s%-11s%s", term_sgr(term, TERM_DIM), name, term_sgr(term, TERM_PLAIN));
	text_addstr(out, value);
	strbuf_addch(out, '\n');
}

static void add_words(struct strbuf *out, const struct term *term, const char *name,
		      const char *const *words)
{
	struct strbuf line = STRBUF_INIT;

	for (; words && *words; words++)
		strbuf_addf(&line, "%s%s", line.len ? " " : "", *words);
	add_field(out, term, name, line.buf);
	strbuf_release(&line);
}

static void add_depends(struct strbuf *out, const struct term *term,
			const struct concert_step *step)
{
	struct strbuf line = STRBUF_INIT;

	for (size_t i = 0; i < step->nr_depends; i++) {
		const struct concert_dependency_info *dependency = &step->depends[i];

		strbuf_addf(&line, "%s%s", line.len ? ", " : "", dependency->process);
		if (dependency->condition != CONCERT_CONDITION_READY)
			strbuf_addf(&line, " (%s)", concert_condition_name(dependency->condition));
		if (!dependency->required)
			strbuf_addstr(&line, " (not required)");
	}
	add_field(out, term, "depends on", line.buf);
	strbuf_release(&line);
}

static void add_ready(struct strbuf *out, const struct term *term, const struct concert_step *step)
{
	struct strbuf line = STRBUF_INIT;
	char text[HUMAN_SIZE];

	if (step->ready_log)
		strbuf_addf(&line, "its log matches %s", step->ready_log);
	else if (step->ready_cmd)
		strbuf_addstr(&line, step->ready_cmd);
	add_field(out, term, "ready when", line.buf);
	strbuf_reset(&line);
	if (step->ready_cmd)
		strbuf_addf(&line, "every %s", human_ms(text, step->ready_interval_ms));
	if (step->ready_cmd && step->ready_timeout_ms)
		strbuf_addf(&line, ", %s for one try", human_ms(text, step->ready_timeout_ms));
	if ((step->ready_cmd || step->ready_log) && step->ready_deadline_ms)
		strbuf_addf(&line, "%s%s in all", line.len ? ", " : "",
			    human_ms(text, step->ready_deadline_ms));
	add_field(out, term, "probed", line.buf);
	strbuf_release(&line);
}

static void add_stop(struct strbuf *out, const struct term *term, const struct concert_step *step)
{
	struct strbuf line = STRBUF_INIT;
	char text[HUMAN_SIZE];

	if (step->stop_cmd)
		strbuf_addf(&line, "%s, then ", step->stop_cmd);
	strbuf_addf(&line, "%s, after %s TERM, after 5s KILL", step->stop_signal,
		    human_ms(text, step->stop_grace_ms));
	add_field(out, term, "stopped by", line.buf);
	strbuf_release(&line);
}

static void add_container(struct strbuf *out, const struct term *term,
			  const struct concert_step *step)
{
	struct strbuf line = STRBUF_INIT;

	if (!step->container)
		return;
	strbuf_addstr(&line, step->container);
	if (step->engine)
		strbuf_addf(&line, " (%s)", step->engine);
	add_field(out, term, "container", line.buf);
	strbuf_release(&line);
}

/* Its lines stay lines, each as far to the right as the first. */
static void add_command(struct strbuf *out, const struct term *term, const char *cmd)
{
	struct strbuf lines = STRBUF_INIT;
	const char *line;
	size_t len;

	text_add_lines(&lines, cmd, strlen(cmd));
	strbuf_addf(out, "  %s%-11s%s", term_sgr(term, TERM_DIM), "command",
		    term_sgr(term, TERM_PLAIN));
	for (line = lines.buf; line[len = strcspn(line, "\n")]; line += len + 1) {
		strbuf_add(out, line, len + 1);
		strbuf_addchars(out, ' ', 13);
	}
	strbuf_addstr(out, line);
	strbuf_addch(out, '\n');
	strbuf_release(&lines);
}

void step_paint(struct strbuf *out, const struct term *term, const struct concert_step *step)
{
	add_field(out, term, "machine", step->machine);
	add_container(out, term, step);
	add_field(out, term, "session", step->session);
	add_field(out, term, "kind", step->persistent ? NULL : "one-shot");
	add_words(out, term, "variants", step->variants);
	add_words(out, term, "params", step->params);
	add_depends(out, term, step);
	add_words(out, term, "env", step->env);
	add_field(out, term, "cwd", step->cwd);
	add_field(out, term, "setup", step->setup);
	add_ready(out, term, step);
	add_stop(out, term, step);
	add_field(out, term, "shell", step->shell);
	if (step->cmd)
		add_command(out, term, step->cmd);
	else
		add_field(out, term, "command", "as the run that it replaces has it");
}
