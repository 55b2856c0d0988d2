/* SPDX-License-Identifier: MIT */
/*
 * The question what is there: scripts/query.sh, collected by facts.c and judged by phase.c.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/facts.h"
#include "target/job.h"
#include "target/shell.h"
#include "scripts.h"

#define QUERY_TIMEOUT_MS 30000

struct query_job {
	struct target_job job; /* first: a query_job is a target_job */
	struct facts facts;
	void (*done)(const struct target_snapshot *snapshot, const struct error *err, void *data);
	void *data;
};

static void query_fact(struct target_job *job, const char *key, char *value)
{
	facts_add(&((struct query_job *)job)->facts, key, value);
}

static void query_over(struct target_job *job, const struct error *err)
{
	struct query_job *query = (struct query_job *)job;
	struct target_snapshot snapshot;

	if (err) {
		query->done(NULL, err, query->data);
		return;
	}
	facts_snapshot(&query->facts, &snapshot);
	query->done(&snapshot, NULL, query->data);
	snapshot_release(&snapshot);
}

static void query_release(struct target_job *job)
{
	facts_release(&((struct query_job *)job)->facts);
}

static const struct job_kind query_kind = {
	.main = "query_main",
	.fact = query_fact,
	.over = query_over,
	.release = query_release,
};

struct target_job *target_ask(struct target *target, const struct target_query *query,
			      void (*done)(const struct target_snapshot *snapshot,
					   const struct error *err, void *data),
			      void *data)
{
	struct query_job *job = xcalloc(1, sizeof(*job));
	struct strbuf names = STRBUF_INIT, request = STRBUF_INIT;
	const char *scripts[] = {script_lib, script_facts, script_query, NULL};

	job_init(&job->job, target, &query_kind, xstrdup("cannot ask for the processes"));
	facts_init(&job->facts);
	job->done = done;
	job->data = data;
	for (size_t i = 0; query->sessions[i]; i++)
		strbuf_addf(&names, "%s%s", i ? " " : "", query->sessions[i]);
	shell_assign(&request, "c_sessions", names.buf);
	shell_assign(&request, "c_tree", query->tree ? "1" : "");
	job_run(&job->job, &request, scripts, CHANNEL_URGENT, QUERY_TIMEOUT_MS);
	strbuf_release(&names);
	strbuf_release(&request);
	return &job->job;
}
