/* SPDX-License-Identifier: MIT */
/*
 * libyaml's events, where they stand, and what is said when there is no next one. All that knows
 * how libyaml counts and complains is here.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/yaml_build.h"

int yaml_fail_at(struct yaml_build *build, const struct yaml_mark *mark, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	error_set(build->err, ERROR_USAGE, "%s:%d:%d: %s", mark->file, mark->line, mark->column,
		  text.buf);
	strbuf_release(&text);
	return -1;
}

struct yaml_mark yaml_mark_at(const struct yaml_build *build, const yaml_mark_t *mark)
{
	return (struct yaml_mark){
		.file = build->file,
		.line = mark->line < INT_MAX ? (int)mark->line + 1 : INT_MAX,
		.column = mark->column < INT_MAX ? (int)mark->column + 1 : INT_MAX,
	};
}

/* libyaml tells where it met bytes that are no text only as an offset. */
static struct yaml_mark mark_of_offset(const struct yaml_build *build, size_t offset)
{
	struct yaml_mark mark = {.file = build->file, .line = 1, .column = 1};

	for (size_t i = 0; i < offset && i < build->len; i++) {
		unsigned char c = (unsigned char)build->text[i];

		if (c == '\n') {
			mark.line++;
			mark.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

/* Tells why libyaml gave up. */
static int parser_error(struct yaml_build *build)
{
	const yaml_parser_t *p = &build->parser;
	struct yaml_mark mark;

	if (p->error == YAML_READER_ERROR) {
		mark = mark_of_offset(build, p->problem_offset);
		return yaml_fail_at(build, &mark, "not a text in UTF-8: %s", p->problem);
	}
	mark = yaml_mark_at(build, &p->problem_mark);
	if (p->error == YAML_MEMORY_ERROR || !p->problem)
		return yaml_fail_at(build, &mark, "cannot be read as YAML");
	if (!p->context)
		return yaml_fail_at(build, &mark, "%s", p->problem);
	if (p->context_mark.line == p->problem_mark.line)
		return yaml_fail_at(build, &mark, "%s %s", p->problem, p->context);
	return yaml_fail_at(build, &mark, "%s %s that begins in line %zu", p->problem, p->context,
			    p->context_mark.line + 1);
}

int yaml_next_event(struct yaml_build *build, yaml_event_t *event)
{
	if (yaml_parser_parse(&build->parser, event))
		return 0;
	return parser_error(build);
}
