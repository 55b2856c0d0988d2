/* SPDX-License-Identifier: MIT */
/*
 * Host names of known_hosts: patterns after OpenSSH's match.c (but in time that does not explode
 * with the number of stars), hidden names after its hostfile.c: HMAC-SHA1 of the name, with a salt
 * of 20 bytes for the key.
 */
#include "base/base.h"
#include "base/base64.h"
#include "base/strbuf.h"
#include "transport/hmac_sha1.h"
#include "transport/hostname.h"

#define MAX_PATTERN 1022 /* as in OpenSSH: a list with a longer one matches nothing */
#define HASH_MAGIC  "|1|"
#define HASH_TEXT   28 /* 20 bytes in base64 */
#define SALT_AT	    3
#define MAC_AT	    (SALT_AT + HASH_TEXT + 1)

struct hostname_hash {
	struct hmac_sha1 salt;
	uint8_t mac[HMAC_SHA1_SIZE];
};

void hostname_lower(char *name)
{
	for (; *name; name++)
		if (*name >= 'A' && *name <= 'Z')
			*name = (char)(*name - 'A' + 'a');
}

/* One star to come back to is enough: what an earlier one could take, the last one can, too. */
static bool matches_pattern(const char *name, const char *pattern, size_t len)
{
	const char *end = pattern + len, *star = NULL, *mark = NULL;

	while (*name) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			mark = name;
		} else if (pattern < end && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++mark;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool hostname_is_in(const char *name, const char *list)
{
	bool found = false;

	while (*list) {
		bool negated = *list == '!';
		const char *pattern = list + negated;
		size_t len = strcspn(pattern, ",");

		if (len > MAX_PATTERN)
			return false;
		if (matches_pattern(name, pattern, len)) {
			if (negated)
				return false;
			found = true;
		}
		list = pattern + len;
		list += *list == ',';
	}
	return found;
}

static bool decode20(uint8_t out[HMAC_SHA1_SIZE], const char *text)
{
	uint8_t bytes[BASE64_MAX(HASH_TEXT)];

	if (base64_decode(bytes, text, HASH_TEXT) != HMAC_SHA1_SIZE)
		return false;
	memcpy(out, bytes, HMAC_SHA1_SIZE);
	return true;
}

struct hostname_hash *hostname_hash_parse(const char *text)
{
	uint8_t key[HMAC_SHA1_SIZE], mac[HMAC_SHA1_SIZE];
	struct hostname_hash *hash;

	if (strlen(text) != MAC_AT + HASH_TEXT || strncmp(text, HASH_MAGIC, SALT_AT) ||
	    text[MAC_AT - 1] != '|' || !decode20(key, text + SALT_AT) ||
	    !decode20(mac, text + MAC_AT))
		return NULL;
	hash = xmalloc(sizeof(*hash));
	hmac_sha1_init(&hash->salt, key, sizeof(key));
	memcpy(hash->mac, mac, sizeof(mac));
	return hash;
}

bool hostname_has_hash(const char *name, size_t len, const struct hostname_hash *hash)
{
	uint8_t mac[HMAC_SHA1_SIZE];

	hmac_sha1(&hash->salt, name, len, mac);
	return !memcmp(mac, hash->mac, sizeof(mac));
}

char *hostname_hide(const char *name)
{
	struct strbuf text = STRBUF_INIT;
	struct hmac_sha1 hmac;
	uint8_t salt[HMAC_SHA1_SIZE], mac[HMAC_SHA1_SIZE];

	if (getentropy(salt, sizeof(salt)))
		BUG("the kernel gives no random bytes: %s", strerror(errno));
	hmac_sha1_init(&hmac, salt, sizeof(salt));
	hmac_sha1(&hmac, name, strlen(name), mac);
	strbuf_addstr(&text, HASH_MAGIC);
	base64_encode(&text, salt, sizeof(salt));
	strbuf_addch(&text, '|');
	base64_encode(&text, mac, sizeof(mac));
	return strbuf_detach(&text);
}
