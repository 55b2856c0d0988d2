/* SPDX-License-Identifier: MIT */
/*
 * The grammar of placeholders, and nothing of what they stand for. `{identifier}` is one; `{}`,
 * `{print $1}`, `{a,b}`, `${HOME}` and `${a:-b}` are text like any other. In commands `{{` and `}}` stand for
 * single braces; elsewhere they are text.
 */
#ifndef CORE_TEMPLATE_H
#define CORE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

enum template_type {
	TEMPLATE_TEXT,	 /* stands for itself */
	TEMPLATE_NAME,	 /* {identifier} */
	TEMPLATE_FORMAT, /* {identifier:.2f}, {identifier!r}: surely meant for Python's format */
	/* {identifier:1}: a format only if that is a parameter's name, else the text "{" */
	TEMPLATE_MAYBE_FORMAT,
};

struct template_piece {
	enum template_type type;
	const char *text; /* TEXT: what it stands for; otherwise the identifier */
	size_t len;
	const char *raw; /* as it is written; FORMAT: up to the closing brace */
	size_t raw_len;
};

struct template
{
	const char *at;	   /* what was not read yet */
	const char *start; /* of the whole */
	bool braces;	   /* a command: `{{` is one brace */
};

#define TEMPLATE_INIT(s, b)                                                                        \
	{                                                                                          \
		.at = (s), .start = (s), .braces = (b)                                             \
	}

/* The next piece; false at the end. After a MAYBE_FORMAT it goes on behind the brace. */
bool template_next(struct template *template, struct template_piece *piece);

/* How many characters at `s` are an identifier; 0: none. */
size_t template_identifier(const char *s);

#endif
