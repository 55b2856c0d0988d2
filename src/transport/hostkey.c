/* SPDX-License-Identifier: MIT */
/*
 * Types of host keys. The order is that of HostKeyAlgorithms in ssh_config(5); DSA is known, so
 * that its lines count, but as in OpenSSH it is not asked for. The fields of a key are those of
 * RFC 4253 (6.6), RFC 5656 (3.1), RFC 8709 (4) and OpenSSH's PROTOCOL.u2f.
 */
#include "base/base.h"
#include "base/base64.h"
#include "transport/hostkey.h"

const struct hostkey_type hostkey_types[] = {
	{"ssh-ed25519", "ssh-ed25519", 1},
	{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", 2},
	{"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", 2},
	{"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", 2},
	{"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", 2},
	{"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com", 3},
	{"ssh-rsa", "rsa-sha2-512,rsa-sha2-256", 2},
	{"ssh-dss", NULL, 4},
	{NULL, NULL, 0},
};

const struct hostkey_type *hostkey_type(const char *name)
{
	if (!strcmp(name, "rsa-sha2-512") || !strcmp(name, "rsa-sha2-256"))
		name = "ssh-rsa";
	for (const struct hostkey_type *type = hostkey_types; type->name; type++)
		if (!strcmp(name, type->name))
			return type;
	return NULL;
}

/* Takes a string (RFC 4251, section 5) off the front; returns it, or NULL if it is cut. */
static const uint8_t *take(const uint8_t **data, size_t *left, size_t *len)
{
	const uint8_t *string = *data + 4;

	if (*left < 4)
		return NULL;
	*len = (size_t)(*data)[0] << 24 | (size_t)(*data)[1] << 16 | (size_t)(*data)[2] << 8 |
	       (*data)[3];
	if (*len > *left - 4)
		return NULL;
	*data = string + *len;
	*left -= 4 + *len;
	return string;
}

bool hostkey_is_valid(const struct hostkey_type *type, const char *base64)
{
	size_t len = strlen(base64), left, size = 0;
	uint8_t *key = xmalloc(BASE64_MAX(len) + 1);
	const uint8_t *at = key, *name;
	ssize_t got = base64_decode(key, base64, len);
	bool valid = got > 0;

	if (valid) {
		left = (size_t)got;
		name = take(&at, &left, &size);
		valid = name && size == strlen(type->name) && !memcmp(name, type->name, size);
		for (int i = 0; valid && i < type->fields; i++)
			valid = take(&at, &left, &size) != NULL;
		valid = valid && !left;
	}
	free(key);
	return valid;
}
