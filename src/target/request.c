/* SPDX-License-Identifier: MIT */
/*
 * What requests have in common. Its contract is in request.h.
 */
#include "base/base.h"
#include "target/request.h"
#include "target/shell.h"
#include "target/target.h"

void request_place(struct strbuf *request, const char *session, const char *process,
		   const char *run, const char *machine)
{
	shell_assign(request, "c_session", session);
	shell_assign(request, "c_process", process);
	shell_assign(request, "c_run", run);
	shell_assign(request, "c_machine", machine);
	strbuf_addstr(request, "C_sessions=$c_session C_names=$c_session/$c_process c_tree=\n");
}

void request_shell(struct strbuf *request, const char *shell, const char *container,
		   const char *engine)
{
	shell_assign_words(request, "c_shell", shell ? shell : "bash -ic");
	shell_assign(request, "c_container", container);
	shell_assign(request, "c_engine", engine);
}

void request_body(struct strbuf *request, const char *function, const char *const *env,
		  const char *cwd, const char *setup, const char *cmd, const char *forget)
{
	struct strbuf body = STRBUF_INIT;

	if (forget)
		strbuf_addf(&body, "unset %s\n", forget);
	for (; env && *env; env++)
		shell_export(&body, *env);
	if (cwd)
		shell_cd(&body, cwd);
	if (setup)
		strbuf_addf(&body, "%s\n", setup);
	strbuf_addstr(&body, cmd);
	shell_printer(request, function, body.buf, TARGET_LOG_MARK, "C_log");
	strbuf_release(&body);
}
