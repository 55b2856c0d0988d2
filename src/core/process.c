/* SPDX-License-Identifier: MIT */
/*
 * The life of one process within a run. Events of its jobs come in at the bottom of this file, the
 * engine's decisions in the middle; every change of phase goes through set_phase(). What a start
 * request consists of is in process_start.c.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/signame.h"
#include "core/engine.h"
#include "core/process.h"
#include "core/process_job.h"
#include "core/state.h"

static const char *const phase_names[] = {
	[PROCESS_ASKING] = "asking",	 [PROCESS_UNDECIDED] = "undecided",
	[PROCESS_WAITING] = "waiting",	 [PROCESS_STOPPING] = "stopping",
	[PROCESS_STARTING] = "starting", [PROCESS_CHECKING] = "checking",
	[PROCESS_READY] = "ready",	 [PROCESS_ENDING] = "ending",
	[PROCESS_DONE] = "done",	 [PROCESS_FAILED] = "failed",
	[PROCESS_SKIPPED] = "skipped",	 [PROCESS_LOST] = "lost",
};

static void set_phase(struct process *process, enum process_phase phase, enum concert_state state)
{
	log_debug("process %s: [%s] -> [%s]", process->step->process->name,
		  phase_names[process->phase], phase_names[phase]);
	process->phase = phase;
	process->state = state;
	if (process_is_over(process))
		process->over_ms = loop_now_ms();
	engine_changed(process->engine);
}

void process_init(struct process *process, struct engine *engine, struct plan_step *step,
		  struct machine *machine)
{
	*process = (struct process){
		.engine = engine,
		.step = step,
		.machine = machine,
		.phase = PROCESS_ASKING,
		.state = CONCERT_STATE_WAITING,
		.exit_status = -1,
		.begun_ms = loop_now_ms(),
	};
	target_new_run_id(process->run);
}

void process_release(struct process *process)
{
	target_job_cancel(process->job);
	loop_timer_remove(process->retry);
	free(process->reason);
	free(process->found_variants);
	free(process->found_params);
	free(process->found_container);
}

bool process_is_over(const struct process *process)
{
	switch (process->phase) {
	case PROCESS_READY:
	case PROCESS_DONE:
	case PROCESS_FAILED:
	case PROCESS_SKIPPED:
	case PROCESS_LOST:
		return true;
	default:
		return false;
	}
}

static void set_reason(struct process *process, const char *reason)
{
	char *copy = xstrdup(reason);

	free(process->reason);
	process->reason = copy;
}

static void fail(struct process *process, enum concert_status status, enum concert_state state,
		 const char *reason)
{
	set_reason(process, reason);
	process->status = status;
	set_phase(process, PROCESS_FAILED, state);
	engine_tell(process->engine, process,
		    process->ended ? CONCERT_EVENT_EXIT : CONCERT_EVENT_ERROR, CONCERT_LEVEL_ERROR,
		    "%s", reason);
}

void process_lose(struct process *process, const struct error *err)
{
	set_reason(process, err->text);
	process->status = status_of_error(err->code);
	if (err->code != ERROR_UNREACHABLE) {
		fail(process, process->status,
		     err->code == ERROR_CONFLICT ? CONCERT_STATE_CONFLICT : CONCERT_STATE_FAILED,
		     err->text);
		return;
	}
	/* The machine's own event has said why; one for each process would only repeat it. */
	set_phase(process, PROCESS_LOST, CONCERT_STATE_UNREACHABLE);
}

/* ---- what the machine knew before ---- */

