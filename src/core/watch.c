/* SPDX-License-Identifier: MIT */
/*
 * concert_watch(): one feed a machine, which carries the output of all processes there. It is
 * known for each process which byte comes next, so a feed that breaks off is asked for again from
 * there, as often as it takes.
 */
#include "base/base.h"
#include "core/handle.h"
#include "core/resolve.h"
#include "target/watch.h"

/* A feed that breaks off without a word is given up after so many times in a row. */
#define FRUITLESS_MAX 5
#define AGAIN_MS      500

struct feed;

struct stream {
	const struct config_process *process;
	struct feed *feed;
	char *run;	/* the one that is told of; NULL: none yet */
	int64_t offset; /* of its next byte */
	bool begun, ended, none, done;
};

struct feed {
	struct watcher *watcher;
	struct machine *machine;
	struct target_job *job;
	struct loop_timer *beat, *again;
	size_t *asked; /* stream of the job → index of the watcher's */
	int fruitless; /* how often it broke off since something was heard */
	bool over;
	enum concert_status status;
};

struct watcher {
	struct concert *concert;
	const struct concert_watch *watch;
	struct stream *stream;
	size_t nr;
	struct feed *feed;
	size_t nr_feeds;
	bool enough;
};

static void feed_ask(struct feed *feed);

/* ---- what comes ---- */

static void tell(struct watcher *watcher, const struct stream *stream,
		 const struct concert_output *output)
{
	struct concert_output full = *output;

	full.index = (size_t)(stream - watcher->stream);
	full.process = stream->process->name;
	full.machine = stream->feed->machine->name;
	full.run = stream->run;
	if (!watcher->enough && watcher->watch->output(&full, watcher->watch->data))
		watcher->enough = true;
}

static void on_begin(struct watcher *watcher, struct stream *stream,
		     const struct target_watch_event *event)
{
	struct concert_output output = {.type = CONCERT_OUTPUT_BEGIN, .first = !stream->begun};
	bool same = stream->run && !strcmp(stream->run, event->run);

	if (!same) {
		free(stream->run);
		stream->run = xstrdup(event->run);
		stream->offset = event->offset;
	}
	if (same && stream->begun)
		return;
	stream->begun = true;
	stream->ended = false;
	output.offset = stream->offset;
	tell(watcher, stream, &output);
}

static void on_bytes(struct watcher *watcher, struct stream *stream,
		     const struct target_watch_event *event)
{
	int64_t known = stream->offset - event->offset;
	struct concert_output output = {
		.type = CONCERT_OUTPUT_BYTES, .offset = event->offset, .time = event->time};

	if (known < 0)
		known = 0;
	if ((size_t)known >= event->len || !stream->run)
		return;
	output.offset += known;
	output.data = event->bytes + known;
	output.len = event->len - (size_t)known;
	stream->offset = output.offset + (int64_t)output.len;
	tell(watcher, stream, &output);
}

static void on_end(struct watcher *watcher, struct stream *stream,
		   const struct target_watch_event *event)
{
	struct concert_output output = {
		.type = CONCERT_OUTPUT_END,
		.offset = stream->offset,
		.exit_status = event->exit_status,
		.signal = event->signal,
		.stopped = event->stopped,
	};

	stream->ended = true;
	stream->done = watcher->watch->until_end;
	tell(watcher, stream, &output);
}

static void on_none(struct watcher *watcher, struct stream *stream)
{
	struct concert_output output = {.type = CONCERT_OUTPUT_NONE};

	stream->done = watcher->watch->until_end;
	if (stream->none)
		return;
	stream->none = true;
	tell(watcher, stream, &output);
}

static void on_event(const struct target_watch_event *event, void *data)
{
	struct feed *feed = data;
	struct watcher *watcher = feed->watcher;
	struct stream *stream = &watcher->stream[feed->asked[event->stream]];
	struct concert_output lost = {.type = CONCERT_OUTPUT_LOST, .offset = event->offset};

	feed->fruitless = 0;
	/* It may say more than it was asked for. */
	if (stream->done)
		return;
	switch (event->type) {
	case TARGET_WATCH_NONE:
		on_none(watcher, stream);
		break;
	case TARGET_WATCH_BEGIN:
		on_begin(watcher, stream, event);
		break;
	case TARGET_WATCH_BYTES:
		on_bytes(watcher, stream, event);
		break;
	case TARGET_WATCH_LOST:
		stream->offset = event->offset;
		tell(watcher, stream, &lost);
		break;
	case TARGET_WATCH_END:
		on_end(watcher, stream, event);
		break;
	}
}

/* ---- feeds ---- */

static void on_beat(void *data)
{
	struct feed *feed = data;

	if (feed->job)
		target_watch_beat(feed->job);
	loop_timer_set(feed->beat, TARGET_WATCH_BEAT_MS);
}

static void on_again(void *data)
{
	struct feed *feed = data;

	loop_timer_set(feed->again, -1);
	feed_ask(feed);
}

/* How long to wait until it is asked again; negative: it is not. */
static int64_t again_ms(struct feed *feed, const struct error *err)
{
	if (err->code == ERROR_UNREACHABLE)
		return machine_retry_ms(feed->machine, INT_MAX);
	return ++feed->fruitless < FRUITLESS_MAX ? AGAIN_MS : -1;
}

static void on_done(const struct error *err, void *data)
{
	struct feed *feed = data;
	int64_t ms = err ? again_ms(feed, err) : -1;

	feed->job = NULL;
	if (ms >= 0) {
		loop_timer_set(feed->again, ms);
		return;
	}
	feed->over = true;
	if (!err)
		return;
	feed->status = status_of_error(err->code);
	/* That a machine cannot be reached was told as an event. */
	if (err->code != ERROR_UNREACHABLE)
		tell_error(feed->watcher->concert, err);
}

