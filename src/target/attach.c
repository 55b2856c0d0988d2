/* SPDX-License-Identifier: MIT */
/*
 * Showing a window. Its contract is in attach.h. How a tmux client ended is told by its last words
 * alone: its exit status is 0 for nearly everything.
 */
#include "base/base.h"
#include "base/strvec.h"
#include "target/attach.h"
#include "target/job.h"
#include "target/random.h"
#include "target/request.h"
#include "target/shell.h"
#include "scripts.h"

#define FIND_TIMEOUT_MS 30000
#define TAIL_MAX	512
#define TAIL_KEEP	160
#define TERM_MAX	64

/* The question where the window is. */
struct find_job {
	struct target_job job; /* first: a find_job is a target_job */
	struct target_view *view;
	char *session, *window, *term; /* as the machine answered; NULL before */
	bool dead, absent;
};

struct target_view {
	struct target *target;
	struct target_attach attach; /* its strings are copies */
	struct target_view_handler handler;
	void *data;
	struct find_job *find;	 /* NULL once over */
	struct channel *channel; /* NULL before */
	struct strbuf tail;	 /* of the output */
};

static void view_free(struct target_view *view)
{
	free((void *)view->attach.session);
	free((void *)view->attach.process);
	free((void *)view->attach.term);
	strbuf_release(&view->tail);
	free(view);
}

static void end_view(struct target_view *view, enum target_view_end end, const struct error *err)
{
	view->handler.done(end, end == VIEW_FAILED ? err : NULL, view->data);
	view_free(view);
}

/* ---- where it is ---- */

/* An id of tmux's: a sigil and a number. Anything else would be words for a shell. */
static bool is_id(const char *s, char sigil)
{
	return *s == sigil && s[1] && strlen(s) < 12 && s[1 + strspn(s + 1, "0123456789")] == '\0';
}

static bool is_term(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("._+-", s[i]))
			return false;
	return len && len < TERM_MAX && *s != '-';
}

static void take_window(struct find_job *find, char *value)
{
	char *window = strchr(value, ' '), *dead = window ? strchr(window + 1, ' ') : NULL;

	if (!dead)
		return;
	*window++ = *dead++ = '\0';
	if (!is_id(value, '$') || !is_id(window, '@'))
		return;
	free(find->session);
	free(find->window);
	find->session = xstrdup(value);
	find->window = xstrdup(window);
	find->dead = *dead == '1';
}

static void find_fact(struct target_job *job, const char *key, char *value)
{
	struct find_job *find = (struct find_job *)job;

	if (!strcmp(key, "absent")) {
		find->absent = true;
	} else if (!strcmp(key, "window")) {
		take_window(find, value);
	} else if (!strcmp(key, "term") && is_term(value)) {
		free(find->term);
		find->term = xstrdup(value);
	}
}

static void show(struct target_view *view, const struct find_job *find);

static void find_over(struct target_job *job, const struct error *err)
{
	struct find_job *find = (struct find_job *)job;
	struct target_view *view = find->view;
	struct error odd = ERROR_INIT;

	view->find = NULL;
	if (err) {
		end_view(view, VIEW_FAILED, err);
	} else if (find->absent) {
		end_view(view, VIEW_ABSENT, NULL);
	} else if (!find->window || !find->term) {
		error_set(&odd, ERROR_FAILED, "%s: its answer cannot be understood", job->what);
		end_view(view, VIEW_FAILED, &odd);
	} else {
		view->handler.begun(find->dead, view->data);
		show(view, find);
	}
}

static void find_release(struct target_job *job)
{
	struct find_job *find = (struct find_job *)job;

	free(find->session);
	free(find->window);
	free(find->term);
}

static const struct job_kind find_kind = {
	.main = "attach_main",
	.fact = find_fact,
	.over = find_over,
	.release = find_release,
};

static void find_window(struct target_view *view)
{
	const struct target_attach *attach = &view->attach;
	struct find_job *find = xcalloc(1, sizeof(*find));
	const char *scripts[] = {script_lib, script_attach, NULL};
	struct strbuf request = STRBUF_INIT;

	job_init(&find->job, view->target, &find_kind,
		 xasprintf("cannot attach to '%s'", attach->process));
	find->view = view;
	view->find = find;
	request_place(&request, attach->session, attach->process, NULL, NULL);
	shell_assign(&request, "c_term", is_term(attach->term) ? attach->term : "vt100");
	shell_assign(&request, "C_foreign", NULL);
	job_run(&find->job, &request, scripts, CHANNEL_URGENT, FIND_TIMEOUT_MS);
	strbuf_release(&request);
}

/* ---- the client ---- */

static void keep_tail(struct strbuf *tail, const char *bytes, size_t len)
{
	if (len > TAIL_KEEP) {
		bytes += len - TAIL_KEEP;
		len = TAIL_KEEP;
	}
	if (tail->len + len > TAIL_MAX)
		strbuf_remove(tail, 0, tail->len - TAIL_KEEP);
	strbuf_add(tail, bytes, len);
}

static void on_output(struct channel *channel, int stream, const char *bytes, size_t len,
		      void *user)
{
	struct target_view *view = user;

	(void)channel;
	(void)stream;
	keep_tail(&view->tail, bytes, len);
	view->handler.output(bytes, len, view->data);
}

