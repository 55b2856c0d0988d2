/* SPDX-License-Identifier: MIT */
/*
 * YAML as PyYAML's safe_load reads it: what plain scalars mean and how Python prints them,
 * anchors, merge keys, duplicates, positions, and that hostile input ends in an error.
 */
#include "base/base.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "base/yaml.h"
#include "tap.h"

static void note(const struct yaml_mark *mark, const char *text, void *data)
{
	strbuf_addf(data, "%s:%d:%d: %s\n", mark->file, mark->line, mark->column, text);
}

/* Prints a tree in a form like Python's, strings in quotes. */
static void print(const struct yaml_node *node, struct strbuf *out)
{
	const char *comma = "";

	if (node->type == YAML_STRING) {
		strbuf_addf(out, "'%s'", node->str);
	} else if (node->type == YAML_SEQUENCE) {
		strbuf_addch(out, '[');
		for (size_t i = 0; i < node->nr; i++, comma = ", ") {
			strbuf_addstr(out, comma);
			print(node->item[i], out);
		}
		strbuf_addch(out, ']');
	} else if (node->type == YAML_MAPPING) {
		strbuf_addch(out, '{');
		for (size_t i = 0; i < node->nr; i++, comma = ", ") {
			strbuf_addf(out, "%s%s: ", comma, node->pair[i].key->text);
			print(node->pair[i].value, out);
		}
		strbuf_addch(out, '}');
	} else {
		strbuf_addstr(out, node->str);
	}
}

/* The tree of `text`, or its error, as a string; warnings come behind it. */
static void reads(const char *text, const char *want)
{
	struct yaml_document doc;
	struct error err = ERROR_INIT;
	struct strbuf got = STRBUF_INIT, warnings = STRBUF_INIT;
	char *name = xstrdup(text);

	for (char *c = name; *c; c++)
		if (*c == '\n' || *c == '#')
			*c = '|';
	if (yaml_parse(&doc, "f", text, strlen(text), note, &warnings, &err) < 0)
		strbuf_addstr(&got, err.text);
	else if (doc.root)
		print(doc.root, &got);
	if (warnings.len)
		strbuf_addf(&got, " | %.*s", (int)warnings.len - 1, warnings.buf);
	is_str(got.buf, want, name);
	free(name);
	strbuf_release(&got);
	strbuf_release(&warnings);
	yaml_release(&doc);
}

