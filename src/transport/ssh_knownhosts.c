/* SPDX-License-Identifier: MIT */
/*
 * From lines to verdicts, as OpenSSH's hostfile.c (check_key_in_hostkeys) and sshconnect.c
 * (check_host_key) come to them, and the line that is added for a new host. Files are
 * hostfile.c's, names hostname.c's.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "base/strmap.h"
#include "base/strvec.h"
#include "transport/hostfile.h"
#include "transport/hostkey.h"
#include "transport/hostname.h"
#include "transport/ssh_knownhosts.h"

#define SSH_PORT     22
#define NAME_MAX_LEN 1000 /* a longer one would not be found again, see hostname.c */

struct ssh_known_hosts {
	struct strmap files; /* path → struct hostfile */
};

/* A verdict so far, and the line that it rests on. */
struct judgement {
	enum ssh_host_verdict verdict;
	const struct hostfile *file;
	const struct hostline *line;
};

struct ssh_known_hosts *ssh_known_hosts_new(void)
{
	return xcalloc(1, sizeof(struct ssh_known_hosts));
}

void ssh_known_hosts_free(struct ssh_known_hosts *known)
{
	if (!known)
		return;
	strmap_release(&known->files, hostfile_free);
	free(known);
}

static struct hostfile *get_file(struct ssh_known_hosts *known, const char *path)
{
	struct hostfile *file = strmap_get(&known->files, path);

	if (!file) {
		file = hostfile_read(path);
		strmap_put(&known->files, path, file);
	}
	return file;
}

/* What a host is called in the files; heap. */
static char *lookup_name(const char *host, int port)
{
	char *name = port && port != SSH_PORT ? xasprintf("[%s]:%d", host, port) : xstrdup(host);

	hostname_lower(name);
	return name;
}

static bool has_address(const struct ssh_host_query *query)
{
	return query->address && strcasecmp(query->address, query->name);
}

/* ---- verdicts ---- */

/* Which of two speaks: the more dangerous one, but one that knows the key before all that do not. */
static int weight(enum ssh_host_verdict verdict)
{
	switch (verdict) {
	case SSH_HOST_REVOKED:
		return 5;
	case SSH_HOST_KNOWN:
		return 4;
	case SSH_HOST_CHANGED:
		return 3;
	case SSH_HOST_OTHER_TYPE:
		return 2;
	case SSH_HOST_CA:
		return 1;
	case SSH_HOST_UNKNOWN:
		return 0;
	}
	BUG("a verdict of %d", (int)verdict);
}

static enum ssh_host_verdict judge_line(const struct hostline *line,
					const struct hostkey_type *type, const char *key)
{
	bool same = !strcmp(line->key, key);

	if (line->marker == HOSTLINE_REVOKED)
		return same ? SSH_HOST_REVOKED : SSH_HOST_UNKNOWN;
	if (line->marker == HOSTLINE_CA)
		return SSH_HOST_CA;
	if (same)
		return SSH_HOST_KNOWN;
	return line->type == type ? SSH_HOST_CHANGED : SSH_HOST_OTHER_TYPE;
}

static void judge_file(struct judgement *sofar, struct hostfile *file, const char *name,
		       const struct hostkey_type *type, const char *key)
{
	for (const struct hostline *const *line = hostfile_find(file, name); *line; line++) {
		enum ssh_host_verdict verdict = judge_line(*line, type, key);

		if (weight(verdict) > weight(sofar->verdict))
			*sofar = (struct judgement){verdict, file, *line};
	}
}

static struct judgement judge(struct ssh_known_hosts *known, const struct ssh_host_query *query,
			      const char *host, const char *type, const char *key)
{
	struct judgement result = {.verdict = SSH_HOST_UNKNOWN};
	char *name = lookup_name(host, query->port);

	for (const char *const *path = query->files; *path; path++)
		judge_file(&result, get_file(known, *path), name, hostkey_type(type), key);
	free(name);
	return result;
}

static bool speaks_against(enum ssh_host_verdict verdict)
{
	return verdict == SSH_HOST_REVOKED || verdict == SSH_HOST_CHANGED ||
	       verdict == SSH_HOST_OTHER_TYPE;
}

static void tell_trouble(struct ssh_known_hosts *known, const struct ssh_host_query *query,
			 struct error *where)
{
	for (const char *const *path = query->files; *path; path++) {
		const struct hostfile *file = get_file(known, *path);

		if (file->trouble.code) {
			error_set(where, file->trouble.code, "%s", file->trouble.text);
			return;
		}
	}
}

