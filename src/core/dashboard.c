/* SPDX-License-Identifier: MIT */
/*
 * concert_dashboard(): which windows and panes the dashboard has on a terminal of a given size. Each
 * pane runs the caller's own program, so this is also where the command lines for that are made.
 */
#include "base/base.h"
#include "base/strvec.h"
#include "core/handle.h"
#include "target/dashboard.h"

#define PANE_ROWS_MIN	 4 /* its name among them; smaller ones go to a further window */
#define PANE_COLUMNS_MIN 19
#define LOCAL		 "local"

struct dashboard {
	struct concert_dashboard seen; /* first: it is what the caller has */
	struct strvec show;
	struct concert *concert;
	const struct concert_dashboard_options *options;
	struct target_job *job; /* NULL once over */
	int rows, columns;	/* of a window */
	int64_t server;
	enum concert_status status;
};

/* How many rows and columns tmux makes of `nr` panes when it tiles them. */
static void tile(size_t nr, int *rows, int *columns)
{
	for (*rows = *columns = 1; (size_t)(*rows * *columns) < nr;) {
		++*rows;
		if ((size_t)(*rows * *columns) < nr)
			++*columns;
	}
}

static bool fits(const struct dashboard *dashboard, size_t nr, int rows_taken)
{
	int rows, columns;

	tile(nr, &rows, &columns);
	return rows * PANE_ROWS_MIN + rows_taken <= dashboard->rows &&
	       columns * PANE_COLUMNS_MIN <= dashboard->columns + 1;
}

static void add_own_command(struct strvec *command, const struct dashboard *dashboard)
{
	strvec_push_all(command, dashboard->options->program);
}

static void add_process(struct dashboard_plan *plan, const struct dashboard *dashboard,
			const struct config_process *process)
{
	struct strvec command = STRVEC_INIT;

	add_own_command(&command, dashboard);
	strvec_push(&command, "attach");
	strvec_push(&command, "--keep");
	strvec_push(&command, process->name);
	dashboard_add_pane(plan, process->name, (const char *const *)command.v);
	strvec_release(&command);
}

static size_t count_shown(const struct config *config, const char *session)
{
	size_t nr = 0;

	for (size_t i = 0; i < config->nr_processes; i++)
		nr += config->process[i].show_ui &&
		      (!session || !strcmp(config->process[i].session, session));
	return nr;
}

/* One window, or as many of about the same size as are needed for panes that can be read. */
static void add_session(struct dashboard_plan *plan, const struct dashboard *dashboard,
			const char *session)
{
	const struct config *config = dashboard->concert->config;
	size_t nr = count_shown(config, session), nr_windows = 1, n = 0;
	struct strbuf name = STRBUF_INIT;

	while (nr_windows < nr && !fits(dashboard, (nr + nr_windows - 1) / nr_windows, 0))
		nr_windows++;
	for (size_t i = 0; nr && i < config->nr_processes; i++) {
		const struct config_process *process = &config->process[i];
		size_t window = n * nr_windows / nr;

		if (!process->show_ui || strcmp(process->session, session))
			continue;
		if (!n || window != (n - 1) * nr_windows / nr) {
			strbuf_reset(&name);
			strbuf_addstr(&name, session);
			if (window)
				strbuf_addf(&name, "-%zu", window + 1);
			dashboard_add_window(plan, name.buf);
		}
		add_process(plan, dashboard, process);
		n++;
	}
	strbuf_release(&name);
}

/* The first session of which anything is shown. */
static size_t first_shown(const struct config *config)
{
	for (size_t i = 0; i < config->sessions.nr; i++) {
		size_t nr = count_shown(config, config->sessions.v[i]);

		if (nr)
			return nr;
	}
	return 0;
}

/* Above the panes of the first window where there is room for all of it, else in one of its own. */
static void add_status(struct dashboard_plan *plan, const struct dashboard *dashboard)
{
	const struct config *config = dashboard->concert->config;
	int rows = config->nr_processes < 200 ? (int)config->nr_processes + 3 : 200;
	size_t below = first_shown(config);
	struct strvec command = STRVEC_INIT;

	add_own_command(&command, dashboard);
	strvec_push(&command, "status");
	strvec_push(&command, "-w");
	if (below && fits(dashboard, below, rows + 1)) {
		dashboard_add_top(plan, rows, "status", (const char *const *)command.v);
	} else {
		dashboard_add_window(plan, "status");
		dashboard_add_pane(plan, "status", (const char *const *)command.v);
	}
	strvec_release(&command);
}

