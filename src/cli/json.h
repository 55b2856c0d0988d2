/* SPDX-License-Identifier: MIT */
/*
 * The JSON that concert prints. Keys are stable: programs read them, concert(1) documents them.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include "base/strbuf.h"
#include "concert.h"

/* Each adds one object and a line end. */
void json_add_event(struct strbuf *out, const struct concert_event *event);
void json_add_report(struct strbuf *out, const struct concert_report *report, bool tree);
void json_add_list(struct strbuf *out, const struct concert *concert);
void json_add_step(struct strbuf *out, const struct concert_step *step);

#endif
