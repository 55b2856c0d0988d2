/* SPDX-License-Identifier: MIT */
/*
 * Lines out of pieces. Every process has the line that it is writing; where that takes its time, a
 * terminal gets the beginning, and the line goes on there as long as no other comes between.
 */
#include "base/base.h"
#include <regex.h>
#include "base/loop.h"
#include "base/signame.h"
#include "cli/clean.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/stream.h"
#include "cli/text.h"

#define LINE_MAX_BYTES ((1 << 20) + 65536) /* a longer one is broken */
#define IDLE_MS	       200		   /* then the beginning of a line is shown */
#define FLUSH_BYTES    65536
#define TIME_WIDTH     29

struct source {
	struct strbuf line;
	char *run;	/* that wrote it; NULL: not known */
	size_t shown;	/* bytes of it that are on the terminal already */
	double time;	/* of its first byte */
	int64_t offset; /* of its first byte */
	int64_t touched_ms, skip_lines;
	bool none; /* it was told that it has no run */
};

struct stream {
	struct cli *cli;
	struct stream_options options;
	struct source *source;
	size_t nr, width; /* of the widest name */
	regex_t grep;
	struct strbuf out, text;
	struct source *open; /* its line is on the terminal and not ended */
	bool raw, mend, lost;
	int exit_status;
};

struct stream *stream_new(struct cli *cli, const struct stream_options *options, struct error *err)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));
	bool bare;

	stream->cli = cli;
	stream->options = *options;
	stream->exit_status = -1;
	if (options->grep && regcomp(&stream->grep, options->grep, REG_EXTENDED | REG_NOSUB)) {
		error_set(err, ERROR_USAGE, "'%s' is not an extended regular expression",
			  options->grep);
		free(stream);
		return NULL;
	}
	for (; options->processes[stream->nr]; stream->nr++) {
		size_t width = text_width(options->processes[stream->nr]);

		stream->width = width > stream->width ? width : stream->width;
	}
	stream->source = xcalloc(stream->nr, sizeof(*stream->source));
	for (size_t i = 0; i < stream->nr; i++) {
		strbuf_init(&stream->source[i].line);
		stream->source[i].skip_lines = options->skip_lines;
	}
	strbuf_init(&stream->out);
	strbuf_init(&stream->text);
	bare = stream->nr == 1 && !options->grep && !options->timestamps && !options->json &&
	       !options->skip_lines;
	stream->raw = bare && cli->out.tty;
	stream->mend = cli->out.tty || options->json;
	return stream;
}

static size_t index_of(const struct stream *stream, const struct source *source)
{
	return (size_t)(source - stream->source);
}

static int flush(struct stream *stream)
{
	if (!stream->out.len)
		return stream->lost;
	observe_pause(&stream->cli->observe);
	if (cli_write(&stream->out))
		stream->lost = true;
	return stream->lost;
}

/* ---- lines ---- */