enum ssh_host_verdict ssh_known_hosts_check(struct ssh_known_hosts *known,
					    const struct ssh_host_query *query, const char *type,
					    const char *base64_blob, struct error *where)
{
	struct judgement result = judge(known, query, query->name, type, base64_blob);

	if (has_address(query)) {
		struct judgement other = judge(known, query, query->address, type, base64_blob);

		if (speaks_against(other.verdict) &&
		    (!speaks_against(result.verdict) ||
		     weight(other.verdict) > weight(result.verdict)))
			result = other;
	}
	if (result.line)
		error_set(where, ERROR_UNREACHABLE, "%s:%zu", result.file->path, result.line->nr);
	else
		tell_trouble(known, query, where);
	return result.verdict;
}

/* ---- types ---- */

/* Does the host have a key of that type that is not revoked? */
static bool knows_type(struct ssh_known_hosts *known, const struct ssh_host_query *query,
		       const char *name, const struct hostkey_type *type)
{
	for (const char *const *path = query->files; *path; path++) {
		const struct hostline *const *line = hostfile_find(get_file(known, *path), name);

		for (; *line; line++)
			if ((*line)->type == type && (*line)->marker == HOSTLINE_PLAIN &&
			    judge(known, query, query->name, type->name, (*line)->key).verdict ==
				    SSH_HOST_KNOWN)
				return true;
	}
	return false;
}

char *ssh_known_hosts_types(struct ssh_known_hosts *known, const struct ssh_host_query *query)
{
	char *name = lookup_name(query->name, query->port);
	struct strbuf list = STRBUF_INIT;

	for (const struct hostkey_type *type = hostkey_types; type->name; type++)
		if (type->offer && knows_type(known, query, name, type))
			strbuf_addf(&list, "%s%s", list.len ? "," : "", type->offer);
	free(name);
	return list.len ? strbuf_detach(&list) : NULL;
}

/* ---- adding ---- */

/* A name that would mean something else in the file, such as every host, is never written. */
static bool is_writable_name(const char *name)
{
	if (!*name || strchr("@#|!", *name) || strlen(name) > NAME_MAX_LEN)
		return false;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr(",*?", *c))
			return false;
	return true;
}

static int want_name(struct strvec *names, struct hostfile *file, const char *host, int port,
		     const char *key, struct error *err)
{
	char *name = lookup_name(host, port);
	const struct hostline *const *line = hostfile_find(file, name);

	if (!is_writable_name(host)) {
		free(name);
		return error_set(err, ERROR_FAILED, "cannot write '%s': '%s' is not a host's name",
				 file->path, host);
	}
	while (*line && ((*line)->marker != HOSTLINE_PLAIN || strcmp((*line)->key, key)))
		line++;
	if (*line)
		free(name);
	else
		strvec_push_owned(names, name);
	return 0;
}

/* A hashed name stands alone on its line; others share one. */
static void format_lines(struct strbuf *text, const struct strvec *names, const char *type,
			 const char *key, bool hashed)
{
	for (size_t i = 0; i < names->nr; i++) {
		bool ends = hashed || i + 1 == names->nr;
		char *name = hashed ? hostname_hide(names->v[i]) : xstrdup(names->v[i]);

		strbuf_addstr(text, name);
		if (ends)
			strbuf_addf(text, " %s %s\n", type, key);
		else
			strbuf_addch(text, ',');
		free(name);
	}
}

int ssh_known_hosts_add(struct ssh_known_hosts *known, const struct ssh_host_query *query,
			const char *file, const char *type, const char *base64_blob, bool hashed,
			struct error *err)
{
	const struct hostkey_type *kind = hostkey_type(type);
	struct hostfile *to = get_file(known, file);
	struct strvec names = STRVEC_INIT;
	struct strbuf text = STRBUF_INIT;
	int rc;

	if (!kind || !hostkey_is_valid(kind, base64_blob))
		return error_set(err, ERROR_FAILED,
				 "cannot write '%s': not a host key of type '%s'", file, type);
	rc = want_name(&names, to, query->name, query->port, base64_blob, err);
	if (!rc && has_address(query))
		rc = want_name(&names, to, query->address, query->port, base64_blob, err);
	if (!rc && names.nr) {
		format_lines(&text, &names, kind->name, base64_blob, hashed);
		rc = hostfile_append(to, text.buf, err);
	}
	strvec_release(&names);
	strbuf_release(&text);
	return rc;
}
