/* SPDX-License-Identifier: MIT */
/*
 * Reading a configuration: what each key gives, and what is said, with its place, about every
 * mistake. Each case is a small file, and the messages that it must cause.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/config.h"
#include "tap.h"

static void note(enum concert_level level, const char *text, void *data)
{
	static const char letter[] = "EWID";

	strbuf_addf(data, "%c %s\n", letter[level], text);
}

static char *one_line(const char *text)
{
	char *name = xstrndup(text, 120);

	for (char *c = name; *c; c++)
		if (*c == '\n' || *c == '#')
			*c = '|';
	return name;
}

/* That loading `text` says `want` (lines that begin with E, W or I), nothing else. */
static void says(const struct concert_options *options, const char *text, const char *want)
{
	struct strbuf got = STRBUF_INIT;
	char *name = one_line(text);
	struct config *config = config_parse("f", text, strlen(text), options, note, &got);
	bool failed = !strncmp(want, "E ", 2) || strstr(want, "\nE ");

	if (got.len)
		strbuf_setlen(&got, got.len - 1);
	is_str(got.buf, want, name);
	ok((config == NULL) == failed, "%s: is %sloaded", name, failed ? "not " : "");
	config_free(config);
	strbuf_release(&got);
	free(name);
}

static void run_says(const char *text, const char *want)
{
	static const struct concert_options options = {.config = NULL};

	says(&options, text, want);
}

static void check_says(const char *text, const char *want)
{
	static const struct concert_options options = {.check = true};

	says(&options, text, want);
}

static void strict_says(const char *text, const char *want)
{
	static const struct concert_options options = {.check = true, .strict = true};

	says(&options, text, want);
}

static struct config *load(const char *text)
{
	struct strbuf got = STRBUF_INIT;
	struct config *config = config_parse("f", text, strlen(text), NULL, note, &got);

	if (!ok(config && !got.len, "loads"))
		printf("# %s\n", got.buf);
	strbuf_release(&got);
	return config;
}

static void test_empty(void)
{
	run_says("", "E f:1:1: nothing in it (a process is 'name: {cmd: command}')");
	run_says("---\n", "E f:1:1: nothing in it (a process is 'name: {cmd: command}')");
	run_says("context: {session: s}",
		 "E f:1:1: no process in it (a process is 'name: {cmd: command}')");
	run_says(".x: {cmd: a}", "E f:1:1: no process in it (a process is 'name: {cmd: command}')");
	run_says("[a]", "E f:1:1: a list, not a mapping of processes (a process is 'name: {cmd: "
			"command}')");
	run_says("a: {cmd: x", "E f:2:1: did not find expected ',' or '}' while parsing a flow "
			       "mapping that begins in line 1");
}

static void test_cmd(void)
{
	run_says("a: {}", "E f:1:1: 'a': no 'cmd' (each process needs one)");
	run_says("a:", "E f:1:1: 'a': no 'cmd' (each process needs one)");
	run_says("a: {cmd: }", "E f:1:1: 'a': no 'cmd' (each process needs one)");
	run_says("a: ls", "E f:1:4: 'a': a string, not a process (a mapping with 'cmd' in it)");
	run_says("contxt: {session: s}\na: {cmd: x}",
		 "E f:1:1: 'contxt': no 'cmd' (did you mean 'context'?)");
	run_says("a: {cmd: yes}", "E f:1:10: 'cmd': a boolean, not a string (put it in quotes)");
	run_says("a: {cmd: 12}", "E f:1:10: 'cmd': an integer, not a string (put it in quotes)");
	run_says("a: {cmd: [ls]}", "E f:1:10: 'cmd': a list, not a string");
	run_says("a: {}\nb: {}", "E f:1:1: 'a': no 'cmd' (each process needs one)\n"
				 "E f:2:1: 'b': no 'cmd' (each process needs one)");
}