/* The last line that holds letters and no escape: tmux's or the shell's complaint. */
static void add_last_words(struct strbuf *out, const struct strbuf *tail)
{
	size_t end = tail->len, begin;

	while (end && isspace((unsigned char)tail->buf[end - 1]))
		end--;
	for (begin = end; begin && (unsigned char)tail->buf[begin - 1] >= ' '; begin--)
		;
	strbuf_add(out, tail->buf + begin, end - begin);
}

static void on_closed(struct channel *channel, const struct channel_result *result, void *user)
{
	struct target_view *view = user;
	struct error err = result->err;
	struct strbuf words = STRBUF_INIT;
	enum target_view_end end = VIEW_FAILED;

	(void)channel;
	view->channel = NULL;
	add_last_words(&words, &view->tail);
	if (err.code)
		error_prefix(&err, "'%s' was left", view->attach.process);
	else if (strstr(words.buf, "[detached"))
		end = VIEW_LEFT;
	else if (!result->exit_status || strstr(words.buf, "exited]") || strstr(words.buf, "[lost"))
		end = VIEW_ENDED;
	else
		error_set(&err, ERROR_FAILED, "cannot attach to '%s': %s", view->attach.process,
			  words.len ? words.buf : "tmux says nothing");
	strbuf_release(&words);
	end_view(view, end, &err);
}

/* Adds `;` and a command of words; NULL ends them. All words are quoted for every login shell. */
static void add_command(struct strbuf *out, const char *const *words, bool first)
{
	if (!first)
		strbuf_addstr(out, " ';'");
	for (; *words; words++) {
		strbuf_addch(out, ' ');
		shell_quote(out, *words);
	}
}

static void add_option(struct strbuf *out, const char *target, const char *name, const char *value)
{
	const char *words[] = {"set-option", *target == '@' ? "-wt" : "-t", target, name, value,
			       NULL};

	add_command(out, words, false);
}

/*
 * Everything in one call: had tmux to be asked twice, a client that died between the two would
 * leave a session behind. It is made detached, since only attach-session knows -r in old tmux.
 */
static void build_command(struct strbuf *out, const struct target_view *view,
			  const struct find_job *find)
{
	char hex[13], name[40], session[48], window[64];
	const char *create[] = {"new-session", "-d", "-t", find->session, "-s", name, NULL};
	const char *choose[] = {"select-window", "-t", window, NULL};
	const char *attach[] = {"attach-session", "-t", session,
				view->attach.read_only ? "-r" : NULL, NULL};

	random_hex(hex, sizeof(hex) - 1);
	snprintf(name, sizeof(name), "concert-attach-%s", hex);
	snprintf(session, sizeof(session), "=%s:", name);
	snprintf(window, sizeof(window), "=%s:%s", name, find->window);
	strbuf_addstr(out, "exec env -u TMUX -u TMUX_PANE tmux -u");
	if (view->target->tmux_socket) {
		strbuf_addstr(out, " -L ");
		shell_quote(out, view->target->tmux_socket);
	}
	add_command(out, create, true);
	add_option(out, session, "@concert_attach", "1");
	add_option(out, session, "destroy-unattached", "on");
	add_option(out, session, "detach-on-destroy", "on");
	add_option(out, session, "status", "off");
	add_option(out, session, "set-titles", "off");
	/* Each window is as large as those need who look at it, not as all of the group do. */
	add_option(out, find->window, "aggressive-resize", "on");
	add_command(out, choose, false);
	add_command(out, attach, false);
}

static void show(struct target_view *view, const struct find_job *find)
{
	struct strbuf command = STRBUF_INIT;
	struct channel_options options = {
		.keep_input = true,
		.priority = CHANNEL_URGENT,
		.pty_term = find->term,
		.rows = view->attach.rows,
		.columns = view->attach.columns,
		.output = on_output,
		.closed = on_closed,
		.user = view,
	};

	build_command(&command, view, find);
	options.command = command.buf;
	view->channel = connection_exec(view->target->connection, &options);
	strbuf_release(&command);
}

/* ---- the caller's side ---- */

struct target_view *target_attach(struct target *target, const struct target_attach *attach,
				  const struct target_view_handler *handler, void *data)
{
	struct target_view *view = xcalloc(1, sizeof(*view));

	view->target = target;
	view->attach = *attach;
	view->attach.session = xstrdup(attach->session);
	view->attach.process = xstrdup(attach->process);
	view->attach.term = xstrdup(attach->term ? attach->term : "vt100");
	view->handler = *handler;
	view->data = data;
	strbuf_init(&view->tail);
	find_window(view);
	return view;
}

size_t target_view_write(struct target_view *view, const void *bytes, size_t len)
{
	return view->channel ? channel_write(view->channel, bytes, len) : 0;
}

void target_view_resize(struct target_view *view, int rows, int columns)
{
	view->attach.rows = rows;
	view->attach.columns = columns;
	if (view->channel)
		channel_resize(view->channel, rows, columns);
}

void target_view_pause(struct target_view *view, bool pause)
{
	if (view->channel)
		channel_pause(view->channel, pause);
}

void target_view_cancel(struct target_view *view)
{
	if (!view)
		return;
	if (view->find)
		target_job_cancel(&view->find->job);
	channel_cancel(view->channel);
	view_free(view);
}
