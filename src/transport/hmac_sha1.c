/* SPDX-License-Identifier: MIT */
/*
 * SHA-1 as FIPS 180-4 (6.1) has it, and HMAC as RFC 2104 builds it. Written here because libssh
 * hands out neither, and its own matching of hashed names took 14 us a line.
 */
#include "base/base.h"
#include "transport/hmac_sha1.h"

#define BLOCK 64

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void put32(uint8_t *out, uint32_t x)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* Ch, Parity, Maj, Parity, each with its constant: FIPS 180-4, 4.1.1 and 4.2.1. */
static uint32_t mix(int t, uint32_t b, uint32_t c, uint32_t d)
{
	if (t < 20)
		return ((b & c) ^ (~b & d)) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void compress(uint32_t h[5], const uint8_t block[BLOCK])
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (int t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (int t = 0; t < 80; t++) {
		uint32_t next = rotate(a, 5) + mix(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

/* Hashes `data` and the padding on from `h`, which has taken one block already. */
static void finish(uint32_t h[5], const uint8_t *data, size_t len, uint8_t digest[HMAC_SHA1_SIZE])
{
	uint64_t bits = ((uint64_t)len + BLOCK) * 8;
	uint8_t last[2 * BLOCK] = {0};
	size_t end;

	for (; len >= BLOCK; data += BLOCK, len -= BLOCK)
		compress(h, data);
	end = len + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
	memcpy(last, data, len);
	last[len] = 0x80;
	put32(last + end - 8, (uint32_t)(bits >> 32));
	put32(last + end - 4, (uint32_t)bits);
	compress(h, last);
	if (end > BLOCK)
		compress(h, last + BLOCK);
	for (int i = 0; i < 5; i++)
		put32(digest + 4 * i, h[i]);
}

static void begin(uint32_t h[5], const uint8_t *key, size_t len, uint8_t pad)
{
	static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
					  0xc3d2e1f0};
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = (i < len ? key[i] : 0) ^ pad;
	memcpy(h, start, sizeof(start));
	compress(h, block);
}

void hmac_sha1_init(struct hmac_sha1 *hmac, const uint8_t *key, size_t len)
{
	if (len > BLOCK)
		BUG("a key of more than %d bytes", BLOCK);
	begin(hmac->inner, key, len, 0x36);
	begin(hmac->outer, key, len, 0x5c);
}

void hmac_sha1(const struct hmac_sha1 *hmac, const void *data, size_t len,
	       uint8_t mac[HMAC_SHA1_SIZE])
{
	struct hmac_sha1 state = *hmac;
	uint8_t digest[HMAC_SHA1_SIZE];

	finish(state.inner, data, len, digest);
	finish(state.outer, digest, sizeof(digest), mac);
}