static void test_names(void)
{
#define RULE "(1 to 64 letters, digits, '_', '-' and '.', beginning with neither '-' nor '.')"
	run_says("-a: {cmd: x}", "E f:1:1: '-a' is no name for a process " RULE);
	run_says("a/b: {cmd: x}", "E f:1:1: 'a/b' is no name for a process " RULE);
	run_says("\"\": {cmd: x}", "E f:1:1: '' is no name for a process " RULE);
	run_says("_x: {cmd: a}", "");
	run_says("x-y: {cmd: a}", "");
	run_says("a.b-c_9: {cmd: a}", "");
	run_says("no: {cmd: a}", "");
	run_says("a123456789b123456789c123456789d123456789e123456789f123456789g123: {cmd: a}", "");
	run_says("a123456789b123456789c123456789d123456789e123456789f123456789g1234: {cmd: a}",
		 "E f:1:1: 'a123456789b123456789c123456789d123456789e123456789f123456789g1234' is "
		 "no name for a process " RULE);
	run_says("a: {cmd: x, session: a.b}",
		 "E f:1:22: 'session': 'a.b' is no name for a tmux session (1 to 64 letters, "
		 "digits, '_' and '-', not beginning with '-')");
	run_says("a: {cmd: x, docker: -it}",
		 "E f:1:21: 'docker': '-it' is no name of a container (letters, digits, '_', '-' "
		 "and '.', beginning with a letter or a digit)");
	run_says("a: {cmd: x, docker: 'b c'}",
		 "E f:1:21: 'docker': 'b c' is no name of a container (letters, digits, '_', '-' "
		 "and '.', beginning with a letter or a digit)");
}

static void test_places(void)
{
	static const char *const good[] = {
		"local",	"localhost",  "robot@pc1",	    "robot@pc1:2222",
		"pc1",		"'[::1]:22'", "ssh://robot@pc1:22", "'{user}@pc1'",
		"'pc1:{port}'", "'{m}'",      "10.24.12.1",
	};
	static const char *const bad[] = {
		"-oProxyCommand=x", "'a b'",	   "'a;b'",    "'a$(b)'",  "'a`b`'", "\"a\\nb\"",
		"'pc1:0'",	    "'pc1:99999'", "'-x@pc1'", "'a@-pc1'", "'a@'",   "'{m};x'",
		"'$HOME'",	    "'a|b'",
	};
	static const char *const bad_folders[] = {
		"-x", "'$HOME'", "\"a\\tb\"", "'a;b'", "'a/~'", "'`a`'", "'a*'",
	};
	char text[200];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		snprintf(text, sizeof(text), "a: {cmd: x, machine: %s}", good[i]);
		run_says(text, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct strbuf got = STRBUF_INIT;

		snprintf(text, sizeof(text), "a: {cmd: x, machine: %s}", bad[i]);
		ok(!config_parse("f", text, strlen(text), NULL, note, &got) &&
			   !strncmp(got.buf, "E f:1:22: 'machine': '", 22) &&
			   strstr(got.buf, "name of a machine (local, host, user@host"),
		   "no machine: %s", bad[i]);
		strbuf_release(&got);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_folders); i++) {
		struct strbuf got = STRBUF_INIT;

		snprintf(text, sizeof(text), "a: {cmd: x, cwd: %s}", bad_folders[i]);
		ok(!config_parse("f", text, strlen(text), NULL, note, &got) &&
			   !strncmp(got.buf, "E f:1:18: 'cwd': '", 18),
		   "no folder: %s", bad_folders[i]);
		strbuf_release(&got);
	}
	run_says("a: {cmd: x, cwd: '~/data/{run}'}", "");
	run_says("a: {cmd: x, cwd: '/a b'}", "");
	run_says("a: {cmd: x, docker: a, podman: b}",
		 "E f:1:32: 'a': both 'docker' and 'podman' (a process runs in one container)");
}

static void test_unknown_keys(void)
{
	run_says("a: {cmd: x, dockr: y}", "");
	check_says("a: {cmd: x, dockr: y}",
		   "W f:1:13: 'dockr': unknown key (did you mean 'docker'?)");
	strict_says("a: {cmd: x, dockr: y}",
		    "E f:1:13: 'dockr': unknown key (did you mean 'docker'?)");
	check_says("a: {cmd: x, zzz: y}", "W f:1:13: 'zzz': unknown key");
	check_says("a: {cmd: x, .m: 1, _n: 2, x-o: 3}", "");
	check_says("context: {.m: 1, _n: 2, x-o: 3}\na: {cmd: x}", "");
	check_says("context: {sesion: x}\na: {cmd: x}",
		   "W f:1:11: 'context.sesion': unknown key (did you mean 'session'?)");
	check_says("a: {cmd: x, stop: {sgnal: INT}}",
		   "W f:1:20: 'stop.sgnal': unknown key (did you mean 'signal'?)");
	check_says("a: {cmd: x, variants: {v: {zzz: y}}}", "W f:1:28: 'v.zzz': unknown key");
	/* keys of the ancestor and of real files are known */
	strict_says("a: {cmd: x, show_ui: false, force_sigquit: true, category: c, description: d}",
		    "");
}

