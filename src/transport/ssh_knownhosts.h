/* SPDX-License-Identifier: MIT */
/*
 * What the user's and the system's known_hosts files say about the key that a server shows, judged
 * as OpenSSH judges it. Files are read once, at the first question that names them; what other
 * programs write to them later is not seen. What follows from a verdict (StrictHostKeyChecking,
 * questions, messages) is the caller's affair. To be used from one thread at a time.
 */
#ifndef TRANSPORT_SSH_KNOWNHOSTS_H
#define TRANSPORT_SSH_KNOWNHOSTS_H

#include <stdbool.h>
#include "base/error.h"

struct ssh_known_hosts; /* parsed files, shared by a transport */

struct ssh_known_hosts *ssh_known_hosts_new(void);
void ssh_known_hosts_free(struct ssh_known_hosts *known); /* NULL is allowed */

enum ssh_host_verdict {
	SSH_HOST_KNOWN,	     /* a line has this very key */
	SSH_HOST_UNKNOWN,    /* no line speaks of the host */
	SSH_HOST_CHANGED,    /* lines have keys of this type, all others: an attack, or a new key */
	SSH_HOST_OTHER_TYPE, /* only keys of other types are known: OpenSSH takes it for CHANGED */
	SSH_HOST_REVOKED,    /* @revoked: never to be accepted, whatever other lines say */
	SSH_HOST_CA,	     /* only a @cert-authority is known, whose certificates we cannot judge:
				OpenSSH takes a plain key there for UNKNOWN */
};

struct ssh_host_query {
	const char *name;    /* HostKeyAlias, or the host as looked up; case does not matter */
	const char *address; /* the IP to be checked, too, where CheckHostIP is on; else NULL */
	int port; /* 0 or 22: names stand alone; others: "[name]:port". OpenSSH adds no port
				to a HostKeyAlias: give 0 with one */
	const char *const *files; /* the user's, then the global ones, expanded; ended by NULL */
};

/*
 * The algorithms to be asked for so that the server shows a key that is known: comma-separated,
 * in OpenSSH's order of preference, ssh-rsa as rsa-sha2-512,rsa-sha2-256. Heap; NULL if none is.
 */
char *ssh_known_hosts_types(struct ssh_known_hosts *known, const struct ssh_host_query *query);

/*
 * Judges the key that the server shows. The name decides whether it is known; the address can only
 * speak against it. `where` (may be NULL) gets "FILE:LINE" of the entry that speaks; where none
 * does, why a file could not be read; and is left alone where all could.
 *
 * As OpenSSH does, a caller may ask again with port 0 when the verdict on another port (and no
 * HostKeyAlias) is UNKNOWN, and accept the key if that says KNOWN.
 */
enum ssh_host_verdict ssh_known_hosts_check(struct ssh_known_hosts *known,
					    const struct ssh_host_query *query, const char *type,
					    const char *base64_blob, struct error *where);

/*
 * For a key that is accepted for the first time: adds it to `file` under the name and the address
 * (those that are not known with it there already) and remembers it. `hashed`: names are hidden
 * (HashKnownHosts), one a line. Makes the file and its folder where they are missing. Returns 0,
 * or -1 with `err`; then it is not remembered either.
 */
int ssh_known_hosts_add(struct ssh_known_hosts *known, const struct ssh_host_query *query,
			const char *file, const char *type, const char *base64_blob, bool hashed,
			struct error *err);

#endif
