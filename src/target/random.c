/* SPDX-License-Identifier: MIT */
/*
 * Unguessable names, from the kernel's random numbers. Its contract is in random.h.
 */
#include "base/base.h"
#include "target/random.h"
#include "target/target.h"

static void random_bytes(unsigned char *bytes, size_t len)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, bytes, len);

	if (got != (ssize_t)len)
		BUG("/dev/urandom cannot be read");
	close(fd);
}

void random_hex(char *hex, size_t len)
{
	unsigned char bytes[64];

	assert(len % 2 == 0 && len / 2 <= sizeof(bytes));
	random_bytes(bytes, len / 2);
	for (size_t i = 0; i < len / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void target_new_run_id(char id[TARGET_RUN_ID_LEN + 1])
{
	random_hex(id, TARGET_RUN_ID_LEN);
}