static void test_duplicates(void)
{
	run_says("a: {cmd: x, cmd: y}",
		 "W f:1:13: 'cmd': duplicate key, first seen in line 1 (the last one counts)");
	strict_says("a: {cmd: x, cmd: y}",
		    "E f:1:13: 'cmd': duplicate key, first seen in line 1 (the last one counts)");
	run_says("a: {cmd: x}\na: {cmd: y}",
		 "W f:2:1: 'a': duplicate key, first seen in line 1 (the last one counts)");
	/* what a template repeats is told once */
	check_says("context: {x-t: &t {dokcer: y}}\na: {<<: *t, cmd: x}\nb: {<<: *t, cmd: x}",
		   "W f:1:20: 'dokcer': unknown key (did you mean 'docker'?)");
}

static void test_depends(void)
{
	run_says("a: {cmd: x, depends: [b]}", "E f:1:23: 'depends': no process is called 'b'");
	run_says("roscore: {cmd: x}\na: {cmd: x, depends: [rocore]}",
		 "E f:2:23: 'depends': no process is called 'rocore' (did you mean 'roscore'?)");
	run_says("a: {cmd: x, depends: a}",
		 "E f:1:22: 'depends': a string, not a list (such as [a, b]) or a mapping");
	run_says("a: {cmd: x, depends: [a]}",
		 "E f:1:23: 'a': depends on itself: a -> a (leave it out)");
	run_says("a: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [c]}\nc: {cmd: x, depends: [a]}",
		 "E f:1:23: 'a': depends on itself: a -> b -> c -> a (leave one of these out)");
	run_says(
		"z: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [c]}\nc: {cmd: x, depends: {b: }}",
		"E f:2:23: 'b': depends on itself: b -> c -> b (leave one of these out)");
	run_says("a: {cmd: x, depends: [b]}\nb: {cmd: x, depends: [a]}\n"
		 "c: {cmd: x, depends: [d]}\nd: {cmd: x, depends: [c]}",
		 "E f:1:23: 'a': depends on itself: a -> b -> a (leave one of these out)\n"
		 "E f:3:23: 'c': depends on itself: c -> d -> c (leave one of these out)");
	run_says("a: {cmd: x, depends: {b: redy}}\nb: {cmd: x}",
		 "E f:1:26: 'depends.b': 'redy' is no condition (did you mean 'ready'?)");
	run_says("a: {cmd: x, depends: {b: 12}}\nb: {cmd: x}",
		 "E f:1:26: 'depends.b': '12' is no condition (one of started, ready, exited, "
		 "succeeded)");
	run_says("a: {cmd: x, depends: {b: {required: maybe}}}\nb: {cmd: x}",
		 "E f:1:37: 'depends.b.required': a string, not a boolean (write true or false)");
	run_says("a: {cmd: x, depends: [[b]]}\nb: {cmd: x}",
		 "E f:1:23: 'depends': a list, not the name of a process");
	run_says("a: {cmd: x, depends: []}", "");
	run_says("a: {cmd: x, depends: }", "");
}