/* Asks for the streams of this machine that are not done, from where they are. */
static void feed_ask(struct feed *feed)
{
	static const struct target_watch_handler handler = {.event = on_event, .done = on_done};
	struct watcher *watcher = feed->watcher;
	struct target_watch_stream *list = xcalloc(watcher->nr, sizeof(*list));
	struct target_watch watch = {
		.stream = list,
		.lines = watcher->watch->lines,
		.no_follow = watcher->watch->no_follow,
		.once = watcher->watch->until_end,
		.marks = watcher->watch->marks,
	};

	for (size_t i = 0; i < watcher->nr; i++) {
		const struct stream *stream = &watcher->stream[i];

		if (stream->feed != feed || stream->done)
			continue;
		feed->asked[watch.nr] = i;
		list[watch.nr++] = (struct target_watch_stream){
			.session = stream->process->session,
			.process = stream->process->name,
			.run = stream->run,
			.offset = stream->ended || stream->none ? -1 : stream->offset,
		};
		if (stream->run && !stream->ended)
			list[watch.nr - 1].offset = stream->offset;
	}
	if (watch.nr)
		feed->job = target_watch(feed->machine->target, &watch, &handler, feed);
	else
		feed->over = true;
	free(list);
}

static bool is_over(void *data)
{
	const struct watcher *watcher = data;

	for (size_t i = 0; i < watcher->nr_feeds && !watcher->enough; i++)
		if (!watcher->feed[i].over)
			return false;
	return true;
}

/* ---- what is wanted ---- */

static struct feed *feed_of(struct watcher *watcher, struct machine *machine)
{
	struct loop *loop = watcher->concert->loop;
	struct feed *feed;

	for (size_t i = 0; i < watcher->nr_feeds; i++)
		if (watcher->feed[i].machine == machine)
			return &watcher->feed[i];
	feed = &watcher->feed[watcher->nr_feeds++];
	feed->watcher = watcher;
	feed->machine = machine;
	feed->asked = xcalloc(watcher->concert->config->nr_processes, sizeof(*feed->asked));
	feed->beat = loop_timer_add(loop, TARGET_WATCH_BEAT_MS, on_beat, feed);
	feed->again = loop_timer_add(loop, -1, on_again, feed);
	loop_timer_set(feed->again, -1);
	return feed;
}

static int add_stream(struct watcher *watcher, const struct config_process *process,
		      const struct choices *choices, const struct concert_position *position,
		      struct error *err)
{
	struct stream *stream = &watcher->stream[watcher->nr];
	struct machine *machine = NULL;
	struct spec place;

	for (size_t i = 0; i < watcher->nr; i++)
		if (watcher->stream[i].process == process)
			return 0;
	if (!spec_resolve_place(&place, watcher->concert->config, process, choices, err))
		machine = fleet_get(watcher->concert->fleet, place.machine, err);
	spec_release(&place);
	if (!machine)
		return -1;
	stream->process = process;
	stream->feed = feed_of(watcher, machine);
	if (position && position->run) {
		stream->run = xstrdup(position->run);
		stream->offset = position->offset;
	}
	watcher->nr++;
	return 0;
}

static int add_streams(struct watcher *watcher, const struct concert_request *request,
		       const struct choices *choices, struct error *err)
{
	const struct config *config = watcher->concert->config;
	const char *const *names = request->processes;
	bool named = names && *names;

	for (size_t i = 0; named && names[i]; i++) {
		const struct config_process *process = config_find(config, names[i], err);
		const struct concert_position *positions = watcher->watch->positions;

		if (!process ||
		    add_stream(watcher, process, choices, positions ? &positions[i] : NULL, err))
			return -1;
	}
	for (size_t i = 0; !named && i < config->nr_processes; i++)
		if (add_stream(watcher, &config->process[i], choices, NULL, err))
			return -1;
	return 0;
}

static void watcher_release(struct watcher *watcher)
{
	for (size_t i = 0; i < watcher->nr_feeds; i++) {
		struct feed *feed = &watcher->feed[i];

		target_job_cancel(feed->job);
		loop_timer_remove(feed->beat);
		loop_timer_remove(feed->again);
		free(feed->asked);
	}
	for (size_t i = 0; i < watcher->nr; i++)
		free(watcher->stream[i].run);
	free(watcher->feed);
	free(watcher->stream);
}

static enum concert_status follow(struct watcher *watcher, int64_t deadline_ms)
{
	enum concert_status status;

	for (size_t i = 0; i < watcher->nr_feeds; i++)
		feed_ask(&watcher->feed[i]);
	status = handle_drive(watcher->concert, is_over, watcher, deadline_ms);
	for (size_t i = 0; i < watcher->nr_feeds; i++)
		status = status_max(status, watcher->feed[i].status);
	return status;
}

enum concert_status concert_watch(struct concert *concert, const struct concert_request *request,
				  const struct concert_watch *watch)
{
	size_t nr = concert->config->nr_processes;
	struct watcher watcher = {
		.concert = concert,
		.watch = watch,
		.stream = xcalloc(nr, sizeof(*watcher.stream)),
		.feed = xcalloc(nr, sizeof(*watcher.feed)),
	};
	struct error err = ERROR_INIT;
	enum concert_status status;
	struct choices choices;

	fleet_begin(concert->fleet);
	if (choices_init(&choices, request->params, request->variants, &err) ||
	    add_streams(&watcher, request, &choices, &err))
		status = tell_error(concert, &err);
	else
		status = follow(&watcher, request->deadline_ms);
	choices_release(&choices);
	watcher_release(&watcher);
	return status;
}
