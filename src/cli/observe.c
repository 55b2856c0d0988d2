/* SPDX-License-Identifier: MIT */
/*
 * The observer. How the live display looks is live.c's business, how an event is JSON json.c's.
 */
#include "base/base.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/live.h"
#include "cli/text.h"

#define LINE_MAX_BYTES 4096 /* of a one-shot's output, before it is broken */

void observe_init(struct observe *observe, enum observe_mode mode, struct cli *cli)
{
	*observe = (struct observe){.cli = cli, .mode = mode};
	strvec_init(&observe->errors);
}

static void free_line(void *value)
{
	struct strbuf *line = value;

	strbuf_release(line);
	free(line);
}

void observe_release(struct observe *observe)
{
	live_free(observe->live);
	observe->live = NULL;
	strmap_release(&observe->told, NULL);
	strvec_release(&observe->errors);
	strmap_release(&observe->output, free_line);
	strmap_release(&observe->probes, free);
}

void observe_pause(struct observe *observe)
{
	if (observe->live)
		live_pause(observe->live);
}

/* One line (or more) on standard error, made harmless; `colour` for all of it. */
static void put(struct observe *observe, enum term_colour colour, const char *prefix,
		const char *text, size_t len)
{
	const struct term *term = &observe->cli->err;
	struct strbuf line = STRBUF_INIT;

	observe_pause(observe);
	strbuf_addstr(&line, colour ? term_sgr(term, colour) : "");
	text_addstr(&line, prefix);
	text_add_lines(&line, text, len);
	strbuf_addstr(&line, colour ? term_sgr(term, TERM_PLAIN) : "");
	strbuf_addch(&line, '\n');
	fwrite(line.buf, 1, line.len, stderr);
	strbuf_release(&line);
}

/* ---- messages ---- */

/* "launcher.yaml:3:7: …": the length of that beginning, 0 if there is none. */
static size_t position_length(const char *text)
{
	const char *p = strstr(text, ": "), *start = p;

	for (int i = 0; p && i < 2; i++) {
		const char *digits = p;

		while (p > text && isdigit((unsigned char)p[-1]))
			p--;
		if (p == digits || p == text || p[-1] != ':')
			return 0;
		p--;
	}
	return p && p > text ? (size_t)(start - text) : 0;
}

static void on_message(enum concert_level level, const char *text, void *data)
{
	struct observe *observe = data;
	const struct options *opt = &observe->cli->opt;
	struct strbuf line = STRBUF_INIT;
	size_t at = position_length(text);

	observe->nr_warnings += level == CONCERT_LEVEL_WARNING;
	/* Information comes only where an option asked the library for it. */
	if (((level == CONCERT_LEVEL_WARNING || level == CONCERT_LEVEL_INFO) && opt->quiet) ||
	    level == CONCERT_LEVEL_DEBUG || strmap_get(&observe->told, text))
		return;
	strmap_put(&observe->told, text, observe);
	if (observe->silent) {
		strvec_push(&observe->errors, text);
		return;
	}
	if (at)
		strbuf_add(&line, text, at + 2);
	else
		strbuf_addstr(&line, "concert: ");
	if (level == CONCERT_LEVEL_WARNING && strncmp(text + (at ? at + 2 : 0), "warning: ", 9))
		strbuf_addstr(&line, "warning: ");
	strbuf_addstr(&line, text + (at ? at + 2 : 0));
	put(observe, TERM_PLAIN, "", line.buf, line.len);
	strbuf_release(&line);
}

/* ---- events ---- */

static struct strbuf *line_of(struct observe *observe, const char *process)
{
	struct strbuf *line = strmap_get(&observe->output, process);

	if (!line) {
		line = xmalloc(sizeof(*line));
		strbuf_init(line);
		strmap_put(&observe->output, process, line);
	}
	return line;
}

static void put_output(struct observe *observe, const char *process, struct strbuf *line)
{
	struct strbuf prefix = STRBUF_INIT;

	strbuf_addf(&prefix, "%s | ", process);
	put(observe, TERM_PLAIN, prefix.buf, line->buf, line->len);
	strbuf_reset(line);
	strbuf_release(&prefix);
}

/* What a one-shot wrote: whole lines now, the beginning of one later. */
static void on_output(struct observe *observe, const struct concert_event *event)
{
	const char *process = event->process ? event->process : event->machine;
	struct strbuf *line = line_of(observe, process);

	for (size_t i = 0; i < event->message_len; i++) {
		if (event->message[i] != '\n')
			strbuf_addch(line, event->message[i]);
		if (event->message[i] == '\n' || line->len >= LINE_MAX_BYTES)
			put_output(observe, process, line);
	}
}

/* A ready check says the same many times a second; once is enough for a line. */
static bool is_repeated(struct observe *observe, const struct concert_event *event)
{
	const char *last;
	bool same;

	if (event->type != CONCERT_EVENT_READY_CHECK)
		return false;
	last = strmap_get(&observe->probes, event->process);
	same = last && !strcmp(last, event->message);
	if (!same)
		free(strmap_put(&observe->probes, event->process, xstrdup(event->message)));
	return same;
}

/* What no display has a place for: that a machine is lost, or cannot be reached. */
static void on_machine_error(struct observe *observe, const struct concert_event *event)
{
	if (observe->mode == OBSERVE_ERRORS)
		strvec_push(&observe->errors, event->message);
	else
		on_message(CONCERT_LEVEL_ERROR, event->message, observe);
}

