/* SPDX-License-Identifier: MIT */
/*
 * The JSON that concert prints. Keys are stable: programs read them, concert(1) documents them.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include "base/strbuf.h"
#include "concert.h"

/* What a process wrote, or a mark in it: an event with a place in the log. */
struct json_output {
	const char *process, *run; /* run: NULL if it is not known */
	enum concert_event_type type;
	enum concert_state state; /* marks only */
	enum concert_level level;
	double time; /* 0: not known */
	int64_t offset;
	const char *message;
	size_t message_len;
};

/* Each adds one object and a line end. */
void json_add_output(struct strbuf *out, const struct json_output *output);
void json_add_event(struct strbuf *out, const struct concert_event *event);
void json_add_report(struct strbuf *out, const struct concert_report *report, bool tree);
void json_add_list(struct strbuf *out, const struct concert *concert);
void json_add_diagnosis(struct strbuf *out, const struct concert_diagnosis *diagnosis);
void json_add_step(struct strbuf *out, const struct concert_step *step);

#endif
