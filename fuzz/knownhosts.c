/* SPDX-License-Identifier: MIT */
/*
 * known_hosts: whatever the file says, a key counts as known only if it stands in the line that is
 * named, and a key that is added is known from then on, without a change to what was there. The
 * lines of the input are: host, address, port, key ("TYPE BASE64"); the rest is the file.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"
#include "transport/ssh_knownhosts.h"

struct question {
	char *name, *address, *port, *key;
	const char *blob; /* within key */
};

static enum ssh_host_verdict ask(struct ssh_known_hosts *known, const struct ssh_host_query *query,
				 const struct question *question, struct error *where)
{
	char *types = ssh_known_hosts_types(known, query);

	CHECK(!types || *types, "an empty list of types");
	free(types);
	return ssh_known_hosts_check(known, query, question->key, question->blob, where);
}

/* The line that a verdict names, and whether it holds the key. */
static bool names_key(const struct error *where, const char *text, size_t len, const char *blob)
{
	const char *number = strrchr(where->text, ':'), *line = text, *found;
	size_t nr = number ? strtoul(number + 1, NULL, 10) : 0, left;

	for (; nr > 1; nr--) {
		line = memchr(line, '\n', len - (size_t)(line - text));
		CHECK(line, "a line beyond the end: %s", where->text);
		line++;
	}
	left = len - (size_t)(line - text);
	found = memchr(line, '\n', left);
	left = found ? (size_t)(found - line) : left;
	return number && memmem(line, left, blob, strlen(blob));
}

static void check_added(const struct ssh_host_query *query, const struct question *question,
			struct ssh_known_hosts *known, const char *text, size_t len, bool hashed)
{
	const char *path = query->files[0];
	struct ssh_known_hosts *fresh;
	struct error err = ERROR_INIT;
	char *now = xmalloc(len + 1);
	int fd;

	if (ssh_known_hosts_add(known, query, path, question->key, question->blob, hashed, &err)) {
		CHECK(*err.text, "no reason");
		free(now);
		return;
	}
	fresh = ssh_known_hosts_new();
	CHECK(ask(known, query, question, NULL) == SSH_HOST_KNOWN, "not remembered");
	CHECK(ask(fresh, query, question, NULL) == SSH_HOST_KNOWN, "not written");
	ssh_known_hosts_free(fresh);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, now, len) == (ssize_t)len && !memcmp(now, text, len), "the file was spoilt");
	close(fd);
	free(now);
}

static void check_file(const struct question *question, const char *text, size_t len)
{
	char *path = fuzz_file("file", text, len);
	const char *const files[] = {path, NULL};
	struct ssh_host_query query = {
		.name = question->name,
		.address = *question->address ? question->address : NULL,
		.port = (int)(strtoul(question->port, NULL, 10) % 65536),
		.files = files,
	};
	struct ssh_known_hosts *known = ssh_known_hosts_new();
	struct error where = ERROR_INIT;
	enum ssh_host_verdict verdict = ask(known, &query, question, &where);

	if (verdict == SSH_HOST_KNOWN || verdict == SSH_HOST_REVOKED)
		CHECK(names_key(&where, text, len, question->blob), "%s", where.text);
	if (verdict == SSH_HOST_REVOKED)
		CHECK(memmem(text, len, "@revoked", 8), "revoked by nobody");
	CHECK(verdict == SSH_HOST_UNKNOWN || where.code, "a verdict of nobody");
	if (verdict == SSH_HOST_UNKNOWN)
		check_added(&query, question, known, text, len, len % 2);
	ssh_known_hosts_free(known);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	struct question question;
	char *space;

	question.name = fuzz_line(&input);
	question.address = fuzz_line(&input);
	question.port = fuzz_line(&input);
	question.key = fuzz_line(&input);
	space = strchr(question.key, ' ');
	question.blob = space ? space + 1 : "";
	if (space)
		*space = '\0';
	if (*question.blob && *question.name)
		check_file(&question, input.at, input.left);
	free(question.name);
	free(question.address);
	free(question.port);
	free(question.key);
	return 0;
}
