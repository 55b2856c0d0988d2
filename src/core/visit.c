/* SPDX-License-Identifier: MIT */
/*
 * Asking machines. The contract is in visit.h.
 */
#include "base/base.h"
#include "core/visit.h"

void visit_add_session(struct visit *visit, const char *session)
{
	if (!visit->sessions.v)
		strvec_init(&visit->sessions);
	if (!strvec_has(&visit->sessions, session))
		strvec_push(&visit->sessions, session);
}

static void on_retry(void *data)
{
	struct visit *visit = data;

	loop_timer_remove(visit->retry);
	visit->retry = NULL;
	visit_begin(visit);
}

static void on_done(const struct target_snapshot *snapshot, const struct error *err, void *data)
{
	struct visit *visit = data;
	int64_t ms = -1;

	visit->job = NULL;
	if (err && err->code == ERROR_UNREACHABLE)
		ms = machine_retry_ms(visit->machine, visit->retries);
	if (ms >= 0)
		visit->retry = loop_timer_add(visit->loop, ms, on_retry, visit);
	else
		visit->done(visit, snapshot, err, visit->data);
}

void visit_begin(struct visit *visit)
{
	struct target_query query = {
		.sessions = (const char *const *)visit->sessions.v,
		.tree = visit->tree,
	};

	visit->job = target_ask(visit->machine->target, &query, on_done, visit);
}

void visit_release(struct visit *visit)
{
	target_job_cancel(visit->job);
	loop_timer_remove(visit->retry);
	if (visit->sessions.v)
		strvec_release(&visit->sessions);
}

struct visit *visit_find(struct visit *visits, size_t nr, const struct machine *machine)
{
	for (size_t i = 0; i < nr; i++)
		if (visits[i].machine == machine)
			return &visits[i];
	return NULL;
}
