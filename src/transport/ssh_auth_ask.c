/* SPDX-License-Identifier: MIT */
/*
 * The methods that need the user: keyboard-interactive and password. Answers are wiped as soon as
 * libssh has them; what the machine wants printed is made harmless first.
 */
#include "base/base.h"
#include "transport/ssh_auth.h"

#define PROMPTS_MAX 16

/* As ssh does, with who asks in front, so that one machine cannot pose as another. */
static int ask(struct ssh *ssh, const char *what, bool echo, char *answer, size_t size)
{
	char harmless[512], *prompt;
	int rc;

	ssh_harmless(harmless, sizeof(harmless), what);
	prompt = xasprintf("(%s@%s) %s", ssh->settings.user, ssh->settings.host, harmless);
	rc = transport_ask(ssh->transport, prompt, echo, answer, size);
	free(prompt);
	ssh->auth->nobody |= rc != 0;
	return rc;
}

static int answer_prompts(struct ssh *ssh)
{
	int nr = ssh_userauth_kbdint_getnprompts(ssh->session);
	char answer[1024] = "";
	int rc = nr > PROMPTS_MAX ? -1 : 0;

	for (int i = 0; i < nr && !rc; i++) {
		char echo = 0;
		const char *prompt =
			ssh_userauth_kbdint_getprompt(ssh->session, (unsigned)i, &echo);

		rc = ask(ssh, prompt ? prompt : "", echo, answer, sizeof(answer));
		if (!rc)
			rc = ssh_userauth_kbdint_setanswer(ssh->session, (unsigned)i, answer);
		explicit_bzero(answer, sizeof(answer));
	}
	return rc ? -1 : 0;
}

void auth_interactive(struct ssh *ssh)
{
	int rc = ssh_userauth_kbdint(ssh->session, NULL, NULL);

	if (rc != SSH_AUTH_INFO)
		auth_result(ssh, rc);
	else if (answer_prompts(ssh))
		ssh_fail(ssh, "nobody is there to answer its question");
	else /* sent from the loop: a machine that goes on asking must not keep it */
		ssh_again(ssh);
}

void auth_password_begin(struct ssh *ssh)
{
	if (!ask(ssh, "Password: ", false, ssh->auth->password, sizeof(ssh->auth->password)))
		auth_set_state(ssh, AUTH_PASSWORD);
}

void auth_password(struct ssh *ssh)
{
	int rc = ssh_userauth_password(ssh->session, NULL, ssh->auth->password);

	if (rc != SSH_AUTH_AGAIN)
		explicit_bzero(ssh->auth->password, sizeof(ssh->auth->password));
	auth_result(ssh, rc);
}