static bool texts_differ(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static void tell_difference(struct error *what, const char *kind, const char *have,
			    const char *want)
{
	if (!have || !*have)
		error_set(what, ERROR_CONFLICT, "without %s, not with '%s'", kind, want);
	else if (!want || !*want)
		error_set(what, ERROR_CONFLICT, "with %s '%s', not without", kind, have);
	else
		error_set(what, ERROR_CONFLICT, "with %s '%s', not '%s'", kind, have, want);
}

bool process_differs(const struct process *process, const struct target_run *run,
		     struct error *what)
{
	const struct spec *spec = &process->step->spec;
	char *settings = spec_fingerprint(spec);
	char *variants = record_list(&spec->variants);
	char *params = record_list(&spec->given);
	bool differs = run->settings && strcmp(settings, run->settings);

	if (!differs)
		;
	else if (texts_differ(spec->container, run->container))
		tell_difference(what, "container", run->container, spec->container);
	else if (texts_differ(variants, run->variants))
		tell_difference(what, "variants", run->variants, variants);
	else if (texts_differ(params, run->params))
		tell_difference(what, "parameters", run->params, params);
	else if (run->cmd && strncmp(run->cmd, spec->cmd, strlen(run->cmd)))
		error_set(what, ERROR_CONFLICT, "with the command '%.200s'", run->cmd);
	else
		error_set(what, ERROR_CONFLICT, "with another shell, setup, cwd or environment");
	free(settings);
	free(variants);
	free(params);
	return differs;
}

static void learn_alive(struct process *process, const struct target_run *run)
{
	const char *name = process->step->process->name;
	struct error what = ERROR_INIT;
	char text[1280];

	process->found = process->started = true;
	if (process->step->settled && process_differs(process, run, &what)) {
		snprintf(text, sizeof(text), "it runs already %s (use 'concert restart %s')",
			 what.text, name);
		if (process->step->named) {
			process->action = "left alone";
			fail(process, CONCERT_CONFLICT, CONCERT_STATE_CONFLICT, text);
			return;
		}
		engine_tell(process->engine, process, CONCERT_EVENT_START, CONCERT_LEVEL_WARNING,
			    "%s; left alone, as it is only a dependency", text);
	}
	snprintf(process->run, sizeof(process->run), "%s", run->run ? run->run : "");
	process->action = "ran already";
	set_phase(process, PROCESS_CHECKING, state_of_run(run, process_is_checked(process)));
	process_job_follow(process);
}

static void refuse(struct process *process, const struct target_run *run)
{
	const char *name = process->step->process->name;
	char text[512];

	if (run->phase == RUN_FOREIGN)
		snprintf(
			text, sizeof(text),
			"a tmux window '%s' that concert did not make is in session '%s' (close or "
			"rename it)",
			name, process->step->process->session);
	else if (run->phase == RUN_STOPPING)
		snprintf(text, sizeof(text), "another kill of it is under way (try again)");
	else
		snprintf(text, sizeof(text),
			 "processes of an earlier run live on without their window (end them with "
			 "'concert kill %s')",
			 name);
	fail(process, CONCERT_CONFLICT,
	     run->phase == RUN_FOREIGN ? CONCERT_STATE_CONFLICT : state_of_run(run, false), text);
}

static void remember(struct process *process, const struct target_run *run)
{
	process->found_variants = xstrdup_or_null(run->variants);
	process->found_params = xstrdup_or_null(run->params);
	process->found_container = xstrdup_or_null(run->container);
	process->succeeded = run->phase == RUN_ENDED && run->exit_status == 0;
}

void process_learn(struct process *process, const struct target_run *run)
{
	bool restart = process->step->named && process->engine->request->restart;
	enum run_phase phase = run ? run->phase : RUN_NONE;

	if (run)
		remember(process, run);
	if (restart && phase != RUN_FOREIGN) {
		process->found = run_is_alive(run);
		process_want(process);
	} else if (phase == RUN_LIVES) {
		learn_alive(process, run);
	} else if (phase == RUN_FOREIGN || phase == RUN_STOPPING || phase == RUN_ORPHANED) {
		refuse(process, run);
	} else if (process->step->process->persistent || process->step->named) {
		process_want(process);
	} else {
		set_phase(process, PROCESS_UNDECIDED, CONCERT_STATE_WAITING);
	}
}

void process_look(struct process *process, const struct target_run *run)
{
	char text[128];

	if (run_is_alive(run))
		return;
	process->ended = true;
	process->exit_status = run ? run->exit_status : -1;
	process->signal = run ? run->signal : 0;
	process_describe_end(process, text, sizeof(text));
	if (process->exit_status != 0) {
		fail(process, CONCERT_FAILED, CONCERT_STATE_FAILED, text);
		return;
	}
	set_phase(process, PROCESS_DONE, CONCERT_STATE_EXITED);
	engine_tell(process->engine, process, CONCERT_EVENT_EXIT, CONCERT_LEVEL_INFO, "%s", text);
}

/* ---- the engine's decisions ---- */

void process_want(struct process *process)
{
	struct plan_step *step = process->step;
	struct error err = ERROR_INIT;

	if (step->inherits &&
	    (!step->settled || process->found_variants || process->found_params) &&
	    plan_settle(process->engine->plan, step, process->found_variants, process->found_params,
			&err)) {
		fail(process, CONCERT_USAGE, CONCERT_STATE_FAILED, err.text);
		return;
	}
	set_phase(process, PROCESS_WAITING, CONCERT_STATE_WAITING);
}

void process_not_want(struct process *process)
{
	process->action = process->succeeded ? "succeeded before" : "not needed";
	set_phase(process, PROCESS_DONE,
		  process->succeeded ? CONCERT_STATE_EXITED : CONCERT_STATE_STOPPED);
}

void process_start(struct process *process)
{
	bool stop_first = process->found && process->engine->request->restart;

	process->begun_ms = loop_now_ms();
	if (stop_first) {
		set_phase(process, PROCESS_STOPPING, CONCERT_STATE_STOPPING);
		process_job_stop(process);
		return;
	}
	set_phase(process, PROCESS_STARTING, CONCERT_STATE_STARTING);
	process_job_start(process);
}

void process_skip(struct process *process, const char *cause)
{
	set_reason(process, cause);
	process->status = CONCERT_FAILED;
	set_phase(process, PROCESS_SKIPPED, CONCERT_STATE_SKIPPED);
	engine_tell(process->engine, process, CONCERT_EVENT_SKIP, CONCERT_LEVEL_ERROR,
		    "skipped: %s", cause);
}

/* ---- what its jobs tell ---- */

bool process_is_checked(const struct process *process)
{
	return process->step->spec.ready_cmd || process->step->process->ready.log;
}

void process_describe_end(const struct process *process, char *text, size_t size)
{
	const char *name = signame_of(process->signal);

	if (process->signal > 0 && name)
		snprintf(text, size, "ended by SIG%s", name);
	else if (process->signal > 0)
		snprintf(text, size, "ended by signal %d", process->signal);
	else if (process->exit_status >= 0)
		snprintf(text, size, "exited with status %d", process->exit_status);
	else
		snprintf(text, size, "ended, and its exit status is not known");
}

void process_on_stopped(struct process *process)
{
	process->found = process->started = false;
	process->action = "restarted";
	set_phase(process, PROCESS_STARTING, CONCERT_STATE_STARTING);
	process_job_start(process);
}

void process_on_started(struct process *process, const struct target_run *run, bool anew)
{
	bool checked = process_is_checked(process);
	struct error what = ERROR_INIT;

	if (!anew && run && run->run && strcmp(run->run, process->run)) {
		/* Another concert was quicker. Its run is as good as ours, if it is the same. */
		process->found = true;
		if (process_differs(process, run, &what))
			engine_tell(process->engine, process, CONCERT_EVENT_START,
				    CONCERT_LEVEL_WARNING, "somebody else started it just now %s",
				    what.text);
		snprintf(process->run, sizeof(process->run), "%s", run->run);
	}
	if (!process->action)
		process->action = anew ? "started" : "ran already";
	process->started = true;
	set_phase(process, PROCESS_CHECKING,
		  checked ? CONCERT_STATE_STARTING : CONCERT_STATE_RUNNING);
	if (anew || !process->found)
		engine_tell(process->engine, process, CONCERT_EVENT_START, CONCERT_LEVEL_INFO, "%s",
			    process->action);
}

void process_on_ready(struct process *process)
{
	bool checked = process_is_checked(process);
	bool oneshot = !process->step->process->persistent;

	if (oneshot) {
		process->ended = true;
		process->exit_status = 0;
		set_phase(process, PROCESS_DONE, CONCERT_STATE_EXITED);
	} else {
		process->unchecked = !checked && !process->found;
		set_phase(process, process_end_is_awaited(process) ? PROCESS_ENDING : PROCESS_READY,
			  checked ? CONCERT_STATE_READY : CONCERT_STATE_RUNNING);
	}
	if (oneshot || checked || process->found)
		engine_tell(process->engine, process, CONCERT_EVENT_READY, CONCERT_LEVEL_INFO, "%s",
			    oneshot   ? "exited with status 0"
			    : checked ? "ready"
				      : "runs already");
}

void process_on_end(struct process *process, int exit_status, int signal, const char *said)
{
	char text[512];

	process->ended = true;
	process->exit_status = exit_status;
	process->signal = signal;
	process_describe_end(process, text, sizeof(text));
	if (exit_status == 0 &&
	    (process->phase == PROCESS_ENDING || !process->step->process->persistent)) {
		set_phase(process, PROCESS_DONE, CONCERT_STATE_EXITED);
		engine_tell(process->engine, process, CONCERT_EVENT_READY, CONCERT_LEVEL_INFO, "%s",
			    text);
		return;
	}
	if (process->step->process->persistent)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s",
			 process->phase == PROCESS_ENDING ? "" : " before it was ready",
			 *said ? "; it said last: " : "", said);
	fail(process, CONCERT_FAILED, CONCERT_STATE_FAILED, text);
}

void process_on_failure(struct process *process, enum concert_status status, const char *reason)
{
	fail(process, status,
	     status == CONCERT_CONFLICT ? CONCERT_STATE_CONFLICT : CONCERT_STATE_FAILED, reason);
}
