/* SPDX-License-Identifier: MIT */
/*
 * The requests that a process makes of its machine, one at a time, and their answers. A request
 * that a lost connection cut is made again with the same run id, so nothing is started twice.
 */
#ifndef CORE_PROCESS_JOB_H
#define CORE_PROCESS_JOB_H

#include "core/process.h"

void process_job_start(struct process *process);
/* Waits until the run process->run is ready, or, in phase ENDING, over. */
void process_job_follow(struct process *process);
void process_job_stop(struct process *process);

/* ---- what the answers change; process.c has these ---- */

bool process_is_checked(const struct process *process);	    /* it has a ready check */
bool process_end_is_awaited(const struct process *process); /* a dependent waits for its end */
void process_describe_end(const struct process *process, char *text, size_t size);
void process_on_stopped(struct process *process);
/* `anew`: a new run, `run`; otherwise `run` lived already. */
void process_on_started(struct process *process, const struct target_run *run, bool anew);
void process_on_ready(struct process *process);
/* said: its last line, or "". */
void process_on_end(struct process *process, int exit_status, int signal, const char *said);
void process_on_failure(struct process *process, enum concert_status status, const char *reason);

#endif