/* ---- how it is shown ---- */

/* Whether the caller sits in a tmux of this server: "SOCKET,PID,SESSION". */
static bool is_inside(const char *tmux, int64_t server)
{
	const char *pid = tmux ? strchr(tmux, ',') : NULL;

	return pid && server > 0 && strtol(pid + 1, NULL, 10) == server;
}

static void fill_show(struct dashboard *dashboard)
{
	const char *tmux = dashboard->options->tmux,
		   *socket = dashboard->concert->config->tmux_socket;
	bool inside = is_inside(tmux, dashboard->server);
	struct strvec *show = &dashboard->show;

	if (tmux && *tmux && !inside) {
		strvec_push(show, "env");
		strvec_push(show, "-u");
		strvec_push(show, "TMUX");
	}
	strvec_push(show, "tmux");
	if (socket) {
		strvec_push(show, "-L");
		strvec_push(show, socket);
	}
	strvec_push(show, inside ? "switch-client" : "attach-session");
	strvec_push(show, "-t");
	strvec_push(show, dashboard->seen.session);
	dashboard->seen.show = (const char *const *)show->v;
}

static void on_made(bool made, int64_t server, const struct error *err, void *data)
{
	struct dashboard *dashboard = data;

	dashboard->job = NULL;
	dashboard->seen.made = made;
	dashboard->server = server;
	if (err)
		dashboard->status = tell_error(dashboard->concert, err);
}

static bool is_over(void *data)
{
	return !((const struct dashboard *)data)->job;
}

static enum concert_status make(struct dashboard *dashboard, struct machine *machine)
{
	const struct config *config = dashboard->concert->config;
	struct dashboard_plan plan;
	struct target_dashboard target = {
		.name = dashboard->seen.session,
		.config = dashboard->options->config,
		.plan = &plan,
		.rows = dashboard->rows,
		.columns = dashboard->columns,
	};
	enum concert_status status;

	dashboard_plan_init(&plan);
	for (size_t i = 0; i < config->sessions.nr; i++)
		add_session(&plan, dashboard, config->sessions.v[i]);
	add_status(&plan, dashboard);
	dashboard->job = target_make_dashboard(machine->target, &target, on_made, dashboard);
	status = handle_drive(dashboard->concert, is_over, dashboard, 0);
	target_job_cancel(dashboard->job);
	dashboard->job = NULL;
	dashboard_plan_release(&plan);
	return status_max(status, dashboard->status);
}

enum concert_status concert_dashboard(struct concert *concert,
				      const struct concert_dashboard_options *options,
				      struct concert_dashboard **result)
{
	struct dashboard *dashboard = xcalloc(1, sizeof(*dashboard));
	struct error err = ERROR_INIT;
	struct machine *machine = fleet_get(concert->fleet, LOCAL, &err);
	enum concert_status status;

	*result = NULL;
	fleet_begin(concert->fleet);
	strvec_init(&dashboard->show);
	dashboard->concert = concert;
	dashboard->options = options;
	dashboard->seen.session = xasprintf("%s_mon", concert->config->session);
	dashboard->columns = options->columns > 0 ? options->columns : 200;
	/* Its own status line takes one. */
	dashboard->rows = options->rows > 1 ? options->rows - 1 : 50;
	status = machine ? make(dashboard, machine) : tell_error(concert, &err);
	if (status) {
		concert_dashboard_free(&dashboard->seen);
		return status;
	}
	fill_show(dashboard);
	*result = &dashboard->seen;
	return CONCERT_OK;
}

void concert_dashboard_free(struct concert_dashboard *seen)
{
	struct dashboard *dashboard = (struct dashboard *)seen;

	if (!dashboard)
		return;
	free((void *)dashboard->seen.session);
	strvec_release(&dashboard->show);
	free(dashboard);
}
