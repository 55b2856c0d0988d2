/* SPDX-License-Identifier: MIT */
/*
 * Making a dashboard: scripts/mon.sh, and the plan that it carries out. The contract is in
 * dashboard.h.
 */
#include "base/base.h"
#include "target/dashboard.h"
#include "target/job.h"
#include "target/shell.h"
#include "scripts.h"

#define MAKE_TIMEOUT_MS 120000

/* What keeps a pane: its program may end or be interrupted, and begins anew. */
static const char loop[] = "trap : INT QUIT; while :; do \"$@\"; sleep 1; done";

struct make_job {
	struct target_job job; /* first: a make_job is a target_job */
	bool made;
	int64_t server;
	void (*done)(bool made, int64_t server, const struct error *err, void *data);
	void *data;
};

void dashboard_plan_init(struct dashboard_plan *plan)
{
	strbuf_init(&plan->text);
	plan->nr_panes = 0;
}

void dashboard_plan_release(struct dashboard_plan *plan)
{
	strbuf_release(&plan->text);
}

static void add_word(struct dashboard_plan *plan, const char *word)
{
	strbuf_addch(&plan->text, ' ');
	shell_quote(&plan->text, word);
}

static void add_command(struct dashboard_plan *plan, const char *title, const char *const *command)
{
	const char *words[] = {title, "sh", "-c", loop, "sh", NULL};

	for (const char **word = words; *word; word++)
		add_word(plan, *word);
	for (; *command; command++)
		add_word(plan, *command);
	strbuf_addch(&plan->text, '\n');
	plan->nr_panes++;
}

void dashboard_add_window(struct dashboard_plan *plan, const char *name)
{
	strbuf_addstr(&plan->text, "mon_window");
	add_word(plan, name);
	strbuf_addch(&plan->text, '\n');
}

void dashboard_add_pane(struct dashboard_plan *plan, const char *title, const char *const *command)
{
	strbuf_addstr(&plan->text, "mon_pane");
	add_command(plan, title, command);
}

void dashboard_add_top(struct dashboard_plan *plan, int rows, const char *title,
		       const char *const *command)
{
	strbuf_addf(&plan->text, "mon_top %d", rows);
	add_command(plan, title, command);
}

static void make_fact(struct target_job *job, const char *key, char *value)
{
	struct make_job *make = (struct make_job *)job;

	if (!strcmp(key, "made"))
		make->made = true;
	else if (!strcmp(key, "server"))
		make->server = strtol(value, NULL, 10);
}

static void make_over(struct target_job *job, const struct error *err)
{
	struct make_job *make = (struct make_job *)job;

	make->done(make->made, make->server, err, make->data);
}

static void make_release(struct target_job *job)
{
	(void)job;
}

static const struct job_kind make_kind = {
	.main = "mon_main",
	.fact = make_fact,
	.over = make_over,
	.release = make_release,
};

/* FNV-1a: whether two dashboards show the same is no matter of security. */
static uint64_t fingerprint(const struct strbuf *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < text->len; i++)
		hash = (hash ^ (unsigned char)text->buf[i]) * 0x100000001b3;
	return hash;
}

struct target_job *target_make_dashboard(
	struct target *target, const struct target_dashboard *dashboard,
	void (*done)(bool made, int64_t server, const struct error *err, void *data), void *data)
{
	const struct dashboard_plan *plan = dashboard->plan;
	struct make_job *make = xcalloc(1, sizeof(*make));
	const char *scripts[] = {script_lib, script_mon, NULL};
	struct strbuf request = STRBUF_INIT;

	job_init(&make->job, target, &make_kind,
		 xasprintf("cannot make the dashboard '%s'", dashboard->name));
	make->done = done;
	make->data = data;
	shell_assign(&request, "c_name", dashboard->name);
	shell_assign(&request, "c_config", dashboard->config);
	shell_assign_int(&request, "c_rows", dashboard->rows);
	shell_assign_int(&request, "c_columns", dashboard->columns);
	shell_assign_int(&request, "c_panes", (int64_t)plan->nr_panes);
	strbuf_addf(&request, "c_plan=%016" PRIx64 "\n", fingerprint(&plan->text));
	strbuf_addf(&request, "plan() {\n%s}\n", plan->text.buf);
	job_run(&make->job, &request, scripts, CHANNEL_URGENT, MAKE_TIMEOUT_MS);
	strbuf_release(&request);
	return &make->job;
}