static void test_values(void)
{
	run_says("a: {cmd: x, persistent: 'false'}",
		 "E f:1:25: 'persistent': a string, not a boolean (write true or false without "
		 "quotes)");
	run_says("a: {cmd: x, stop: {signal: FOO}}",
		 "E f:1:28: 'stop.signal': 'FOO' is no signal (such as INT, TERM, QUIT, KILL)");
	run_says("a: {cmd: x, stop: {grace: 10 parsecs}}",
		 "E f:1:27: 'stop.grace': not a duration (such as 500ms, 10s, 2m, or a number of "
		 "seconds)");
	run_says("a: {cmd: x, stop: {grace: -1}}",
		 "E f:1:27: 'stop.grace': not a duration (such as 500ms, 10s, 2m, or a number of "
		 "seconds)");
	run_says("a: {cmd: x, stop: INT}", "E f:1:19: 'stop': a string, not a mapping");
	run_says("a: {cmd: x, ready_check: {interval: 1s}}",
		 "E f:1:26: 'ready_check': neither 'cmd' nor 'log' (one of them must say when it "
		 "is ready)");
	run_says("a: {cmd: x, ready_check: {cmd: y, log: z}}",
		 "E f:1:26: 'ready_check': both 'cmd' and 'log' (one of them says when it is "
		 "ready)");
	run_says("a: {cmd: x, ready_check: {cmd: y, interval: 0}}",
		 "E f:1:45: 'ready_check.interval': must be more than 0");
	run_says("a: {cmd: x, ready_check: {log: '((((a{1,255}){1,255}){1,255}){1,255})'}}",
		 "E f:1:32: 'ready_check.log': too large a regular expression");
	run_says("a: {cmd: x, ready_check: {log: 'x++++++++++++++++++++++++++++++++++'}}",
		 "E f:1:32: 'ready_check.log': too large a regular expression");
	run_says(
		"a: {cmd: x, ready_check: {log: '((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+'}}",
		"E f:1:32: 'ready_check.log': too large a regular expression");
	run_says("a: {cmd: x, ready_check: {log: '[[:digit:]]{3}(-[0-9]{2,4})+ .*(up|running)$'}}",
		 "");
	run_says("a: {cmd: x, ready_check: {log: '[]+++++++++++++++++++++++++++]|\\{100000\\}'}}",
		 "");
	run_says(
		"a: {cmd: x, ready_check: {log: '(a'}}",
		"E f:1:32: 'ready_check.log': no regular expression (POSIX, extended): Unmatched ( or "
		"\\(");
	run_says("context: {log: {keep: 0}}\na: {cmd: x}",
		 "E f:1:23: 'context.log.keep': not a whole number from 1 to 100000");
	run_says("context: {log: {max: big}}\na: {cmd: x}",
		 "E f:1:22: 'context.log.max': not a size (such as 500M, 1G, or a number of "
		 "bytes)");
	run_says("a: {cmd: x, env: {1A: y}}",
		 "E f:1:23: 'env': '1A' is no name of a variable (letters, digits and _)");
	run_says("a: {cmd: x, env: {CONCERT_RUN: y}}",
		 "E f:1:32: 'env': 'CONCERT_RUN' is set by concert itself");
	run_says("a: {cmd: x, env: {A: }}",
		 "E f:1:22: 'env.A': no value (write \"\" for an empty one)");
	run_says("a: {cmd: x, params: {p: [1]}}",
		 "E f:1:25: 'params.p': a list, not a single value");
	check_says("a: {cmd: 'x {gui}', params: {gui: false}}",
		   "W f:1:35: 'params.gui': 'false' becomes 'False' (quotes keep it as it is)");
	check_says("a: {cmd: 'x {gui}', params: {gui: 'false'}}", "");
	check_says("a: {cmd: 'x {n}', params: {n: 010}}",
		   "W f:1:31: 'params.n': '010' becomes '8' (quotes keep it as it is)");
	run_says("context: 1\na: {cmd: x}", "E f:1:10: 'context': an integer, not a mapping");
}

static void test_templates(void)
{
	check_says("a: {cmd: 'x {y}'}",
		   "W f:1:10: 'cmd': no parameter defines '{y}' (give it with -p y=VALUE)");
	check_says("a: {cmd: 'x {ym}', params: {my: 1}}",
		   "W f:1:10: 'cmd': no parameter defines '{ym}' (did you mean 'my'?)");
	check_says("a: {cmd: 'x {y}', variants: {v: {params: {y: 1}}}}", "");
	check_says("a: {cmd: 'x {rate:.2f}', params: {rate: 1}}",
		   "E f:1:10: 'cmd': '{rate:.2f}': formats are not supported (write '{rate}')");
	check_says("a: {cmd: 'x {process} {session} {machine} {host} {user} {container} {log}'}",
		   "");
	check_says("a: {cmd: x, variants: {v: {cmd: '{cmd} -V'}}}", "");
	check_says("a: {cmd: '{cmd}'}",
		   "W f:1:10: 'cmd': no parameter defines '{cmd}' (give it with -p cmd=VALUE)");
}

