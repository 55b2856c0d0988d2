/* SPDX-License-Identifier: MIT */
/*
 * Names of machines: what they are taken apart into, and what is none.
 */
#include "base/base.h"
#include "tap.h"
#include "transport/machine.h"

static void good(const char *text, const char *user, const char *host, int port)
{
	struct machine_name name;
	struct error err = ERROR_INIT;
	char *what = xasprintf("'%s'", text);

	if (ok(!machine_name_parse(&name, text, &err), "%s is a machine", what)) {
		is_str(name.user, user, what);
		is_str(name.host, host, what);
		is_int(name.port, port, what);
		is_int(name.local, !host, what);
		machine_name_release(&name);
	} else {
		printf("# %s\n", err.text);
	}
	free(what);
}

static void bad(const char *text)
{
	struct machine_name name;
	struct error err = ERROR_INIT;

	ok(machine_name_parse(&name, text, &err) && err.code == ERROR_USAGE, "'%s' is none", text);
}

int main(void)
{
	struct machine_name name;

	is_int(machine_name_parse(&name, NULL, NULL), 0, "none is this computer");
	is_int(name.local, 1, "none is this computer");
	good("local", NULL, NULL, 0);
	good("localhost", NULL, NULL, 0);
	good("pc1", NULL, "pc1", 0);
	good("robot@pc1", "robot", "pc1", 0);
	good("robot@pc1:2222", "robot", "pc1", 2222);
	good("pc1:2222", NULL, "pc1", 2222);
	good("robot@localhost", "robot", "localhost", 0);
	good("10.0.0.1", NULL, "10.0.0.1", 0);
	good("::1", NULL, "::1", 0);
	good("fe80::1%eth0", NULL, "fe80::1%eth0", 0);
	good("[::1]", NULL, "::1", 0);
	good("[::1]:22", NULL, "::1", 22);
	good("robot@[::1]:22", "robot", "::1", 22);
	good("ssh://robot@pc1:22", "robot", "pc1", 22);
	good("ssh://pc1/", NULL, "pc1", 0);
	good("SSH://[::1]:99", NULL, "::1", 99);
	good("user@realm@pc1", "user@realm", "pc1", 0);
	bad("");
	bad("@pc1");
	bad("robot@");
	bad("-oProxyCommand=x");
	bad("robot@-x");
	bad("-x@pc1");
	bad("pc 1");
	bad("pc1;reboot");
	bad("pc1\nx");
	bad("$(reboot)");
	bad("`reboot`");
	bad("pc1:0");
	bad("pc1:65536");
	bad("pc1:x");
	bad("pc1:");
	bad("[::1");
	bad("[::1]x");
	bad("ssh://");
	bad("robot'@pc1");
	return done_testing();
}
