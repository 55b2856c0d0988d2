/* SPDX-License-Identifier: MIT */
/*
 * concert_attach(): the bytes between the caller's terminal and the window of a process. What is
 * typed waits while the machine is slow, and what is shown while the terminal is; neither side is
 * allowed to swell.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/handle.h"
#include "core/resolve.h"
#include "target/attach.h"

#define INPUT_MAX    (64 << 10) /* typed and not yet sent: then the terminal is left alone */
#define OUTPUT_MAX   (64 << 10) /* come and not yet shown: then the machine is held back */
#define WRITE_MAX    256	/* what a terminal that says it is ready takes without blocking */
#define FLUSH_MS     1000
#define ESCAPE_KEY   0x1d /* Ctrl-] */
#define ESCAPE_TIMES 3
#define ESCAPE_MS    1000

struct attach {
	struct concert *concert;
	const struct concert_terminal *terminal;
	const char *process;
	struct target_view *view; /* NULL once over */
	struct loop_watch *in, *out;
	struct strbuf pending; /* to be shown */
	int rows, columns;
	bool begun;
	bool full, paused; /* too much waits to be sent; to be shown */
	unsigned escapes;  /* Ctrl-] typed in a row, since: */
	int64_t escaped_ms;
	enum concert_status status;
};

/* ---- to the terminal ---- */

