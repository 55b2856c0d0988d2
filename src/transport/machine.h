/* SPDX-License-Identifier: MIT */
/*
 * How a configuration names a machine, taken apart. Pure text; nothing is looked up here.
 */
#ifndef TRANSPORT_MACHINE_H
#define TRANSPORT_MACHINE_H

#include <stdbool.h>
#include "base/error.h"

struct machine_name {
	bool local;
	char *user; /* NULL: not given */
	char *host; /* without brackets; NULL for the local one */
	int port;   /* 0: not given */
};

#define MACHINE_NAME_INIT                                                                          \
	{                                                                                          \
		.user = NULL                                                                       \
	}

/*
 * Takes `text` apart: NULL, "local", "localhost", user@host, user@host:port, host, [::1]:22,
 * ssh://user@host:port. Returns 0, or -1 with ERROR_USAGE for what could not be a machine, or could
 * be taken for an option or a piece of shell by a program that gets it.
 */
int machine_name_parse(struct machine_name *name, const char *text, struct error *err);
void machine_name_release(struct machine_name *name);

#endif
