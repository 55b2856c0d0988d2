/* SPDX-License-Identifier: MIT */
/*
 * What a plain scalar means to PyYAML's safe_load, and what Python's str() makes of that. For
 * yaml.c alone.
 */
#ifndef BASE_YAML_SCALAR_H
#define BASE_YAML_SCALAR_H

#include "base/arena.h"
#include "base/yaml.h"

/*
 * Sets `type`, `str` and `boolean` of a scalar whose `text` is there. What PyYAML recognises but
 * cannot read (the date 2001-99-99) stays a string.
 */
void yaml_resolve_scalar(struct yaml_node *node, struct arena *arena);

/*
 * Each returns true if `text` has the form of its type and means something, with the text of the
 * value added to `str` (which is a struct strbuf, empty before).
 */
struct strbuf;
bool yaml_read_int(const char *text, struct strbuf *str);
bool yaml_read_float(const char *text, struct strbuf *str);
bool yaml_read_timestamp(const char *text, struct strbuf *str);

/* The value of a digit of any base up to 16; UINT_MAX if it is none. */
unsigned yaml_digit(char c);

/* Reads what follows a colon, one or two digits below 60; returns how many they are, or 0. */
size_t yaml_sixtieth(const char *s, unsigned *value);

#endif
