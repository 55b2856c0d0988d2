/* SPDX-License-Identifier: MIT */
/*
 * Base64 with padding (RFC 4648, section 4), in its canonical form only: no blanks, no missing
 * padding, no stray bits. So two texts are equal exactly if what they stand for is.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/strbuf.h"

/* How many bytes `len` characters stand for at the most. */
#define BASE64_MAX(len) ((len) / 4 * 3)

/*
 * Decodes `len` characters to `out`, which has room for BASE64_MAX(len) bytes. Returns how many
 * there are, or -1 if that is not base64.
 */
ssize_t base64_decode(uint8_t *out, const char *text, size_t len);

void base64_encode(struct strbuf *sb, const uint8_t *data, size_t len);

#endif