/* A scalar, and what Python prints for it. */
static const char *const scalars[][2] = {
	{"yes", "True"},
	{"off", "False"},
	{"NO", "False"},
	{"True", "True"},
	{"y", "'y'"},
	{"yEs", "'yEs'"},
	{"~", "None"},
	{"null", "None"},
	{"nULL", "'nULL'"},
	{"'yes'", "'yes'"},
	{"\"12\"", "'12'"},
	{"!!str 12", "'12'"},
	{"! 12", "12"},
	/* integers */
	{"0", "0"},
	{"-0", "0"},
	{"+12", "12"},
	{"-12", "-12"},
	{"1_000", "1000"},
	{"1__0_", "10"},
	{"_1", "'_1'"},
	{"010", "8"},
	{"-017", "-15"},
	{"0o17", "'0o17'"},
	{"08", "'08'"},
	{"0x1F", "31"},
	{"0x_f", "15"},
	{"0X1F", "'0X1F'"},
	{"0b101", "5"},
	{"-0b1_1", "-3"},
	{"0b2", "'0b2'"},
	{"1:30", "90"},
	{"190:20:30", "685230"},
	{"-1:30", "-90"},
	{"1:75", "'1:75'"},
	{"0:30", "'0:30'"},
	{"1:5", "65"},
	{"12345678901234567890123", "12345678901234567890123"},
	{"0xffffffffffffffffffffffff", "79228162514264337593543950335"},
	{"0x3b9aca00", "1000000000"},
	{"0xde0b6b3a7640000", "1000000000000000000"},
	{"12e3", "'12e3'"},
	{"1e5", "'1e5'"},
	{"12a", "'12a'"},
	{"-", "[None]"},
	{"+", "'+'"},
	/* floats */
	{"1.5", "1.5"},
	{"1.", "1.0"},
	{".5", "0.5"},
	{"-.5", "'-.5'"},
	{"+1.5", "1.5"},
	{"0.1", "0.1"},
	{"1.10", "1.1"},
	{"1_0.5_0", "10.5"},
	{"1.5e3", "'1.5e3'"},
	{"1.5e+3", "1500.0"},
	{"1.0e+16", "1e+16"},
	{"1.0e+15", "1000000000000000.0"},
	{"123456789012345678.0", "1.2345678901234568e+17"},
	{"0.0001", "0.0001"},
	{"0.00001", "1e-05"},
	{"1.5e-7", "1.5e-07"},
	{"-0.0", "-0.0"},
	{"1.0e+999", "inf"},
	{"100.0", "100.0"},
	{"0.30000000000000004", "0.30000000000000004"},
	{"5.0e-324", "5e-324"},
	{"1.7976931348623157e+308", "1.7976931348623157e+308"},
	{".inf", "inf"},
	{"-.INF", "-inf"},
	{"+.Inf", "inf"},
	{".NaN", "nan"},
	{"-.nan", "'-.nan'"},
	{"1:30.5", "90.5"},
	{"-1:30.5", "-90.5"},
	{"190:20:30.15", "685230.15"},
	{"1:75.5", "'1:75.5'"},
	{"1:.5", "'1:.5'"},
	{"1.2.3", "'1.2.3'"},
	{".", "'.'"},
	{"..", "'..'"},
	{"1.5.", "'1.5.'"},
	{"._5", "'._5'"},
	{"10.24.12.1", "'10.24.12.1'"},
	/* dates */
	{"2001-12-14", "2001-12-14"},
	{"2001-1-1", "'2001-1-1'"},
	{"2001-02-29", "'2001-02-29'"},
	{"2004-02-29", "2004-02-29"},
	{"2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.100000-05:00"},
	{"2001-12-14 21:59:43.10 -5", "2001-12-14 21:59:43.100000-05:00"},
	{"2001-12-15 2:59:43", "2001-12-15 02:59:43"},
	{"2001-12-15T02:59:43Z", "2001-12-15 02:59:43+00:00"},
	{"2001-12-15 02:59", "'2001-12-15 02:59'"},
	{"2001-13-01", "'2001-13-01'"},
	{"a: =", "{a: '='}"},
	{"!!int 12", "12"},
	{"!!bool yes", "True"},
};

static void test_scalars(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scalars); i++)
		reads(scalars[i][0], scalars[i][1]);
}

static void test_structure(void)
{
	reads("", "");
	reads("# nothing\n", "");
	reads("---\n", "None");
	reads("a: {b: [1, x]}", "{a: {b: [1, 'x']}}");
	reads("a: |\n  x\n  y\n", "{a: 'x\ny\n'}");
	reads("a: >-\n  x\n  y\n", "{a: 'x y'}");
	reads("\xef\xbb\xbf"
	      "a: \xc3\xa9",
	      "{a: '\xc3\xa9'}");
	reads("a: &x 1\nb: *x", "{a: 1, b: 1}");
	reads("a: &docker-xeno n-1\nb: [*docker-xeno]", "{a: 'n-1', b: ['n-1']}");
	reads("- &a 1\n- &a 2\n- *a", "[1, 2, 2]");
	reads("yes: 1", "{yes: 1}");
}

static void test_merge(void)
{
	reads("- &b {x: 1, y: 2}\n- <<: *b\n  y: 3", "[{x: 1, y: 2}, {x: 1, y: 3}]");
	reads("- &b {x: 1}\n- z: 0\n  <<: *b", "[{x: 1}, {x: 1, z: 0}]");
	reads("- &b {x: 1}\n- &c {x: 2, y: 2}\n- <<: [*b, *c]",
	      "[{x: 1}, {x: 2, y: 2}, {x: 1, y: 2}]");
	reads("- &b {x: 1}\n- &c {<<: *b, y: 2}\n- {<<: *c, x: 3}",
	      "[{x: 1}, {x: 1, y: 2}, {x: 3, y: 2}]");
	reads("<<: {x: 1}\n<<: {x: 2}", "{x: 2}");
	reads("\"<<\": 1", "{<<: 1}");
	reads("<<: 1", "f:1:5: '<<': an integer (it takes a mapping or a list of mappings)");
	reads("<<: [{x: 1}, y]",
	      "f:1:14: '<<': a string (it takes a mapping or a list of mappings)");
}