/* Writes what it takes now. Returns -1 if it takes nothing any more. */
static int show_some(struct attach *attach, int wait_ms)
{
	struct pollfd out = {.fd = attach->terminal->out, .events = POLLOUT};
	size_t done = 0;

	while (done < attach->pending.len && poll(&out, 1, wait_ms) > 0) {
		size_t len = attach->pending.len - done;
		ssize_t n = write(out.fd, attach->pending.buf + done,
				  len < WRITE_MAX ? len : WRITE_MAX);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	strbuf_remove(&attach->pending, 0, done);
	return 0;
}

static void leave(struct attach *attach, bool lost, enum concert_status status)
{
	struct target_view *view = attach->view;

	if (!view)
		return;
	attach->view = NULL;
	attach->status = status;
	loop_watch_remove(attach->in);
	loop_watch_remove(attach->out);
	attach->in = attach->out = NULL;
	if (attach->begun && attach->terminal->end)
		attach->terminal->end(lost, attach->terminal->data);
	attach->begun = false;
}

static void give_up(struct attach *attach, enum concert_status status)
{
	target_view_cancel(attach->view);
	leave(attach, true, status);
}

static void on_writable(int fd, short revents, void *data);

static void pump(struct attach *attach)
{
	if (show_some(attach, 0)) {
		give_up(attach, CONCERT_FAILED);
		return;
	}
	if (attach->pending.len && !attach->out) {
		attach->out = loop_watch_add(attach->concert->loop, attach->terminal->out, POLLOUT,
					     on_writable, attach);
	} else if (!attach->pending.len) {
		loop_watch_remove(attach->out);
		attach->out = NULL;
	}
	if (attach->paused != (attach->pending.len > OUTPUT_MAX)) {
		attach->paused = !attach->paused;
		target_view_pause(attach->view, attach->paused);
	}
}

static void on_writable(int fd, short revents, void *data)
{
	(void)fd;
	(void)revents;
	pump(data);
}

static void on_output(const char *bytes, size_t len, void *data)
{
	struct attach *attach = data;

	strbuf_add(&attach->pending, bytes, len);
	/* Not pump(): the view must not be given up from within its own callback. */
	if (!attach->out)
		attach->out = loop_watch_add(attach->concert->loop, attach->terminal->out, POLLOUT,
					     on_writable, attach);
	if (!attach->paused && attach->pending.len > OUTPUT_MAX) {
		attach->paused = true;
		target_view_pause(attach->view, true);
	}
}

/* ---- from the terminal ---- */

/* Whether the keys that leave were typed; what stands before them still counts. */
static bool is_escape(struct attach *attach, const char *bytes, size_t *len)
{
	int64_t now = loop_now_ms();

	for (size_t i = 0; i < *len; i++) {
		if (bytes[i] != ESCAPE_KEY) {
			attach->escapes = 0;
			continue;
		}
		if (!attach->escapes || now - attach->escaped_ms > ESCAPE_MS) {
			attach->escapes = 0;
			attach->escaped_ms = now;
		}
		if (++attach->escapes == ESCAPE_TIMES) {
			*len = i;
			return true;
		}
	}
	return false;
}

static void on_typed(int fd, short revents, void *data)
{
	struct attach *attach = data;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	size_t len = n > 0 ? (size_t)n : 0;
	bool escape = is_escape(attach, bytes, &len);

	(void)revents;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	attach->full = n > 0 && target_view_write(attach->view, bytes, len) > INPUT_MAX;
	loop_watch_set(attach->in, attach->full ? 0 : POLLIN);
	if (escape)
		give_up(attach, CONCERT_OK);
	else if (n <= 0)
		give_up(attach, CONCERT_FAILED); /* the terminal is gone */
}

/* ---- the view ---- */

static void on_begun(bool dead, void *data)
{
	struct attach *attach = data;
	const struct concert_terminal *terminal = attach->terminal;

	attach->begun = true;
	if (terminal->begin)
		terminal->begin(dead, terminal->data);
	attach->in = loop_watch_add(attach->concert->loop, terminal->in, POLLIN, on_typed, attach);
}

static void on_done(enum target_view_end end, const struct error *err, void *data)
{
	struct attach *attach = data;
	struct concert *concert = attach->concert;

	show_some(attach, FLUSH_MS);
	switch (end) {
	case VIEW_LEFT:
		leave(attach, false, CONCERT_OK);
		break;
	case VIEW_ENDED:
		leave(attach, false, CONCERT_FAILED);
		tell_message(concert, CONCERT_LEVEL_ERROR,
			     "'%s': its tmux session has ended (see 'concert status %s')",
			     attach->process, attach->process);
		break;
	case VIEW_ABSENT:
		leave(attach, false, CONCERT_NOT_RUNNING);
		tell_message(concert, CONCERT_LEVEL_ERROR,
			     "'%s' has no window: it does not run (start it: concert run %s)",
			     attach->process, attach->process);
		break;
	case VIEW_FAILED:
		leave(attach, true, status_of_error(err->code));
		tell_error(concert, err);
		break;
	}
}

/* Looks at the terminal's size too: this runs whenever a wait has ended. */
static bool is_over(void *data)
{
	struct attach *attach = data;
	int rows = attach->rows, columns = attach->columns;

	if (!attach->view)
		return true;
	attach->terminal->size(&rows, &columns, attach->terminal->data);
	if (rows != attach->rows || columns != attach->columns) {
		attach->rows = rows;
		attach->columns = columns;
		target_view_resize(attach->view, rows, columns);
	}
	if (attach->full && target_view_write(attach->view, "", 0) <= INPUT_MAX) {
		attach->full = false;
		loop_watch_set(attach->in, POLLIN);
	}
	return false;
}

static enum concert_status show(struct attach *attach, struct machine *machine, const char *session)
{
	static const struct target_view_handler handler = {
		.begun = on_begun, .output = on_output, .done = on_done};
	struct target_attach options = {
		.session = session,
		.process = attach->process,
		.term = attach->terminal->term,
		.read_only = attach->terminal->read_only,
	};
	enum concert_status status;

	attach->terminal->size(&attach->rows, &attach->columns, attach->terminal->data);
	options.rows = attach->rows;
	options.columns = attach->columns;
	attach->view = target_attach(machine->target, &options, &handler, attach);
	status = handle_drive(attach->concert, is_over, attach, 0);
	if (attach->view)
		give_up(attach, status);
	strbuf_release(&attach->pending);
	return status_max(status, attach->status);
}

enum concert_status concert_attach(struct concert *concert, const char *process,
				   const struct concert_terminal *terminal)
{
	struct attach attach = {
		.concert = concert, .terminal = terminal, .rows = 24, .columns = 80};
	const struct config_process *config;
	struct error err = ERROR_INIT;
	enum concert_status status;
	struct machine *machine = NULL;
	struct spec place = {.process = NULL};

	config = config_find(concert->config, process, &err);
	if (!config)
		return tell_error(concert, &err);
	strbuf_init(&attach.pending);
	attach.process = config->name;
	fleet_begin(concert->fleet);
	if (!spec_resolve_place(&place, concert->config, config, NULL, &err))
		machine = fleet_get(concert->fleet, place.machine, &err);
	status = machine ? show(&attach, machine, config->session) : tell_error(concert, &err);
	spec_release(&place);
	return status;
}
