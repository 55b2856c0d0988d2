/* SPDX-License-Identifier: MIT */
/*
 * Base64: the vectors of RFC 4648, and every way of not being canonical.
 */
#include "base/base.h"
#include "base/base64.h"
#include "base/strbuf.h"
#include "tap.h"

static void is_base64(const char *text, const char *want)
{
	uint8_t out[64];
	ssize_t got = base64_decode(out, text, strlen(text));
	struct strbuf sb = STRBUF_INIT;

	if (!want) {
		ok(got == -1, "not base64: '%s'", text);
		return;
	}
	ok(got == (ssize_t)strlen(want) && !memcmp(out, want, (size_t)got), "'%s'", text);
	base64_encode(&sb, (const uint8_t *)want, strlen(want));
	is_str(sb.buf, text, "  and back");
	strbuf_release(&sb);
}

/* RFC 4648, section 10. */
static void test_base64(void)
{
	is_base64("", "");
	is_base64("Zg==", "f");
	is_base64("Zm8=", "fo");
	is_base64("Zm9v", "foo");
	is_base64("Zm9vYg==", "foob");
	is_base64("Zm9vYmE=", "fooba");
	is_base64("Zm9vYmFy", "foobar");
	is_base64("Zg", NULL);
	is_base64("Zh==", NULL);
	is_base64("Zm9=", NULL);
	is_base64("Z===", NULL);
	is_base64("====", NULL);
	is_base64("Zg==Zg==", NULL);
	is_base64("Zm9 ", NULL);
	is_base64("Zm9-", NULL);
}

int main(void)
{
	test_base64();
	return done_testing();
}