/* The line that a process did not finish is complete when the process is. */
static void end_output(struct observe *observe, const struct concert_event *event)
{
	struct strbuf *line = event->process ? strmap_get(&observe->output, event->process) : NULL;

	if (line && line->len &&
	    (event->type == CONCERT_EVENT_READY || event->type == CONCERT_EVENT_EXIT))
		put_output(observe, event->process, line);
}

static void put_plain(struct observe *observe, const struct concert_event *event)
{
	const struct options *opt = &observe->cli->opt;
	const char *subject = event->process ? event->process : event->machine;
	enum term_colour colour = event->level == CONCERT_LEVEL_ERROR	  ? TERM_RED
				  : event->level == CONCERT_LEVEL_WARNING ? TERM_YELLOW
				  : event->type == CONCERT_EVENT_READY	  ? TERM_GREEN
									  : TERM_PLAIN;
	/* Why a machine cannot be reached was said with its name, once. */
	bool known = strmap_get(&observe->told, event->message) != NULL;
	const char *text = known ? concert_state_name(event->state) : event->message;
	struct strbuf prefix = STRBUF_INIT;

	if (opt->quiet && event->level != CONCERT_LEVEL_ERROR)
		return;
	strbuf_addf(&prefix, "%s: ", subject ? subject : "concert");
	put(observe, colour, prefix.buf, text, strlen(text));
	strbuf_release(&prefix);
}

static void on_progress(struct observe *observe, const struct concert_event *event)
{
	if (event->type == CONCERT_EVENT_OUTPUT) {
		if (!observe->cli->opt.quiet)
			on_output(observe, event);
		return;
	}
	end_output(observe, event);
	if (observe->live)
		live_event(observe->live, event);
	if (!event->process && event->type == CONCERT_EVENT_ERROR)
		on_machine_error(observe, event);
	else if (observe->live ? event->level == CONCERT_LEVEL_WARNING
			       : !is_repeated(observe, event))
		put_plain(observe, event); /* a display forgets, and warnings are to be read */
}

/* One that was found again may be lost again for the same reason, and that is to be told too. */
static void on_machine_event(struct observe *observe, const struct concert_event *event)
{
	if (event->type == CONCERT_EVENT_ERROR) {
		on_machine_error(observe, event);
	} else if (observe->told.nr) {
		strmap_release(&observe->told, NULL);
		put_plain(observe, event);
	}
}

static void on_event(const struct concert_event *given, void *data)
{
	struct observe *observe = data;
	struct concert_event event = *given;
	struct strbuf line = STRBUF_INIT;

	if (!event.message)
		event.message = concert_event_type_name(event.type);
	if (event.type == CONCERT_EVENT_OUTPUT && observe->take_output &&
	    observe->take_output(&event, observe->data))
		return;
	switch (observe->mode) {
	case OBSERVE_ERRORS:
		if (event.type == CONCERT_EVENT_ERROR && !event.process)
			on_machine_error(observe, &event);
		break;
	case OBSERVE_PROGRESS:
		on_progress(observe, &event);
		break;
	case OBSERVE_JSON:
		json_add_event(&line, &event);
		if (cli_write(&line))
			concert_interrupt(observe->cli->concert);
		if (event.type == CONCERT_EVENT_ERROR && !event.process)
			on_machine_error(observe, &event);
		break;
	case OBSERVE_STREAM:
		if (!event.process)
			on_machine_event(observe, &event);
		break;
	}
	strbuf_release(&line);
}

static void on_tick(void *data)
{
	struct observe *observe = data;

	if (observe->live)
		live_draw(observe->live);
	if (observe->tick)
		observe->tick(observe->data);
}

static int on_ask(const char *prompt, bool echo, char *answer, size_t size, void *data)
{
	struct observe *observe = data;
	const struct term *term = &observe->cli->err;
	int result;

	observe_pause(observe);
	if (observe->live)
		term_cursor(term, true);
	result = ask_line(prompt, echo, answer, size);
	if (observe->live)
		term_cursor(term, false);
	return result;
}

struct concert_observer observe_observer(struct observe *observe)
{
	return (struct concert_observer){
		.event = on_event,
		.message = on_message,
		.tick = on_tick,
		.ask = on_ask,
		.data = observe,
	};
}

void observe_begin(struct observe *observe, const struct concert_plan *plan, const char *goal)
{
	const struct cli *cli = observe->cli;

	/* A trace is written by any thread at any time: it would tear a display apart. */
	if (observe->mode == OBSERVE_PROGRESS && cli->err.moves && !cli->opt.quiet &&
	    cli->opt.log_level < 0)
		observe->live = live_new(&cli->err, plan, goal);
}

void observe_end(struct observe *observe)
{
	live_free(observe->live);
	observe->live = NULL;
	for (size_t i = 0; i < observe->output.nr; i++) {
		struct strbuf *line = observe->output.entry[i].value;

		if (line->len)
			put_output(observe, observe->output.entry[i].key, line);
	}
}

void observe_forget(struct observe *observe)
{
	strvec_release(&observe->errors);
	strmap_release(&observe->told, NULL);
}

void observe_tell_errors(struct observe *observe, const struct concert_report *report)
{
	for (size_t i = 0; i < observe->errors.nr; i++) {
		const char *text = observe->errors.v[i];
		bool shown = false;

		for (size_t j = 0; report && !shown && j < concert_report_size(report); j++) {
			const char *reason = concert_report_row(report, j)->reason;

			shown = reason && strstr(reason, text);
		}
		if (!shown)
			on_message(CONCERT_LEVEL_ERROR, text, observe);
	}
}
