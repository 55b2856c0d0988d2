/* SPDX-License-Identifier: MIT */
/*
 * From configured to what will run: the grammar of placeholders, the precedence of parameters,
 * variants and how they are chosen, and what is refused.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "core/resolve.h"
#include "target/target.h"
#include "tap.h"

static void note(enum concert_level level, const char *text, void *data)
{
	static const char letter[] = "EWID";

	strbuf_addf(data, "%c %s\n", letter[level], text);
}

static struct config *load(const char *text)
{
	struct strbuf got = STRBUF_INIT;
	struct config *config = config_parse("f", text, strlen(text), NULL, note, &got);

	if (!config)
		ok(false, "loads: %s", got.buf);
	strbuf_release(&got);
	return config;
}

/* Words separated by blanks, as a list for choices_init(). */
static const char *const *split(struct strvec *words, const char *text)
{
	strvec_init(words);
	while (*text) {
		size_t len = strcspn(text, " ");

		strvec_push_owned(words, xstrndup(text, len));
		text += len + (text[len] == ' ');
	}
	return (const char *const *)words->v;
}

/* What a request for the first process makes of it. */
struct outcome {
	struct config *config;
	struct choices choices;
	struct spec spec;
	struct error err;
	struct strbuf said; /* warnings, and errors but the last */
	int result;
};

static void resolve(struct outcome *out, const char *file, const char *params, const char *variants)
{
	struct strvec p, v;
	const struct config_process *plan[1];

	*out = (struct outcome){.config = load(file), .said = STRBUF_INIT};
	plan[0] = out->config->process;
	out->result =
		choices_init(&out->choices, split(&p, params), split(&v, variants), &out->err);
	if (!out->result)
		out->result = choices_check(&out->choices, out->config, plan, 1, note, &out->said,
					    &out->err);
	if (!out->result)
		out->result =
			spec_resolve(&out->spec, out->config, plan[0], &out->choices, &out->err);
	strvec_release(&p);
	strvec_release(&v);
}

static void outcome_release(struct outcome *out)
{
	if (out->spec.process)
		spec_release(&out->spec);
	choices_release(&out->choices);
	config_free(out->config);
	strbuf_release(&out->said);
}

/* That the command becomes `want`; "! TEXT" is an error, and warnings stand in front. */
static void becomes(const char *file, const char *params, const char *variants, const char *want)
{
	struct outcome out;
	struct strbuf got = STRBUF_INIT;

	resolve(&out, file, params, variants);
	strbuf_addf(&got, "%s%s%s", out.said.buf, out.result ? "! " : "",
		    out.result ? out.err.text : out.spec.cmd);
	is_str(got.buf, want, *out.said.buf ? "with a message" : want);
	strbuf_release(&got);
	outcome_release(&out);
}

/* That `text`, quoted as YAML wants it, is read as `want` with a = "A" and n = "5". */
static void cmd_becomes(const char *text, const char *want)
{
	struct strbuf file = STRBUF_INIT;

	strbuf_addstr(&file, "p: {params: {a: A, n: 5, _x1: '{a}'}, cmd: '");
	for (; *text; text++)
		strbuf_addf(&file, *text == '\'' ? "''" : "%c", *text);
	strbuf_addstr(&file, "'}");
	becomes(file.buf, "", "", want);
	strbuf_release(&file);
}

