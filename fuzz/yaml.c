/* SPDX-License-Identifier: MIT */
/*
 * YAML to a tree: what yaml.h promises of every node, whatever the text is.
 */
#include "base/base.h"
#include "base/yaml.h"
#include "fuzz/fuzz.h"

/* Bounds the walk: aliases make a small text a large tree. */
#define NODES_MAX 20000

struct walk {
	size_t lines, seen;
	unsigned depth;
};

static void check_number(const struct yaml_node *node)
{
	const char *digits = node->str + (*node->str == '-');

	if (node->type == YAML_INT)
		CHECK(*digits && !digits[strspn(digits, "0123456789")] &&
			      (*digits != '0' || !digits[1]),
		      "'%s' is read as the integer '%s'", node->text, node->str);
	if (node->type == YAML_FLOAT)
		CHECK(strspn(digits, "0123456789.e+-infa") == strlen(digits) && *digits,
		      "'%s' is read as the number '%s'", node->text, node->str);
	if (node->type == YAML_BOOL)
		CHECK(!strcmp(node->str, node->boolean ? "True" : "False"), "%s", node->str);
}

static size_t check_node(struct walk *walk, const struct yaml_node *node);

static size_t check_mapping(struct walk *walk, const struct yaml_node *node)
{
	size_t weight = 1;

	for (size_t i = 0; i < node->nr; i++) {
		const struct yaml_node *key = node->pair[i].key;

		CHECK(key->text && key->str, "a key that is no scalar");
		for (size_t k = 0; k < i && i < 50; k++)
			CHECK(node->pair[k].key->type != key->type ||
				      strcmp(node->pair[k].key->str, key->str) != 0,
			      "'%s' is there twice", key->str);
		weight += check_node(walk, key) + check_node(walk, node->pair[i].value);
	}
	return weight;
}

static size_t check_node(struct walk *walk, const struct yaml_node *node)
{
	size_t weight = 1;

	if (walk->seen++ > NODES_MAX)
		return node->weight;
	CHECK(++walk->depth <= 200, "too deep");
	CHECK(node->mark.line >= 1 && (size_t)node->mark.line <= walk->lines + 2 &&
		      node->mark.column >= 1,
	      "%d:%d of %zu lines", node->mark.line, node->mark.column, walk->lines);
	if (node->type == YAML_MAPPING) {
		weight = check_mapping(walk, node);
	} else if (node->type == YAML_SEQUENCE) {
		for (size_t i = 0; i < node->nr; i++)
			weight += check_node(walk, node->item[i]);
	} else {
		CHECK(node->text && node->str, "a scalar without text");
		CHECK(fuzz_is_utf8(node->text, strlen(node->text)), "not UTF-8");
		CHECK(node->type != YAML_STRING || !strcmp(node->text, node->str), "two strings");
		check_number(node);
	}
	CHECK(weight == node->weight, "it weighs %zu, not %zu", weight, node->weight);
	walk->depth--;
	return node->weight;
}

static void on_warning(const struct yaml_mark *mark, const char *text, void *data)
{
	(void)data;
	CHECK(mark->line >= 1 && mark->column >= 1 && *text, "%d:%d", mark->line, mark->column);
}

/* YAML's line ends are more than '\n': CR, NEL, LS and PS, and UTF-16 has them in two bytes. */
static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] == 0x85 || data[i] == 0xa8 ||
			 data[i] == 0xa9 || data[i] == 0x28 || data[i] == 0x29;
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk walk = {.lines = count_lines(data, size)};
	struct yaml_document doc;
	struct error err = ERROR_INIT;
	int line = 0, column = 0;

	if (!yaml_parse(&doc, "f.yaml", (const char *)data, size, on_warning, NULL, &err)) {
		CHECK(!err.code, "an error, and success: %s", err.text);
		if (doc.root)
			check_node(&walk, doc.root);
	} else {
		CHECK(err.code == ERROR_USAGE &&
			      sscanf(err.text, "f.yaml:%d:%d: %*c", &line, &column) == 2 &&
			      line >= 1 && column >= 1,
		      "'%s'", err.text);
	}
	yaml_release(&doc);
	return 0;
}