static void test_variants(void)
{
	run_says("a: {cmd: x, variants: [v]}", "E f:1:23: 'variants': a list, not a mapping");
	run_says("a: {cmd: x, variants: {v: y}}", "E f:1:27: 'v': a string, not a mapping");
	run_says("a: {cmd: x, variants: {g: [c]}}",
		 "E f:1:28: 'g': a string, not a choice (such as '- name: {cmd: …}')");
	run_says("a: {cmd: x, variants: {g: [c: {}, c: {}]}}",
		 "E f:1:35: 'c': twice in the group 'g'");
	run_says("a: {cmd: x, variants: {'a=b': {}}}",
		 "E f:1:24: 'a=b' is no name for a variant (without spaces, '=' and ':', not "
		 "beginning with '-')");
	run_says("a: {cmd: x, variants: {v: , g: [c: , d: {cmd: y}]}}", "");
}

static void test_limits(void)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addstr(&text, "a: {cmd: '");
	strbuf_addchars(&text, 'x', 100000);
	strbuf_addstr(&text, "'}");
	run_says(text.buf, "");
	strbuf_setlen(&text, text.len - 2);
	strbuf_addstr(&text, "x'}");
	run_says(text.buf, "E f:1:10: 'cmd': 100001 bytes long (at most 100000)");
	strbuf_release(&text);
	strbuf_addstr(&text, "a: {cmd: '");
	strbuf_addchars(&text, '{', 1 << 20);
	strbuf_addstr(&text, "'}");
	run_says(text.buf, "E f:1:10: 'cmd': 1048576 bytes long (at most 100000)");
	strbuf_release(&text);
}

/* That a text (freed) which aliases or the context repeat very often ends in one error. */
static void refuses(const char *name, struct strbuf *text, const char *want)
{
	struct strbuf got = STRBUF_INIT;

	ok(!config_parse("f", text->buf, text->len, NULL, note, &got), "%s", name);
	strbuf_rtrim(&got);
	ok(strstr(got.buf, want) && !strchr(got.buf, '\n'), "%s: %.200s", name, got.buf);
	strbuf_release(&got);
	strbuf_release(text);
}

static void test_hostile(void)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addstr(&text, "context: {.x: &x ");
	strbuf_addchars(&text, 'x', 90000);
	strbuf_addstr(&text, "}\n");
	for (int i = 0; i < 20000; i++)
		strbuf_addf(&text, "p%d: {cmd: *x}\n", i);
	refuses("a long command, often", &text, "too large: more than 256 MiB");
	strbuf_addstr(&text, "context: {env: {");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&text, "E%d: 1, ", i);
	strbuf_addstr(&text, "}}\n");
	for (int i = 0; i < 90000; i++)
		strbuf_addf(&text, "p%d: {cmd: x}\n", i);
	refuses("many variables, often", &text, "too large: more than 256 MiB");
	for (int i = 0; i < 100001; i++)
		strbuf_addf(&text, "p%d: {cmd: x}\n", i);
	refuses("many processes", &text, "f:100001:1: more than 100000 processes");
	strbuf_addstr(&text, "a: {cmd: x, env: {");
	for (int i = 0; i < 1001; i++)
		strbuf_addf(&text, "E%d: 1, ", i);
	strbuf_addstr(&text, "}}\n");
	refuses("many variables", &text, "'env': more than 1000 variables");
}

