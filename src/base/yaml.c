/* SPDX-License-Identifier: MIT */
/*
 * From libyaml's events to the tree that yaml.h describes. An alias becomes a node of its own that
 * shares the parts of the anchored one, so memory stays in proportion to the file; what walks the
 * tree sees it repeated, so it is the weight of the repetitions that is bounded. Merge keys and
 * duplicates are yaml_mapping.c's, the meaning of scalars is yaml_scalar.c's.
 */
#include "base/base.h"
#include <yaml.h>
#include "base/strbuf.h"
#include "base/yaml_build.h"

#define TEXT_MAX   ((size_t)64 << 20)
#define DEPTH_MAX  100
#define WEIGHT_MAX ((size_t)4000000)

int yaml_add_weight(struct yaml_build *build, const struct yaml_mark *mark, size_t weight)
{
	build->weight += weight;
	if (build->weight <= WEIGHT_MAX)
		return 0;
	return yaml_fail_at(build, mark, "too large: more than %zu values%s", WEIGHT_MAX,
			    build->aliases ? " after aliases are resolved" : "");
}

static struct yaml_node *new_node(struct yaml_build *build, enum yaml_type type,
				  const yaml_mark_t *mark)
{
	struct yaml_node *node = arena_alloc(build->arena, sizeof(*node));

	node->type = type;
	node->mark = yaml_mark_at(build, mark);
	node->weight = 1;
	return node;
}

/* The type that a tag of YAML's own demands, or -1. */
static int type_of_tag(const char *tag)
{
	static const struct {
		const char *tag;
		enum yaml_type type;
	} known[] = {
		{YAML_NULL_TAG, YAML_NULL},    {YAML_BOOL_TAG, YAML_BOOL},
		{YAML_INT_TAG, YAML_INT},      {YAML_FLOAT_TAG, YAML_FLOAT},
		{YAML_STR_TAG, YAML_STRING},   {YAML_TIMESTAMP_TAG, YAML_TIMESTAMP},
		{YAML_SEQ_TAG, YAML_SEQUENCE}, {YAML_MAP_TAG, YAML_MAPPING},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(tag, known[i].tag))
			return (int)known[i].type;
	return -1;
}

/* An explicit tag must be known, and fit what it stands before. */
static int check_tag(struct yaml_build *build, const struct yaml_node *node, const char *tag)
{
	int type = tag ? type_of_tag(tag) : (int)node->type;

	if (type < 0)
		return yaml_fail_at(build, &node->mark, "'%s': unknown tag", tag);
	if ((enum yaml_type)type != node->type)
		return yaml_fail_at(build, &node->mark, "'%s': this is %s", tag,
				    yaml_type_name(node));
	return 0;
}

static int read_scalar(struct yaml_build *build, const yaml_event_t *event, const char *tag,
		       struct yaml_node *node)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (memchr(text, '\0', len))
		return yaml_fail_at(build, &node->mark, "a string cannot hold a NUL character");
	node->text = node->str = arena_strndup(build->arena, text, len);
	if (tag ? strcmp(tag, YAML_STR_TAG) != 0 : event->data.scalar.plain_implicit)
		yaml_resolve_scalar(node, build->arena);
	else
		node->quoted = true;
	return check_tag(build, node, tag);
}

static int read_node(struct yaml_build *build, const yaml_event_t *event, struct yaml_node **out);

/* Reads the nodes up to the event `end` onto the stack. */
static int read_children(struct yaml_build *build, yaml_event_type_t end)
{
	yaml_event_t event;
	bool over;
	int r = 0;

	do {
		struct yaml_node *child = NULL;

		if (yaml_next_event(build, &event) < 0)
			return -1;
		over = event.type == end;
		if (!over)
			r = read_node(build, &event, &child);
		yaml_event_delete(&event);
		if (child) {
			ALLOC_GROW(build->stack, build->nr_stack + 1, build->alloc_stack);
			build->stack[build->nr_stack++] = child;
		}
	} while (!over && !r);
	return r;
}

static void make_sequence(struct yaml_build *build, struct yaml_node *node, size_t base)
{
	node->nr = build->nr_stack - base;
	node->item = arena_alloc(build->arena, node->nr * sizeof(*node->item));
	for (size_t i = 0; i < node->nr; i++) {
		node->item[i] = build->stack[base + i];
		node->weight += node->item[i]->weight;
	}
}

static int read_parts(struct yaml_build *build, struct yaml_node *node)
{
	bool list = node->type == YAML_SEQUENCE;
	size_t base = build->nr_stack;
	int r;

	if (build->depth == DEPTH_MAX)
		return yaml_fail_at(build, &node->mark, "nested more than %d levels deep",
				    DEPTH_MAX);
	build->depth++;
	r = read_children(build, list ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT);
	if (!r && list)
		make_sequence(build, node, base);
	else if (!r)
		r = yaml_make_mapping(build, node, base);
	build->depth--;
	build->nr_stack = base;
	return r;
}