static void test_duplicates(void)
{
	reads("a: 1\nb: 2\na: 3", "{a: 3, b: 2} | f:3:1: 'a': duplicate key, first seen in line 1 "
				  "(the last one counts)");
	reads("1: a\n'1': b", "{1: 'a', 1: 'b'}");
	reads("- &b {x: 1}\n- <<: *b\n  x: 3", "[{x: 1}, {x: 3}]");
	reads("{a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, a: 2}",
	      "{a: 2, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1} | "
	      "f:1:80: 'a': duplicate key, first seen in line 1 (the last one counts)");
}

static void test_errors(void)
{
	reads("a: *x", "f:1:4: '*x': no such anchor before this line");
	reads("a: &x [*x]", "f:1:8: '*x': used within what it names");
	reads("a: 1\n---\nb: 2", "f:2:1: a second document (a file must hold only one)");
	reads("a: !python/object 1", "f:1:4: '!python/object': unknown tag");
	reads("a: !!binary aGk=", "f:1:4: 'tag:yaml.org,2002:binary': unknown tag");
	reads("a: !!int x", "f:1:4: 'tag:yaml.org,2002:int': this is a string");
	reads("a: !!seq {}", "f:1:4: 'tag:yaml.org,2002:seq': this is a mapping");
	reads("? [a]\n: b", "f:1:3: a list cannot be a key (put it in quotes)");
	reads("a: {b: 1}: 2", "f:1:10: mapping values are not allowed in this context");
	reads("a: \"x\\0y\"", "f:1:4: a string cannot hold a NUL character");
	reads("a: b\n\tc: d", "f:2:1: found a tab character that violates indentation while "
			      "scanning a plain scalar that begins in line 1");
	reads("a: [1,\nb: 2\n", "f:3:1: did not find expected ',' or ']' while parsing a flow "
				"sequence that begins in line 1");
	reads("a: \xc3(", "f:1:5: not a text in UTF-8: invalid trailing UTF-8 octet");
	reads("a: 1\nb\xff: 2", "f:2:2: not a text in UTF-8: invalid leading UTF-8 octet");
}

/* That `text` (freed) ends in an error, soon, which holds `want`. */
static void refuses(const char *name, struct strbuf *text, const char *want)
{
	struct yaml_document doc;
	struct error err = ERROR_INIT;
	int64_t began = loop_now_ms();

	is_int(yaml_parse(&doc, "f", text->buf, text->len, NULL, NULL, &err), -1, name);
	ok(strstr(err.text, want) != NULL, "%s", err.text);
	ok(loop_now_ms() - began < 20000, "%s: soon", name);
	yaml_release(&doc);
	strbuf_release(text);
}

static void test_hostile(void)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addstr(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 30; i++)
		strbuf_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
			    i - 1, i - 1);
	refuses("an alias bomb", &text, "too large: more than 4000000 values after aliases");
	strbuf_addstr(&text, "a0: &a0 {k: 1, l: 1, m: 1}\n");
	for (int i = 1; i < 30; i++)
		strbuf_addf(&text, "a%d: &a%d {x: *a%d, y: *a%d, <<: *a%d}\n", i, i, i - 1, i - 1,
			    i - 1);
	refuses("a merge bomb", &text, "too large");
	strbuf_addchars(&text, '[', 200000);
	refuses("deep lists", &text, "f:1:101: nested more than 100 levels deep");
	for (int i = 0; i < 20000; i++)
		strbuf_addstr(&text, "- ");
	refuses("deep block lists", &text, "nested more than 100 levels deep");
	strbuf_addchars(&text, ' ', (size_t)65 << 20);
	refuses("65 MiB", &text, "f:1:1: too large: more than 64 MiB");
	strbuf_addstr(&text, "[");
	for (int i = 0; i < 4100000; i++)
		strbuf_addstr(&text, "1,");
	refuses("too many values", &text, "too large: more than 4000000 values");
}

int main(void)
{
	test_scalars();
	test_structure();
	test_merge();
	test_duplicates();
	test_errors();
	test_hostile();
	return done_testing();
}
