/* SPDX-License-Identifier: MIT */
/*
 * One known_hosts file, read once: its lines, and which of them speak of a host. The format is
 * that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. What the lines mean for a login is left to
 * ssh_knownhosts.c.
 */
#ifndef TRANSPORT_HOSTFILE_H
#define TRANSPORT_HOSTFILE_H

#include <stddef.h>
#include "base/error.h"
#include "base/strmap.h"
#include "base/strvec.h"

struct hostkey_type;
struct hostname_hash;

enum hostline_marker { HOSTLINE_PLAIN, HOSTLINE_REVOKED, HOSTLINE_CA };

struct hostline {
	enum hostline_marker marker;
	const char *names;	    /* the list of patterns, in lower case; NULL if hashed */
	struct hostname_hash *hash; /* NULL if not hashed */
	const struct hostkey_type *type;
	const char *key; /* base64 */
	size_t nr;	 /* of the line, from 1 */
};

struct hostfile {
	char *path;
	struct error trouble; /* ERROR_NONE, or why there is nothing in it */
	struct hostline *line;
	size_t nr, alloc;
	size_t last;	     /* number of the last line */
	struct strvec text;  /* what the lines point into */
	struct strmap found; /* name → answer of hostfile_find() */
};

/* Never NULL. A file that does not exist is empty; for one that cannot be read see `trouble`. */
struct hostfile *hostfile_read(const char *path);
void hostfile_free(void *file);

/*
 * The lines that speak of `name` ("host" or "[host]:port", in lower case) and hold a key, in the
 * file's order, ended by NULL. The list is the file's, and good until the next hostfile_append().
 */
const struct hostline *const *hostfile_find(struct hostfile *file, const char *name);

/*
 * Writes `text`, whole lines, to the end of the file in one write, and takes them in as if they
 * had been read. Makes the file (0600) and its folder (0700) where they are missing. Returns 0, or
 * -1 with `err`.
 */
int hostfile_append(struct hostfile *file, const char *text, struct error *err);

#endif