static void test_process(void)
{
	struct config *config = load(
		"context: {session: robot, shell: sh -c, env: {A: 1, B: c}, setup: s,\n"
		"  ready: {interval: 2s, deadline: 1m}, params: {p: 1}, tmux_socket: sock,\n"
		"  ssh_config: /x/conf, log: {keep: 3, max: 2M}}\n"
		"a: {cmd: x, machine: m, docker: d, env: {B: p, C: false}, cwd: /w,\n"
		"  stop: {signal: SIGTERM, grace: 1m30s, cmd: halt}, ready_check: r,\n"
		"  depends: {b: started, c: {condition: exited, required: false}, d: },\n"
		"  description: 12, category: k, show_ui: no, params: {q: yes}}\n"
		"b: {cmd: x, persistent: false, force_sigquit: true, podman: e}\n"
		"c: {cmd: x, session: other, setup: t, shell: zsh -c,\n"
		"  ready_check: {log: 'up|down', timeout: 500ms, interval: 0.1, deadline: 0}}\n"
		"d: {cmd: x, stop: {signal: 2}, force_sigquit: yes}\n");
	const struct config_process *a = &config->process[0], *b = a + 1, *c = a + 2, *d = a + 3;

	is_str(config->session, "robot", "session");
	is_str(config->tmux_socket, "sock", "tmux_socket");
	is_str(config->ssh_config, "/x/conf", "ssh_config");
	is_int(config->log_keep, 3, "log.keep");
	is_int(config->log_max_bytes, 2 << 20, "log.max");
	is_str(config_pairs_get(&config->params, "p"), "1", "context.params");
	is_int((long long)config->sessions.nr, 2, "two sessions");
	is_str(config->sessions.v[1], "other", "the second one");
	is_str(a->machine, "m", "machine");
	is_str(a->container, "d", "docker");
	is_str(a->engine, NULL, "docker: whichever engine there is");
	is_str(a->shell, "sh -c", "shell of the context");
	is_str(a->setup, "s", "setup of the context");
	is_str(a->cwd, "/w", "cwd");
	is_str(config_pairs_get(&a->env, "A"), "1", "environment of the context");
	is_str(config_pairs_get(&a->env, "B"), "p", "replaced by the process");
	is_str(config_pairs_get(&a->env, "C"), "False", "as Python prints it");
	is_int((long long)a->env.nr, 3, "each variable once");
	is_int(a->stop.signal, SIGTERM, "stop.signal");
	is_int(a->stop.grace_ms, 90000, "stop.grace");
	is_str(a->stop.cmd, "halt", "stop.cmd");
	is_str(a->ready.cmd, "r", "ready_check as a string");
	is_int(a->ready.interval_ms, 2000, "interval of the context");
	is_int(a->ready.timeout_ms, 0, "no timeout");
	is_int(a->ready.deadline_ms, 60000, "deadline of the context");
	is_str(a->description, "12", "a description is text, whatever it looks like");
	ok(a->persistent && !a->show_ui, "persistent, show_ui");
	is_int((long long)a->nr_depends, 3, "dependencies");
	ok(a->depends[0].process == 1 && a->depends[0].required &&
		   a->depends[0].condition == CONCERT_CONDITION_STARTED,
	   "b: started");
	ok(a->depends[1].process == 2 && !a->depends[1].required &&
		   a->depends[1].condition == CONCERT_CONDITION_EXITED,
	   "c: exited, not required");
	ok(a->depends[2].process == 3 && a->depends[2].required &&
		   a->depends[2].condition == CONCERT_CONDITION_READY,
	   "d: ready");
	ok(!b->persistent, "a one-shot");
	is_int(b->stop.signal, SIGQUIT, "force_sigquit");
	is_int(b->stop.grace_ms, 10000, "default grace");
	is_str(b->engine, "podman", "podman");
	is_str(b->session, "robot", "session of the context");
	is_str(c->session, "other", "session");
	is_str(c->setup, "t", "setup");
	is_str(c->ready.log, "up|down", "ready_check.log");
	is_int(c->ready.interval_ms, 100, "a plain number is seconds");
	is_int(c->ready.timeout_ms, 500, "timeout");
	is_int(c->ready.deadline_ms, 0, "a deadline of 0 is none");
	is_int(d->stop.signal, SIGINT, "stop.signal wins over force_sigquit");
	config_free(config);
}

static void test_defaults(void)
{
	struct config *config = load("a: {cmd: x, machine: '', docker: ''}");
	const struct config_process *a = config->process;

	is_str(a->session, "concert", "session");
	is_str(a->shell, "bash -ic", "shell");
	is_str(a->machine, NULL, "local");
	is_str(a->container, NULL, "no container");
	is_int(a->stop.signal, SIGINT, "INT");
	is_int(a->ready.interval_ms, 500, "interval");
	is_int(config->log_keep, 5, "log.keep");
	is_int(config->log_max_bytes, 1 << 30, "log.max");
	ok(a->persistent && a->show_ui, "persistent, shown");
	config_free(config);
}

static void test_find(void)
{
	struct config *config = load("roscore: {cmd: x}");
	struct error err = ERROR_INIT;

	ok(config_find(config, "roscore", &err) == config->process, "found");
	ok(!config_find(config, "rocore", &err), "not found");
	is_str(err.text, "'rocore' is not a process of f (did you mean 'roscore'?)", "why");
	config_free(config);
}

int main(void)
{
	test_empty();
	test_cmd();
	test_names();
	test_places();
	test_unknown_keys();
	test_duplicates();
	test_depends();
	test_values();
	test_templates();
	test_variants();
	test_limits();
	test_hostile();
	test_process();
	test_defaults();
	test_find();
	return done_testing();
}
