/* SPDX-License-Identifier: MIT */
/*
 * Placeholders, variants and the precedence of parameters, as SPEC section 2 tells them.
 */
#include "base/base.h"
#include "core/config.h"
#include "core/resolve.h"
#include "target/target.h"
#include "tap.h"

static char path[] = "/tmp/concert-resolve-XXXXXX";
static int warnings;

static void tell(enum concert_level level, const char *text, void *data)
{
	(void)data;
	if (level == CONCERT_LEVEL_WARNING)
		warnings++;
	else
		printf("# %s\n", text);
}

static struct config *load(const char *yaml)
{
	struct concert_options options = {.config = path};
	FILE *file = fopen(path, "w");

	if (!file || fputs(yaml, file) < 0 || fclose(file))
		return NULL;
	return config_load(&options, tell, NULL);
}

/* The process `p` of `yaml` with the choices; "error: …" if it cannot be resolved. */
static char *resolve(const char *yaml, const char *const *params, const char *const *variants,
		     const char *(*field)(const struct spec *spec))
{
	struct config *config = load(yaml);
	struct error err = ERROR_INIT;
	struct choices choices;
	struct spec spec = {.process = NULL};
	const struct config_process *process;
	char *result;

	if (!config)
		return xstrdup("not loaded");
	process = config_find(config, "p", &err);
	if (!choices_init(&choices, params, variants, &err) && process &&
	    !choices_check(&choices, config, &process, 1, tell, NULL, &err) &&
	    !spec_resolve(&spec, config, process, &choices, &err))
		result = xstrdup_or_null(field(&spec));
	else
		result = xasprintf("error: %s", err.text);
	spec_release(&spec);
	choices_release(&choices);
	config_free(config);
	return result;
}

static const char *cmd_of(const struct spec *spec)
{
	return spec->cmd;
}

static const char *ready_of(const struct spec *spec)
{
	return spec->ready_cmd;
}

static const char *machine_of(const struct spec *spec)
{
	return spec->machine;
}

static void cmd_is(const char *yaml, const char *const *params, const char *const *variants,
		   const char *want, const char *name)
{
	char *got = resolve(yaml, params, variants, cmd_of);

	is_str(got, want, name);
	free(got);
}

