/* SPDX-License-Identifier: MIT */
/*
 * Base64, four characters at a time. Its contract is in base64.h.
 */
#include "base/base.h"
#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ssize_t base64_decode(uint8_t *out, const char *text, size_t len)
{
	size_t nr = 0, padding = 0;

	if (len % 4)
		return -1;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i += 4) {
		size_t want = i + 4 < len ? 4 : 4 - padding;
		uint32_t bits = 0;

		for (size_t k = 0; k < 4; k++) {
			int v = k < want ? value(text[i + k]) : 0;

			if (v < 0)
				return -1;
			bits = bits << 6 | (uint32_t)v;
		}
		if (bits & ((1u << 8 * (4 - want)) - 1))
			return -1;
		for (size_t k = 0; k + 1 < want; k++)
			out[nr++] = (uint8_t)(bits >> (16 - 8 * k));
	}
	return (ssize_t)nr;
}

void base64_encode(struct strbuf *sb, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t nr = len - i < 3 ? len - i : 3;
		uint32_t bits = (uint32_t)data[i] << 16;

		bits |= nr > 1 ? (uint32_t)data[i + 1] << 8 : 0;
		bits |= nr > 2 ? data[i + 2] : 0;
		for (size_t k = 0; k < 4; k++)
			strbuf_addch(sb, k <= nr ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
}