static int read_alias(struct yaml_build *build, const yaml_event_t *event, struct yaml_node **out)
{
	const char *anchor = (const char *)event->data.alias.anchor;
	struct yaml_node *of = strmap_get(&build->anchors, anchor);
	struct yaml_mark mark = yaml_mark_at(build, &event->start_mark);

	if (!of)
		return yaml_fail_at(build, &mark, "'*%s': no such anchor before this line", anchor);
	if (of == build->open)
		return yaml_fail_at(build, &mark, "'*%s': used within what it names", anchor);
	*out = arena_alloc(build->arena, sizeof(**out));
	**out = *of;
	(*out)->mark = mark;
	(*out)->aliased = true;
	build->aliases = true;
	return yaml_add_weight(build, &mark, of->weight);
}

/* What an event that begins a node says of it. */
struct start {
	enum yaml_type type;
	const char *anchor, *tag; /* NULL: none */
};

/* "!" alone stands for what would be without it. */
static const char *tag_of(const yaml_char_t *tag)
{
	return tag && strcmp((const char *)tag, "!") != 0 ? (const char *)tag : NULL;
}

static struct start start_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return (struct start){YAML_STRING, (const char *)event->data.scalar.anchor,
				      tag_of(event->data.scalar.tag)};
	case YAML_SEQUENCE_START_EVENT:
		return (struct start){YAML_SEQUENCE,
				      (const char *)event->data.sequence_start.anchor,
				      tag_of(event->data.sequence_start.tag)};
	case YAML_MAPPING_START_EVENT:
		return (struct start){YAML_MAPPING, (const char *)event->data.mapping_start.anchor,
				      tag_of(event->data.mapping_start.tag)};
	default:
		BUG("an event of type %d begins no node", (int)event->type);
	}
}

static int read_collection(struct yaml_build *build, const struct start *start,
			   struct yaml_node *node)
{
	if (check_tag(build, node, start->tag) < 0)
		return -1;
	/* Until it is complete, its name must not lead to what it meant before. */
	if (start->anchor)
		strmap_put(&build->anchors, start->anchor, build->open);
	return read_parts(build, node);
}

/* Reads what `event` begins; *out is NULL where there is nothing to show for it. */
static int read_node(struct yaml_build *build, const yaml_event_t *event, struct yaml_node **out)
{
	struct start start;
	struct yaml_node *node;
	int r;

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(build, event, out);
	start = start_of(event);
	*out = node = new_node(build, start.type, &event->start_mark);
	if (yaml_add_weight(build, &node->mark, 1) < 0)
		return -1;
	if (start.type == YAML_STRING)
		r = read_scalar(build, event, start.tag, node);
	else
		r = read_collection(build, &start, node);
	if (start.anchor && !r)
		strmap_put(&build->anchors, start.anchor, node);
	return r;
}

/* Reads the document of which `event` is the first node, and that nothing follows it. */
static int read_document(struct yaml_build *build, struct yaml_document *doc)
{
	yaml_event_t event;
	struct yaml_mark mark;
	int r;

	if (yaml_next_event(build, &event) < 0)
		return -1;
	r = read_node(build, &event, &doc->root);
	yaml_event_delete(&event);
	if (r < 0 || yaml_next_event(build, &event) < 0) /* the end of the document */
		return -1;
	yaml_event_delete(&event);
	if (yaml_next_event(build, &event) < 0)
		return -1;
	mark = yaml_mark_at(build, &event.start_mark);
	if (event.type != YAML_STREAM_END_EVENT)
		r = yaml_fail_at(build, &mark, "a second document (a file must hold only one)");
	yaml_event_delete(&event);
	return r;
}

static int read_stream(struct yaml_build *build, struct yaml_document *doc)
{
	yaml_event_t event;
	yaml_event_type_t type;

	for (int i = 0; i < 2; i++) {
		if (yaml_next_event(build, &event) < 0)
			return -1;
		type = event.type;
		yaml_event_delete(&event);
	}
	return type == YAML_STREAM_END_EVENT ? 0 : read_document(build, doc);
}

int yaml_parse(struct yaml_document *doc, const char *file, const char *text, size_t len,
	       yaml_warning_fn *warn, void *data, struct error *err)
{
	struct yaml_build build = {
		.file = file, .text = text, .len = len, .warn = warn, .data = data, .err = err};
	int r;

	doc->root = NULL;
	doc->arena = build.arena = arena_new();
	build.open = arena_alloc(doc->arena, sizeof(*build.open));
	if (len > TEXT_MAX)
		return error_set(err, ERROR_USAGE, "%s:1:1: too large: more than %zu MiB", file,
				 TEXT_MAX >> 20);
	ALLOC_GROW(build.stack, 1, build.alloc_stack); /* so that it is never NULL */
	if (!yaml_parser_initialize(&build.parser))
		BUG("no memory for libyaml's parser");
	yaml_parser_set_input_string(&build.parser, (const unsigned char *)text, len);
	r = read_stream(&build, doc);
	if (r < 0)
		doc->root = NULL;
	yaml_parser_delete(&build.parser);
	strmap_release(&build.anchors, NULL);
	free(build.stack);
	return r;
}

void yaml_release(struct yaml_document *doc)
{
	arena_free(doc->arena);
	*doc = (struct yaml_document){.root = NULL};
}
