/* SPDX-License-Identifier: MIT */
/*
 * Where a configuration is found, what it includes, and the files of variables that it names. Each
 * test works in a folder of its own, with a HOME there.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/config.h"
#include "tap.h"

static char folder[64];

static void note(enum concert_level level, const char *text, void *data)
{
	static const char letter[] = "EWID";

	strbuf_addf(data, "%c %s\n", letter[level], text);
}

static void put(const char *name, const char *text)
{
	FILE *file;

	for (char *copy = xstrdup(name), *slash = strchr(copy, '/');;
	     slash = strchr(slash + 1, '/')) {
		if (!slash) {
			free(copy);
			break;
		}
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	file = fopen(name, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		BUG("cannot write '%s'", name);
}

/* An empty folder, to work in, as HOME. */
static void begin(void)
{
	char template[] = "/tmp/concert-unit.XXXXXX";

	if (!mkdtemp(template) || chdir(template))
		BUG("no folder");
	snprintf(folder, sizeof(folder), "%s", template);
	setenv("HOME", template, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("CONCERT_CONFIG");
	unsetenv("CONCERT_LAUNCHER_DEFAULT_CONFIG");
}

static void remove_all(void)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("rm", "rm", "-rf", folder, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

/* Loads, and gives the names of all processes, or what was said; TOP stands for the folder. */
static char *load(const struct concert_options *options)
{
	struct strbuf got = STRBUF_INIT;
	struct config *config = config_load(options, note, &got);

	for (size_t i = 0; config && i < config->nr_processes; i++)
		strbuf_addf(&got, "%s%s", i ? " " : "", config->process[i].name);
	config_free(config);
	for (char *at; (at = strstr(got.buf, folder));) {
		memcpy(at, "TOP", 3);
		strbuf_remove(&got, (size_t)(at - got.buf) + 3, strlen(folder) - 3);
	}
	strbuf_rtrim(&got);
	return strbuf_detach(&got);
}

static void gives(const char *config, const char *want, const char *name)
{
	struct concert_options options = {.config = config};
	char *got = load(&options);

	is_str(got, want, name);
	free(got);
}

static void test_search(void)
{
	begin();
	gives(NULL,
	      "E no configuration: there is no 'launcher.yaml' here, in a parent folder or in "
	      "~/.config/concert (name one with -c)",
	      "nothing anywhere");
	put(".config/concert/launcher.yaml", "home: {cmd: x}");
	gives(NULL, "home", "the user's");
	put("x/launcher.yaml", "xdg: {cmd: x}");
	put("xdg/concert/launcher.yaml", "xdg: {cmd: x}");
	setenv("XDG_CONFIG_HOME", "/nowhere", 1);
	gives(NULL,
	      "E no configuration: there is no 'launcher.yaml' here, in a parent folder or in "
	      "~/.config/concert (name one with -c)",
	      "XDG_CONFIG_HOME in place of ~/.config");
	unsetenv("XDG_CONFIG_HOME");
	put("launcher.yaml", "parent: {cmd: x}");
	put("a/b/other", "");
	ok(!chdir("a/b"), "in a folder below");
	gives(NULL, "parent", "a parent's");
	put("launcher.yaml", "here: {cmd: x}");
	gives(NULL, "here", "the one here");
	put("old.yaml", "old: {cmd: x}");
	setenv("CONCERT_LAUNCHER_DEFAULT_CONFIG", "old.yaml", 1);
	gives(NULL, "old", "the ancestor's variable");
	put("new.yaml", "new: {cmd: x}");
	setenv("CONCERT_CONFIG", "new.yaml", 1);
	gives(NULL, "new", "CONCERT_CONFIG");
	gives("launcher.yaml", "here", "-c");
	setenv("CONCERT_CONFIG", "none.yaml", 1);
	gives(NULL,
	      "E cannot open 'none.yaml', named by $CONCERT_CONFIG: No such file or directory",
	      "a file that is named must be there");
	setenv("CONCERT_CONFIG", "", 1);
	gives(NULL, "old", "an empty variable is none");
	gives("none.yaml", "E cannot open 'none.yaml': No such file or directory", "so must -c's");
	gives(".", "E cannot read '.': Is a directory", "a folder");
	remove_all();
}

static void test_verbose(void)
{
	struct concert_options options = {.verbose = true};
	char *got;

	begin();
	put("launcher.yaml", "a: {cmd: x}");
	put(".config/concert/launcher.yaml", "b: {cmd: x}");
	got = load(&options);
	is_str(got,
	       "I the configuration is 'launcher.yaml'\n"
	       "I 'TOP/.config/concert/launcher.yaml' would match too, but 'launcher.yaml' comes "
	       "first\na",
	       "--verbose names those that would match too");
	free(got);
	remove_all();
}

static void test_owner(void)
{
	begin();
	put("launcher.yaml", "theirs: {cmd: x}");
	put("a/other", "");
	if (geteuid() || chown("launcher.yaml", 12345, 12345) || chdir("a")) {
		ok(true, "# skip only root can give files away");
	} else {
		gives(NULL,
		      "W 'TOP/launcher.yaml' is not used: it belongs to somebody else (name it with "
		      "-c)\nE no configuration: there is no 'launcher.yaml' here, in a parent "
		      "folder or in ~/.config/concert (name one with -c)",
		      "a stranger's file in a parent folder");
		gives("../launcher.yaml", "theirs", "but -c takes it");
	}
	remove_all();
}

static void test_include(void)
{
	begin();
	put("main.yaml", "a: {cmd: x, depends: [c]}\ninclude: [sub/b.yaml]\nd: {cmd: x}");
	put("sub/b.yaml", "include: c.yaml\nb: {cmd: x}");
	put("sub/c.yaml", "c: {cmd: x}");
	gives("main.yaml", "a c b d", "files in files, relative to the one that names them");
	put("main.yaml", "include: [sub/c.yaml]\nc: {cmd: x}");
	gives("main.yaml", "E main.yaml:2:1: 'c': defined twice, first at sub/c.yaml:1:1",
	      "a process in two files");
	put("main.yaml", "include: [sub/none.yaml]\na: {cmd: x}");
	gives("main.yaml",
	      "E main.yaml:1:11: 'include': cannot open 'sub/none.yaml': No such file or directory",
	      "a file that is not there");
	put("main.yaml", "include: [sub/c.yaml, sub/../sub/c.yaml]");
	gives("main.yaml", "E main.yaml:1:23: 'include': 'sub/../sub/c.yaml' is included twice",
	      "a file twice");
	put("main.yaml", "include: [sub/b.yaml]\na: {cmd: x}");
	put("sub/b.yaml", "include: [../main.yaml]");
	gives("main.yaml",
	      "E sub/b.yaml:1:11: 'include': a file includes itself: TOP/main.yaml -> TOP/sub/b.yaml "
	      "-> TOP/main.yaml",
	      "a circle");
	put("main.yaml", "include: [sub/bad.yaml]\na: {cmd: [x]}");
	put("sub/bad.yaml", "b: {cmd: 1}\nc: {}");
	gives("main.yaml",
	      "E sub/bad.yaml:1:10: 'cmd': an integer, not a string (put it in quotes)\n"
	      "E sub/bad.yaml:2:1: 'c': no 'cmd' (each process needs one)\n"
	      "E main.yaml:2:10: 'cmd': a list, not a string",
	      "all errors of all files");
	put("main.yaml", "include: {a: b}\na: {cmd: x}");
	gives("main.yaml", "E main.yaml:1:10: 'include': a mapping, not the name of a file",
	      "no name");
	remove_all();
}

static void test_context(void)
{
	struct concert_options options = {.config = "main.yaml"};
	struct strbuf got = STRBUF_INIT;
	struct config *config;

	begin();
	put("main.yaml", "context: {session: s, shell: sh -c, params: {p: 1, q: 1}, env: {E: 1}}\n"
			 "include: [b.yaml]\na: {cmd: x}");
	put("b.yaml", "context: {session: t, params: {q: 2}, env: {F: 2}}\nb: {cmd: x}");
	config = config_load(&options, note, &got);
	is_str(got.buf, "", "loads");
	is_str(config->process[0].session, "t", "an included file's own context counts");
	is_str(config->process[0].shell, "sh -c", "over that of the main file");
	is_str(config_pairs_get(&config->process[0].env, "E"), "1", "whose variables it has");
	is_str(config_pairs_get(&config->process[0].env, "F"), "2", "beside its own");
	is_str(config_pairs_get(&config->process[0].params, "q"), "2", "as with parameters");
	is_str(config_pairs_get(&config->params, "q"), "1", "which stay its own");
	is_str(config->process[1].session, "s", "and leaves the main file's alone");
	is_int((long long)config->process[1].env.nr, 1, "in all");
	config_free(config);
	put("b.yaml", "context: {tmux_socket: t}\nb: {cmd: x}");
	gives("main.yaml",
	      "E b.yaml:1:24: 'context.tmux_socket': holds for the whole configuration (say it in "
	      "the main file)",
	      "but what holds for all stands in the main file");
	strbuf_release(&got);
	remove_all();
}

static void test_env_file(void)
{
	struct concert_options options = {.config = "sub/main.yaml"};
	struct strbuf got = STRBUF_INIT;
	struct config *config;

	begin();
	put("sub/main.yaml", "context: {env: {A: ctx, B: ctx, C: ctx}, ssh_config: conf}\n"
			     "a: {cmd: x, env: {C: own}, env_file: v.env}");
	put("sub/v.env", "# comment\n\nB=file\r\nC=file\nexport D='a b'\nE=\"{x} $y=z\"\nF=");
	config = config_load(&options, note, &got);
	is_str(got.buf, "", "loads");
	is_str(config->ssh_config, "sub/conf", "ssh_config is relative to the file");
	is_str(config_pairs_get(&config->process->env, "A"), "ctx", "A");
	is_str(config_pairs_get(&config->process->env, "B"), "file", "the file over the context");
	is_str(config_pairs_get(&config->process->env, "C"), "own", "env over the file");
	is_str(config_pairs_get(&config->process->env, "D"), "a b", "quotes and export");
	is_str(config_pairs_get(&config->process->env, "E"), "{x} $y=z", "nothing is replaced");
	is_str(config_pairs_get(&config->process->env, "F"), "", "an empty value");
	config_free(config);
	put("sub/v.env", "B=1\nnonsense\n1=2");
	gives("sub/main.yaml",
	      "E sub/v.env:2:1: 'nonsense': not NAME=VALUE\n"
	      "E sub/v.env:3:1: 'env_file': '1' is no name of a variable (letters, digits and _)",
	      "lines that are none");
	put("sub/main.yaml", "a: {cmd: x, env_file: none}");
	gives("sub/main.yaml",
	      "E sub/main.yaml:1:23: 'env_file': cannot open 'sub/none': No such file or directory",
	      "a file that is not there");
	strbuf_release(&got);
	remove_all();
}

static void test_stdin(void)
{
	int fd;

	begin();
	put("in", "a: {cmd: x, depends: [b]}");
	fd = open("in", O_RDONLY);
	dup2(fd, 0);
	close(fd);
	gives("-", "E -:1:23: 'depends': no process is called 'b'", "standard input");
	remove_all();
}

int main(void)
{
	test_search();
	test_verbose();
	test_owner();
	test_include();
	test_context();
	test_env_file();
	test_stdin();
	return done_testing();
}
