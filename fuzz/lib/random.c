/* SPDX-License-Identifier: MIT */
/*
 * Names that are the same each time an input is run.
 */
#include "base/base.h"
#include "fuzz/fuzz.h"
#include "target/random.h"
#include "target/target.h"

static unsigned long drawn;

void fuzz_reset_random(void)
{
	drawn = 0;
}

void random_hex(char *hex, size_t len)
{
	snprintf(hex, len + 1, "%0*lx", (int)len, ++drawn);
}

void target_new_run_id(char id[TARGET_RUN_ID_LEN + 1])
{
	random_hex(id, TARGET_RUN_ID_LEN);
}
