/* SPDX-License-Identifier: MIT */
/*
 * Parts that several requests have in common: which process is meant, in which shell and container
 * its commands run, and the text that such a shell reads.
 */
#ifndef TARGET_REQUEST_H
#define TARGET_REQUEST_H

#include "base/strbuf.h"

/* c_session, c_process, c_run, c_machine. */
void request_place(struct strbuf *request, const char *session, const char *process,
		   const char *run, const char *machine);

/* c_shell, c_container, c_engine. */
void request_shell(struct strbuf *request, const char *shell, const char *container,
		   const char *engine);

/*
 * A function that prints what a shell is to read: the exports, cd, setup, and `cmd` byte for byte.
 * TARGET_LOG_MARK becomes the path of the log, C_log. `forget` (may be NULL) names a variable that
 * is unset first. Lists and strings may be NULL.
 */
void request_body(struct strbuf *request, const char *function, const char *const *env,
		  const char *cwd, const char *setup, const char *cmd, const char *forget);

#endif
