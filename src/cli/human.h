/* SPDX-License-Identifier: MIT */
/*
 * Quantities as people read them: "3m12s", "12.3M".
 */
#ifndef CLI_HUMAN_H
#define CLI_HUMAN_H

#include <stdint.h>

/* Room for any of the texts. Each function returns `buf`, empty where the value is not known. */
#define HUMAN_SIZE 32

const char *human_seconds(char buf[HUMAN_SIZE], double seconds); /* "0.4s", "3m12s", "2d4h" */
const char *human_ms(char buf[HUMAN_SIZE], int64_t ms);	      /* exact: "500ms", "10s", "1m30s" */
const char *human_bytes(char buf[HUMAN_SIZE], int64_t bytes); /* "812K", "12.3M" */
const char *human_percent(char buf[HUMAN_SIZE], double percent); /* "0.5", "120" */

/* Parses "10s", "500ms", "2m", "1h", "1m30s"; a bare number is seconds. Returns 0 or -1. */
int human_parse_ms(const char *text, int64_t *ms);

#endif