static void test_grammar(void)
{
	static const char *const cases[][2] = {
		{"x {a} y", "x A y"},
		{"{a}{a}", "AA"},
		{"{_x1}", "{a}"},
		/* what is no placeholder reaches the shell untouched */
		{"{}", "{}"},
		{"find -exec echo {} ;", "find -exec echo {} ;"},
		{"awk '{print $1}'", "awk '{print $1}'"},
		{"mv x.{a,b}", "mv x.{a,b}"},
		{"echo ${HOME}", "echo ${HOME}"},
		{"echo ${a}", "echo ${a}"},
		{"${a:-x} ${a%y}", "${a:-x} ${a%y}"},
		{"${a:-x}}}", "${a:-x}}"},
		{"${x:-{a}}", "${x:-A}"},
		{"{ a; }", "{ a; }"},
		{"{a }", "{a }"},
		{"{ a}", "{ a}"},
		{"{1a}", "{1a}"},
		{"{a-b}", "{a-b}"},
		{"{a.b}", "{a.b}"},
		{"{a[0]}", "{a[0]}"},
		{"{\"a\": 1}", "{\"a\": 1}"},
		{"{data: true}", "{data: true}"},
		{"{x:1}", "{x:1}"},
		{"{1..5}", "{1..5}"},
		{"{", "{"},
		{"}", "}"},
		{"{a", "{a"},
		{"a}", "a}"},
		{"$", "$"},
		{"${", "${"},
		{"$a$b", "$a$b"},
		{"$(x {a})", "$(x A)"},
		{"\\{a}", "\\A"},
		{"%s \\n \"q\" 'q' `x` !! \xc3\xa9", "%s \\n \"q\" 'q' `x` !! \xc3\xa9"},
		/* doubled braces are single ones */
		{"{{a}}", "{a}"},
		{"{{}}", "{}"},
		{"{{{a}}}", "{A}"},
		{"{{{{a}}}}", "{{a}}"},
		{"${{HOME}}", "${HOME}"},
		{"awk '{{print}}'", "awk '{print}'"},
		{"}}", "}"},
		{"{{", "{"},
		{"${a}}}", "${a}}"},
		{"{{rate:.2f}}", "{rate:.2f}"},
		/* formats */
		{"{a:.2f}", "! f:1:44: 'cmd' of 'p': '{a:.2f}': formats are not supported (write "
			    "'{a}')"},
		{"{rate:.2f}", "! f:1:44: 'cmd' of 'p': '{rate:.2f}': formats are not supported "
			       "(write '{rate}')"},
		{"{n:03d}", "! f:1:44: 'cmd' of 'p': '{n:03d}': formats are not supported (write "
			    "'{n}')"},
		{"{n:5}",
		 "! f:1:44: 'cmd' of 'p': '{n:5}': formats are not supported (write '{n}')"},
		{"{a!r}",
		 "! f:1:44: 'cmd' of 'p': '{a!r}': formats are not supported (write '{a}')"},
		{"{a:>10}", "! f:1:44: 'cmd' of 'p': '{a:>10}': formats are not supported (write "
			    "'{a}')"},
		/* undefined */
		{"{zzz}", "! f:1:44: 'cmd' of 'p': no parameter defines '{zzz}' (give it with -p "
			  "zzz=VALUE, or write '{{zzz}}' for the text itself)"},
		{"{_x2}", "! f:1:44: 'cmd' of 'p': no parameter defines '{_x2}' (did you mean "
			  "'{_x1}'?)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cmd_becomes(cases[i][0], cases[i][1]);
}

#define XBOT                                                                                       \
	"context: {params: {hw: ctx, both: ctx}}\n"                                                \
	"xbot: {cmd: 'x {hw} {own}', params: {own: o, both: own},\n"                               \
	"  variants: {verbose: {cmd: '{cmd} -V'}, sudo: {cmd: 'sudo {cmd}'},\n"                    \
	"    ctrl: [pos: {params: {hw: pos}}, dummy: {params: {hw: dummy}}]}}\n"                   \
	"other: {cmd: y, variants: {fast: {}, ctrl: [slow: {}]}}\n"

static void test_precedence(void)
{
	becomes(XBOT, "", "", "x ctx o");
	becomes(XBOT, "hw=cli", "", "x cli o");
	becomes(XBOT, "hw:=cli", "", "x cli o");
	becomes(XBOT, "hw=1 hw=2", "", "x 2 o");
	becomes(XBOT, "hw=a=b", "", "x a=b o");
	becomes(XBOT, "hw=", "", "x  o");
	becomes(XBOT, "hw={own}", "", "x {own} o");
	becomes(XBOT, "own=z", "", "x ctx z");
	becomes(XBOT, "", "pos", "x pos o");
	becomes(XBOT, "", "ctrl=pos", "x pos o");
	becomes(XBOT, "", "xbot:pos", "x pos o");
	becomes(XBOT, "", "xbot:ctrl=pos", "x pos o");
	becomes(XBOT, "hw=pos", "pos", "x pos o");
	becomes(XBOT, "hw=other", "pos",
		"! 'hw': variant 'pos' of 'xbot' makes it 'pos', -p makes it 'other' (leave one of "
		"them out)");
	becomes(XBOT, "hw", "",
		"! 'hw' is no parameter (write KEY=VALUE; a key is made of letters, "
		"digits and _)");
	becomes(XBOT, "h-w=1", "",
		"! 'h-w=1' is no parameter (write KEY=VALUE; a key is made of "
		"letters, digits and _)");
	becomes(XBOT, "hv=1", "",
		"W 'hv': nothing that is asked for uses this parameter (did you "
		"mean 'hw'?)\nx ctx o");
	becomes("p: {cmd: '{process} {session} {machine} {host} {container}.', machine: u@h:22,\n"
		"  docker: d, session: s}",
		"", "", "p s u@h:22 h d.");
	becomes("p: {cmd: '{machine} {host} {container}.'}", "", "", "local localhost .");
	becomes("p: {cmd: '{user}', machine: u@h}", "", "", "u");
	becomes("p: {cmd: '{user}', machine: h}", "", "",
		"! f:1:10: 'cmd' of 'p': '{user}': the file does not say which user (write machine: "
		"user@host)");
	becomes("p: {cmd: '{process}', params: {process: mine}}", "", "", "mine");
	becomes("p: {cmd: 'tail {log}'}", "", "", "tail " TARGET_LOG_MARK);
	becomes("p: {cmd: x, docker: '{log}'}", "", "",
		"! f:1:21: 'docker' of 'p': '{log}' is known in cmd, ready_check and setup only");
}

static void test_variants(void)
{
	becomes(XBOT, "", "verbose", "x ctx o -V");
	becomes(XBOT, "", "sudo verbose", "sudo x ctx o -V");
	becomes(XBOT, "", "verbose sudo", "sudo x ctx o -V");
	becomes(XBOT, "", "verbose pos", "x pos o -V");
	becomes(XBOT, "", "verbos",
		"! 'verbos' is not a variant of xbot (did you mean 'verbose'?)");
	becomes(XBOT, "", "ctrl=verbose",
		"! 'ctrl=verbose' is not a variant of xbot (did you mean "
		"'verbose'?)");
	becomes(XBOT, "", "fast", "! 'fast' is a variant of 'other', which is not asked for");
	becomes(XBOT, "", "xbt:pos", "! 'xbt' is not a process of f (did you mean 'xbot'?)");
	becomes(XBOT, "", "pos dummy",
		"! 'pos' and 'dummy' are both choices of the group 'ctrl' of "
		"'xbot' (choose one)");
	becomes(XBOT, "", "aaaa bbbb",
		"E 'aaaa' is not a variant of xbot\n! 'bbbb' is not a variant "
		"of xbot");
	/* {cmd} is replaced first, once, and only then are braces read */
	becomes("p: {cmd: 'a {{b}} {c}', params: {c: '{cmd}'}, variants: {v: {cmd: 'x {cmd} {cmd}'}}}",
		"", "v", "x a {b} {cmd} a {b} {cmd}");
	becomes("p: {cmd: a, variants: {v: {cmd: 'x {{cmd}}'}}}", "", "v", "x {cmd}");
	becomes("p: {cmd: a, variants: {v: {cmd: 'x ${cmd}'}}}", "", "v", "x ${cmd}");
	becomes("p: {cmd: a, variants: {v: {cmd: b}}}", "", "v", "b");
	becomes("p: {cmd: 'a {x}', variants: {v: {cmd: b}}}", "", "v", "b");
	becomes("p: {cmd: a, variants: {v: {cmd: '{cmd} {q}', params: {q: 1}}}}", "", "v", "a 1");
	becomes("p: {cmd: '{q}', variants: {v: {params: {q: 1}}, w: {params: {q: 2}}}}", "", "w v",
		"2");
}

static void test_strings(void)
{
	struct outcome out;

	resolve(&out,
		"context: {env: {E: 'e {a} {{x}}'}, params: {a: A, c: 1}}\n"
		"p: {cmd: x, machine: 'r@{a}', docker: 'd-{a}', cwd: '/w/{a}', setup: 's {a} {log}',\n"
		"  env: {F: '{container}'}, stop: {cmd: 'stop {a}'},\n"
		"  ready_check: \"docker inspect -f '{{.State.Running}}' {container} {a}\",\n"
		"  variants: {v: {params: {b: 2}}, g: [h: {ready_check: 'true {b}'}]}}",
		"a=B", "");
	is_int(out.result, 0, "resolves");
	is_str(out.spec.machine, "r@B", "machine");
	is_str(out.spec.container, "d-B", "docker");
	is_str(out.spec.cwd, "/w/B", "cwd");
	is_str(out.spec.setup, "s B " TARGET_LOG_MARK, "setup");
	is_str(out.spec.stop_cmd, "stop B", "stop.cmd");
	is_str(out.spec.ready_cmd, "docker inspect -f '{{.State.Running}}' d-B B",
	       "doubled braces stay, outside of commands");
	is_str(out.spec.env.v[0], "E=e B {{x}}", "env of the context");
	is_str(out.spec.env.v[1], "F=d-B", "env");
	is_int((long long)out.spec.params.nr, 2, "two parameters are in effect");
	is_str(out.spec.params.v[0], "a=B", "the given one");
	is_str(out.spec.params.v[1], "c=1", "and that of the context");
	is_str(out.spec.given.v[0], "a=B", "given");
	outcome_release(&out);
	resolve(&out,
		"p: {cmd: x, ready_check: r, variants: {v: {params: {b: 2}},\n"
		"  g: [h: {ready_check: 'true {b}', machine: m, docker: d}]}}",
		"", "h v");
	is_str(out.spec.ready_cmd, "true 2", "a variant's ready_check");
	is_str(out.spec.machine, "m", "its machine");
	is_str(out.spec.container, "d", "its container");
	is_str(out.spec.variants.v[0], "v", "variants, in the file's order");
	is_str(out.spec.variants.v[1], "g=h", "with their group");
	is_str(out.spec.variants.v[2], NULL, "and no other");
	outcome_release(&out);
}

static void test_refused(void)
{
	becomes("p: {cmd: x, machine: '{m}'}", "m=-oProxyCommand=x", "",
		"! f:1:22: 'machine' of 'p': '-oProxyCommand=x' is not the name of a machine (local, "
		"host, user@host, user@host:port, [address]:port or ssh://user@host:port)");
	becomes("p: {cmd: x, docker: '{d}'}", "d=-it", "",
		"! f:1:21: 'docker' of 'p': '-it' is no name of a container (letters, digits, '_', "
		"'-' and '.', beginning with a letter or a digit)");
	becomes("p: {cmd: x, cwd: '{d}'}", "d=$(x)", "",
		"! f:1:18: 'cwd' of 'p': '$(x)' is no name of a folder (a path, or '~/path' in the "
		"user's home, without anything that a shell would replace)");
	becomes("p: {cmd: x, machine: '{m}'}", "m=localhost", "", "x");
	becomes("p: {cmd: \"a \\x01log\\x01\"}", "", "",
		"! f:1:10: 'cmd' of 'p': '\\x01log\\x01' cannot stand in a command");
}

static void test_limits(void)
{
	struct strbuf file = STRBUF_INIT;

	strbuf_addstr(&file, "p: {params: {a: '");
	strbuf_addchars(&file, 'x', 60000);
	strbuf_addstr(&file, "'}, variants: {v: {cmd: '{cmd}{cmd}'},\n w: {cmd: '{cmd}{cmd}'}},\n"
			     "  cmd: '");
	for (int i = 0; i < 10000; i++)
		strbuf_addstr(&file, "{a} ");
	strbuf_addstr(&file, "'}");
	becomes(file.buf, "", "", "! f:3:8: 'cmd' of 'p': longer than 100000 bytes");
	becomes(file.buf, "a=xx", "v w", "! f:2:11: 'cmd' of 'p': longer than 100000 bytes");
	strbuf_release(&file);
}

int main(void)
{
	test_grammar();
	test_precedence();
	test_variants();
	test_strings();
	test_refused();
	test_limits();
	return done_testing();
}
