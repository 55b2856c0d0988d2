/* SPDX-License-Identifier: MIT */
/*
 * The types of host keys that concert knows, in the order in which OpenSSH prefers them, and
 * whether a text in a file is a key of such a type.
 */
#ifndef TRANSPORT_HOSTKEY_H
#define TRANSPORT_HOSTKEY_H

#include <stdbool.h>

struct hostkey_type {
	const char *name;
	const char
		*offer; /* its signature algorithms, comma-separated; NULL: not to be asked for */
	int fields;	/* strings that follow the name inside a key */
};

/* Ends with a NULL name. */
extern const struct hostkey_type hostkey_types[];

/* The type, by its own name or by that of one of its signatures; NULL: not known. */
const struct hostkey_type *hostkey_type(const char *name);

/*
 * Is `base64` a key that says of itself that it is of that type? Its numbers are not looked at:
 * keys are only ever compared, and a wrong one equals none.
 */
bool hostkey_is_valid(const struct hostkey_type *type, const char *base64);

#endif
