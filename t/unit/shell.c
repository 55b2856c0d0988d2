/* SPDX-License-Identifier: MIT */
/*
 * Quoting: whatever is put into a script comes out of a real sh, byte for byte, in every sh that
 * this computer has.
 */
#include "base/base.h"
#include <spawn.h>
#include "base/strbuf.h"
#include "target/request.h"
#include "target/shell.h"
#include "target/target.h"
#include "tap.h"

extern char **environ;

static const char *const payload[] = {
	"",
	" ",
	"plain",
	"it's",
	"'",
	"''''",
	"\"double\" 'single' `id` $(id) $HOME ${x} $$",
	"back\\slash \\\\ \\n \\",
	"new\nline\n\n",
	"\t tab \r\n",
	"; & | < > ( ) { } [ ] * ? ~ # ! % @ ^ =",
	"!! !$ !x",
	"-n",
	"--",
	"caf\xc3\xa9 \xe2\x82\xac \x80\xff\xfe",
	"\001\002\033[31m\177",
	"ends in a semicolon;",
	"EOF\n'EOF'\n",
	"%s %d %% \\045",
	"a=b c='d'",
};

/* What `argv` prints when `input` is its standard input. The caller frees. */
static char *run_with(char *const argv[], const struct strbuf *input)
{
	struct strbuf out = STRBUF_INIT;
	posix_spawn_file_actions_t actions;
	char buf[4096];
	FILE *script = tmpfile();
	int fd[2];
	ssize_t n;
	pid_t pid;

	fwrite(input->buf, 1, input->len, script);
	rewind(script);
	if (pipe(fd))
		BUG("pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(script), 0);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 1);
	posix_spawn_file_actions_addclose(&actions, fd[0]);
	posix_spawn_file_actions_addclose(&actions, fd[1]);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		strbuf_addstr(&out, "cannot be run");
	close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		strbuf_add(&out, buf, (size_t)n);
	close(fd[0]);
	waitpid(pid, NULL, 0);
	fclose(script);
	posix_spawn_file_actions_destroy(&actions);
	return strbuf_detach(&out);
}

static bool have(char *const sh[])
{
	struct strbuf script = STRBUF_INIT;
	char *out = run_with(sh, &script);
	bool found = strcmp(out, "cannot be run") != 0;

	free(out);
	return found;
}

static void test_word(char *const sh[], const char *s, const char *name)
{
	struct strbuf script = STRBUF_INIT;
	char *out;

	strbuf_addstr(&script, "printf '%s' ");
	shell_quote(&script, s);
	strbuf_addch(&script, '\n');
	out = run_with(sh, &script);
	ok(!strcmp(out, s), "%s: a word of %zu bytes: %.20s", name, strlen(s),
	   strpbrk(s, "\n\r\033") ? "(control)" : s);
	free(out);
	strbuf_release(&script);
}

static void test_big(char *const sh[], const char *name)
{
	struct strbuf s = STRBUF_INIT;

	while (s.len < TARGET_COMMAND_MAX)
		for (size_t i = 0; i < ARRAY_SIZE(payload); i++)
			strbuf_addstr(&s, payload[i]);
	test_word(sh, s.buf, name);
	strbuf_release(&s);
}

static void test_printer(char *const sh[], const char *name)
{
	struct strbuf script = STRBUF_INIT;
	char *out;

	strbuf_addstr(&script, "C_log='/a b/$c'\n");
	shell_printer(&script, "show", "it's " TARGET_LOG_MARK "%s" TARGET_LOG_MARK "\\n",
		      TARGET_LOG_MARK, "C_log");
	shell_assign_words(&script, "words", "  bash  -c\t$x 'q ");
	strbuf_addstr(&script, "show; eval \"set -- $words\"; printf '[%s]' \"$@\"\n");
	out = run_with(sh, &script);
	is_str(out, "it's /a b/$c%s/a b/$c\\n[bash][-c][$x]['q]", name);
	free(out);
	strbuf_release(&script);
}

/* The text that a process's shell reads, run by one. */
static void test_body(char *const sh[], const char *name)
{
	static const char *const env[] = {"A=$HOME 'x'\n", "_b1=", "1BAD=x",
					  "BAD-NAME=x",	   "NONE", NULL};
	struct strbuf script = STRBUF_INIT;
	char *out;

	request_body(&script, "body", env, "/usr", "SET=\"$A\"", "printf '%s' \"$SET|$PWD|$F\"",
		     "F");
	strbuf_addstr(&script, "export F=forget; eval \"$(body)\"\n");
	out = run_with(sh, &script);
	is_str(out, "$HOME 'x'\n|/usr|", name);
	free(out);
	strbuf_release(&script);
}

static void test_shell(const char *name, char *const sh[])
{
	if (!have(sh)) {
		printf("# no %s here\n", name);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(payload); i++)
		test_word(sh, payload[i], name);
	test_big(sh, name);
	test_printer(sh, name);
	test_body(sh, name);
}

int main(void)
{
	char *sh[] = {(char[]){"sh"}, (char[]){"-s"}, NULL};
	char *dash[] = {(char[]){"dash"}, (char[]){"-s"}, NULL};
	char *bash[] = {(char[]){"bash"}, (char[]){"-s"}, NULL};
	char *busybox[] = {(char[]){"busybox"}, (char[]){"sh"}, (char[]){"-s"}, NULL};

	test_shell("sh", sh);
	test_shell("dash", dash);
	test_shell("bash", bash);
	test_shell("busybox sh", busybox);
	return done_testing();
}
