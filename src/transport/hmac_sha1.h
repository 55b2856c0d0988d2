/* SPDX-License-Identifier: MIT */
/*
 * HMAC-SHA1, because known_hosts files hide host names with it; nothing else may use it. The key's
 * half of the work is done once, so that one salt can be tried against many names.
 */
#ifndef TRANSPORT_HMAC_SHA1_H
#define TRANSPORT_HMAC_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define HMAC_SHA1_SIZE 20

struct hmac_sha1 {
	uint32_t inner[5], outer[5]; /* SHA-1 after the block made of the key */
};

/* `key` has at most 64 bytes. */
void hmac_sha1_init(struct hmac_sha1 *hmac, const uint8_t *key, size_t len);
void hmac_sha1(const struct hmac_sha1 *hmac, const void *data, size_t len,
	       uint8_t mac[HMAC_SHA1_SIZE]);

#endif