static void fails(const char *yaml, const char *const *params, const char *const *variants,
		  const char *part, const char *name)
{
	char *got = resolve(yaml, params, variants, cmd_of);

	if (!ok(got && !strncmp(got, "error: ", 7) && strstr(got, part), "%s", name))
		printf("#      got: '%s'\n# expected: '%s' in it\n", got, part);
	free(got);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_placeholders(void)
{
	static const struct {
		const char *cmd, *want;
	} row[] = {
		{"run {a}", "run 1"},
		{"{a}{a}", "11"},
		{"awk '{print $1}'", "awk '{print $1}'"},
		{"find -exec ls {} +", "find -exec ls {} +"},
		{"echo {x,y}", "echo {x,y}"},
		{"echo ${HOME} ${a}", "echo ${HOME} ${a}"},
		{"echo {{a}}", "echo {a}"},
		{"echo {{{a}}}", "echo {1}"},
		{"ros2 topic pub /t '{data: hello}'", "ros2 topic pub /t '{data: hello}'"},
		{"{ cd /; ls; }", "{ cd /; ls; }"},
		{"{process} {session}", "p lab"},
		{"{braces}", "{a}"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		char *yaml = xasprintf("context: {session: lab, params: {a: 1, braces: \"{a}\"}}\n"
				       "p:\n  cmd: >-\n    %s\n",
				       row[i].cmd);

		cmd_is(yaml, NULL, NULL, row[i].want, row[i].cmd);
		free(yaml);
	}
	fails("p: {cmd: 'x {nope}'}", NULL, NULL,
	      ":1:10: 'cmd' of 'p': no parameter defines '{nope}'",
	      "an undefined placeholder is an error with its place");
	fails("p: {cmd: 'x {hw_typ}', params: {hw_type: 1}}", NULL, NULL,
	      "did you mean '{hw_type}'?", "the nearest is offered");
	fails("p: {cmd: 'x {rate:.2f}', params: {rate: 1}}", NULL, NULL,
	      "formats are not supported", "a format is an error");
	cmd_is("p: {cmd: 'cat {log}'}", NULL, NULL, "cat " TARGET_LOG_MARK,
	       "{log} is left to the machine");
}

static void test_elsewhere(void)
{
	char *got = resolve(
		"p: {cmd: x, ready_check: \"docker inspect -f '{{.State}}' {c}\", params: {c: 7}}",
		NULL, NULL, ready_of);

	is_str(got, "docker inspect -f '{{.State}}' 7", "doubled braces stay outside of commands");
	free(got);
	got = resolve("p: {cmd: x, machine: 'robot@{pc}', params: {pc: pc1}}", NULL, NULL,
		      machine_of);
	is_str(got, "robot@pc1", "a machine may have placeholders");
	free(got);
	got = resolve("p: {cmd: x, machine: '{pc}', params: {pc: -oProxyCommand=x}}", NULL, NULL,
		      machine_of);
	ok(got && !strncmp(got, "error: ", 7), "a machine that begins with '-' is refused");
	free(got);
	got = resolve("p: {cmd: x}", NULL, NULL, machine_of);
	is_str(got, "local", "no machine is this computer");
	free(got);
	cmd_is("p: {cmd: '{user} {host} {machine}', machine: robot@pc1:2222}", NULL, NULL,
	       "robot pc1 robot@pc1:2222", "built-in parameters of the machine");
}

static void test_precedence(void)
{
	const char *yaml = "context: {params: {a: context, b: context, c: context, d: context}}\n"
			   "p:\n  cmd: '{a} {b} {c} {d}'\n"
			   "  params: {b: process, c: process, d: process}\n"
			   "  variants:\n    v: {params: {c: variant}}\n";

	cmd_is(yaml, NULL, NULL, "context process process process", "the process over the context");
	cmd_is(yaml, NULL, WORDS("v"), "context process variant process", "a variant over both");
	cmd_is(yaml, WORDS("d=line"), WORDS("v"), "context process variant line",
	       "the command line over all");
	cmd_is(yaml, WORDS("d:=line", "d:=later"), NULL, "context process process later",
	       "the ancestor's spelling, the later wins");
	cmd_is(yaml, WORDS("c=variant"), WORDS("v"), "context process variant process",
	       "a variant and the command line may agree");
	fails(yaml, WORDS("c=x"), WORDS("v"),
	      "variant 'v' of 'p' makes it 'variant', -p makes it 'x'",
	      "and must not contradict each other");
	cmd_is("p: {cmd: '{process}', params: {process: mine}}", NULL, NULL, "mine",
	       "what is built in is the lowest");
	cmd_is("p: {cmd: '{gui} {n} {f}', params: {gui: false, n: 0x10, f: 1.50}}", NULL, NULL,
	       "False 16 1.5", "values are what Python's str() gives");
	fails(yaml, WORDS("novalue"), NULL, "write KEY=VALUE", "-p wants KEY=VALUE");
	warnings = 0;
	cmd_is(yaml, WORDS("unused=1"), NULL, "context process process process",
	       "an unused parameter");
	is_int(warnings, 1, "is a warning");
}

static void test_variants(void)
{
	const char *yaml = "p:\n  cmd: run {mode} '{{}}'\n  params: {mode: none}\n  variants:\n"
			   "    verbose: {cmd: '{cmd} -V {{cmd}}'}\n"
			   "    gdb: {cmd: 'gdb --args {cmd}'}\n"
			   "    ctrl:\n      - pos: {params: {mode: pos}}\n"
			   "      - vel: {params: {mode: vel}}\n"
			   "q: {cmd: x, variants: {only_q: {params: {z: 1}}}}\n";

	cmd_is(yaml, NULL, NULL, "run none '{}'", "no variant");
	cmd_is(yaml, NULL, WORDS("verbose"), "run none '{}' -V {cmd}",
	       "{cmd} is the command so far");
	cmd_is(yaml, NULL, WORDS("gdb", "verbose"), "gdb --args run none '{}' -V {cmd}",
	       "in the file's order, whatever the order of -v");
	cmd_is(yaml, NULL, WORDS("ctrl=pos"), "run pos '{}'", "group=choice");
	cmd_is(yaml, NULL, WORDS("p:vel"), "run vel '{}'", "process:choice");
	cmd_is(yaml, NULL, WORDS("p:ctrl=vel"), "run vel '{}'", "process:group=choice");
	fails(yaml, NULL, WORDS("pos", "vel"), "of the group 'ctrl' of 'p' (choose one)",
	      "two of one group");
	fails(yaml, NULL, WORDS("verbos"), "did you mean 'verbose'?", "an unknown variant");
	fails(yaml, NULL, WORDS("only_q"), "is a variant of 'q'", "a variant of another process");
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	test_placeholders();
	test_elsewhere();
	test_precedence();
	test_variants();
	unlink(path);
	return done_testing();
}