static void add_time(struct strbuf *out, double time)
{
	time_t seconds = (time_t)time;
	char text[64], zone[16];
	struct tm tm;

	if (time <= 0 || !localtime_r(&seconds, &tm)) {
		strbuf_addchars(out, ' ', TIME_WIDTH);
		return;
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	strbuf_addf(out, "%s.%03d%s ", text, (int)((time - (double)seconds) * 1e3), zone);
}

static void add_prefix(struct stream *stream, const struct source *source)
{
	static const enum term_colour colours[] = {TERM_CYAN, TERM_GREEN, TERM_YELLOW, TERM_MAGENTA,
						   TERM_BLUE};
	size_t i = index_of(stream, source);
	const char *name = stream->options.processes[i];
	const struct term *term = &stream->cli->out;

	if (stream->nr > 1) {
		strbuf_addstr(&stream->out, term_sgr(term, colours[i % ARRAY_SIZE(colours)]));
		strbuf_addstr(&stream->out, name);
		strbuf_addchars(&stream->out, ' ', stream->width - text_width(name));
		strbuf_addf(&stream->out, " |%s ", term_sgr(term, TERM_PLAIN));
	}
	if (stream->options.timestamps)
		add_time(&stream->out, source->time);
}

/* Whether the line is to be shown: it is none of those to be skipped, and matches. */
static bool is_wanted(struct stream *stream, struct source *source, const char *text, size_t len)
{
	if (source->skip_lines > 0) {
		source->skip_lines--;
		return false;
	}
	if (!stream->options.grep)
		return true;
	strbuf_reset(&stream->text);
	clean_add(&stream->text, text, len, true);
	return !regexec(&stream->grep, stream->text.buf, 0, NULL, 0);
}

static void put_json(struct stream *stream, const struct source *source, const char *text,
		     size_t len)
{
	struct json_output output = {
		.process = stream->options.processes[index_of(stream, source)],
		.run = source->run,
		.type = CONCERT_EVENT_OUTPUT,
		.level = CONCERT_LEVEL_INFO,
		.time = source->time,
		.offset = source->offset,
	};

	strbuf_reset(&stream->text);
	clean_add(&stream->text, text, len, true);
	output.message = stream->text.buf;
	output.message_len = stream->text.len;
	json_add_output(&stream->out, &output);
}

/* The line of another process is left as it is, and goes on in a line of its own. */
static void close_open(struct stream *stream)
{
	if (stream->open)
		strbuf_addch(&stream->out, '\n');
	stream->open = NULL;
}

/* Puts what follows the bytes already shown; `end`: the line is complete. */
static void put_text(struct stream *stream, struct source *source, const char *text, size_t len,
		     bool end)
{
	size_t over = clean_overwritten(text, len);

	if (stream->open != source)
		close_open(stream);
	else if (over)
		strbuf_addstr(&stream->out, stream->cli->out.moves ? "\r\033[K" : "\n");
	if (!stream->open || over)
		add_prefix(stream, source);
	clean_add(&stream->out, text + over, len - over, stream->mend);
	stream->open = source;
	if (end) {
		strbuf_addch(&stream->out, '\n');
		stream->open = NULL;
	}
}

static void put_line(struct stream *stream, struct source *source, const char *line, size_t len)
{
	while (len > source->shown && line[len - 1] == '\r')
		len--;
	if (source->shown) {
		put_text(stream, source, line + source->shown, len - source->shown, true);
	} else {
		size_t over = clean_overwritten(line, len);

		if (!is_wanted(stream, source, line + over, len - over))
			;
		else if (stream->options.json)
			put_json(stream, source, line + over, len - over);
		else
			put_text(stream, source, line + over, len - over, true);
	}
	source->shown = 0;
	source->time = 0;
	if (stream->out.len > FLUSH_BYTES)
		flush(stream);
}

static void end_line(struct stream *stream, struct source *source)
{
	put_line(stream, source, source->line.buf, source->line.len);
	strbuf_reset(&source->line);
}

/* The beginning of a line. What it has overwritten of itself is not worth keeping. */
static void add_to_line(struct stream *stream, struct source *source, const char *data, size_t len)
{
	size_t over = clean_overwritten(data, len);

	if (!over && source->line.len && source->line.buf[source->line.len - 1] == '\r' &&
	    data[0] != '\r')
		strbuf_reset(&source->line);
	if (over && over < len) {
		strbuf_reset(&source->line);
		data += over;
		len -= over;
	}
	if (!source->line.len && source->shown) {
		/* It is drawn again where it stands. */
		source->shown = 0;
		if (stream->open == source && stream->cli->out.moves) {
			strbuf_addstr(&stream->out, "\r\033[K");
			stream->open = NULL;
		}
	}
	strbuf_add(&source->line, data, len);
	if (source->line.len > LINE_MAX_BYTES)
		end_line(stream, source);
}

static void take_bytes(struct stream *stream, struct source *source, const char *data, size_t len,
		       const struct concert_output *output)
{
	const char *begin = data, *newline;
	size_t n;

	if (output->run && (!source->run || strcmp(source->run, output->run))) {
		free(source->run);
		source->run = xstrdup(output->run);
	}
	for (; len; data += n, len -= n) {
		newline = memchr(data, '\n', len);
		n = newline ? (size_t)(newline - data) : len;
		if (!source->line.len) {
			source->time = output->time;
			source->offset = output->offset + (data - begin);
		}
		if (!newline)
			add_to_line(stream, source, data, n);
		else if (!source->line.len && !source->shown)
			put_line(stream, source, data, n);
		else
			strbuf_add(&source->line, data, n), end_line(stream, source);
		n += newline != NULL;
	}
	source->touched_ms = loop_now_ms();
}

/* ---- marks ---- */

static void describe(struct strbuf *text, const struct concert_output *output)
{
	const char *name = output->signal > 0 ? signame_of(output->signal) : NULL;

	switch (output->type) {
	case CONCERT_OUTPUT_NONE:
		strbuf_addstr(text, "not started yet");
		break;
	case CONCERT_OUTPUT_BEGIN:
		strbuf_addf(text, "started, run %s", output->run);
		break;
	case CONCERT_OUTPUT_LOST:
		strbuf_addf(text, "the log passed its cap, and bytes before %" PRId64 " are gone",
			    output->offset);
		break;
	default:
		if (name)
			strbuf_addf(text, "ended by SIG%s", name);
		else if (output->signal > 0)
			strbuf_addf(text, "ended by signal %d", output->signal);
		else if (output->exit_status >= 0)
			strbuf_addf(text, "exited with status %d", output->exit_status);
		else
			strbuf_addstr(text, "ended, and how is not known");
		if (output->stopped)
			strbuf_addstr(text, " (stopped)");
	}
}

static enum concert_state state_after(const struct concert_output *output)
{
	if (output->type == CONCERT_OUTPUT_NONE || output->stopped)
		return CONCERT_STATE_STOPPED;
	if (output->type != CONCERT_OUTPUT_END)
		return CONCERT_STATE_RUNNING;
	return output->exit_status == 0 ? CONCERT_STATE_EXITED : CONCERT_STATE_FAILED;
}

static void put_mark(struct stream *stream, const struct concert_output *output)
{
	bool lost = output->type == CONCERT_OUTPUT_LOST, end = output->type == CONCERT_OUTPUT_END;
	const struct term *term = &stream->cli->err;
	struct strbuf text = STRBUF_INIT;
	struct json_output json = {
		.process = output->process,
		.type = end    ? CONCERT_EVENT_EXIT
			: lost ? CONCERT_EVENT_ERROR
			       : CONCERT_EVENT_START,
		.state = state_after(output),
		.offset = output->offset,
		.run = output->run,
		.level = lost ? CONCERT_LEVEL_WARNING : CONCERT_LEVEL_INFO,
	};

	describe(&text, output);
	if (stream->options.json) {
		json.message = text.buf;
		json.message_len = text.len;
		json_add_output(&stream->out, &json);
	} else if (!stream->cli->opt.quiet || lost) {
		close_open(stream);
		flush(stream);
		fprintf(stderr, "%s--- %s: %s ---%s\n", term_sgr(term, TERM_DIM), output->process,
			text.buf, term_sgr(term, TERM_PLAIN));
	}
	strbuf_release(&text);
}

static void note_end(struct stream *stream, const struct concert_output *output)
{
	int status = output->signal > 0	       ? 128 + output->signal
		     : output->exit_status < 0 ? 255
					       : output->exit_status;

	if (status > stream->exit_status)
		stream->exit_status = status;
}

/* ---- the whole ---- */

static void put_raw(struct stream *stream, struct source *source,
		    const struct concert_output *output)
{
	strbuf_add(&stream->out, output->data, output->len);
	stream->open = output->data[output->len - 1] == '\n' ? NULL : source;
}

int stream_output(const struct concert_output *output, void *data)
{
	struct stream *stream = data;
	struct source *source = &stream->source[output->index];

	if (output->type == CONCERT_OUTPUT_BYTES) {
		if (stream->raw)
			put_raw(stream, source, output);
		else
			take_bytes(stream, source, output->data, output->len, output);
	} else {
		if (output->type != CONCERT_OUTPUT_LOST && source->line.len)
			end_line(stream, source);
		if (output->type == CONCERT_OUTPUT_END)
			note_end(stream, output);
		/* What runs when the watch begins has not just been started. */
		if (output->type != CONCERT_OUTPUT_BEGIN || !output->first || source->none)
			put_mark(stream, output);
		source->none = output->type == CONCERT_OUTPUT_NONE;
	}
	if (stream->raw || output->type != CONCERT_OUTPUT_BYTES || stream->cli->out.tty ||
	    output->time > 0)
		flush(stream);
	return stream->lost;
}

void stream_tick(void *data)
{
	struct stream *stream = data;
	int64_t now = loop_now_ms();

	for (size_t i = 0; i < stream->nr; i++) {
		struct source *source = &stream->source[i];
		size_t len = source->line.len;

		while (len && source->line.buf[len - 1] == '\r')
			len--;
		if (!stream->cli->out.tty || stream->options.json || stream->options.grep ||
		    source->skip_lines > 0 || len <= source->shown ||
		    now - source->touched_ms < IDLE_MS)
			continue;
		put_text(stream, source, source->line.buf + source->shown, len - source->shown,
			 false);
		source->shown = len;
	}
	flush(stream);
}

int stream_exit_status(const struct stream *stream)
{
	return stream->exit_status;
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	for (size_t i = 0; i < stream->nr; i++) {
		if (stream->source[i].line.len)
			end_line(stream, &stream->source[i]);
		strbuf_release(&stream->source[i].line);
		free(stream->source[i].run);
	}
	close_open(stream);
	flush(stream);
	if (stream->options.grep)
		regfree(&stream->grep);
	strbuf_release(&stream->out);
	strbuf_release(&stream->text);
	free(stream->source);
	free(stream);
}
