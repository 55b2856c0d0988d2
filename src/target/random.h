/* SPDX-License-Identifier: MIT */
/*
 * Names that nobody else has and nobody can guess.
 */
#ifndef TARGET_RANDOM_H
#define TARGET_RANDOM_H

#include <stddef.h>

/* Writes `len` (even) hexadecimal digits and a NUL. */
void random_hex(char *hex, size_t len);

#endif
