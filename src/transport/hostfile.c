/* SPDX-License-Identifier: MIT */
/*
 * Reading a known_hosts file and finding a host's lines in it. The rules are those of OpenSSH's
 * hostfile.c; a line that they would skip is skipped here. The one exception: a tab
 * may follow a marker, since to overlook "@revoked" would be the worse mistake. Keys are looked
 * into only once their line is found, and what was found for a name is kept.
 */
#include "base/base.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "transport/hostfile.h"
#include "transport/hostkey.h"
#include "transport/hostname.h"

#define MAX_FILE (64u << 20)
#define MAX_LINE (64u << 10)

/* ---- lines ---- */

/* Cuts the next field off; "" at the end. */
static char *next_field(char **rest)
{
	char *field = *rest + strspn(*rest, " \t");
	char *end = field + strcspn(field, " \t");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return field;
}

/* Returns 0, or -1 if the line is none that counts; it is cut into pieces either way. */
static int parse_fields(struct hostline *line, char *text)
{
	char *names = next_field(&text);

	if (!strcmp(names, "@revoked"))
		line->marker = HOSTLINE_REVOKED;
	else if (!strcmp(names, "@cert-authority"))
		line->marker = HOSTLINE_CA;
	else if (*names == '@')
		return -1;
	if (line->marker != HOSTLINE_PLAIN)
		names = next_field(&text);
	line->type = hostkey_type(next_field(&text));
	line->key = next_field(&text);
	if (*names == '@' || !line->type || !*line->key)
		return -1;
	if (*names == '|') {
		line->hash = hostname_hash_parse(names);
		return line->hash ? 0 : -1;
	}
	hostname_lower(names);
	line->names = names;
	return 0;
}

/* `text` may end earlier than `len`: OpenSSH, too, reads a line up to its first NUL. */
static void parse_line(struct hostfile *file, char *text, size_t len)
{
	struct hostline line = {.nr = ++file->last};

	if (len && text[len - 1] == '\r')
		text[len - 1] = '\0';
	text += strspn(text, " \t");
	if (!*text || *text == '#')
		return;
	if (len > MAX_LINE || parse_fields(&line, text)) {
		log_debug("%s:%zu: not a line of known_hosts, skipped", file->path, line.nr);
		return;
	}
	ALLOC_GROW(file->line, file->nr + 1, file->alloc);
	file->line[file->nr++] = line;
}

/* `text` is the file's from here on. */
static void parse_text(struct hostfile *file, char *text, size_t len)
{
	char *end = text + len;

	strvec_push_owned(&file->text, text);
	while (text < end) {
		char *newline = memchr(text, '\n', (size_t)(end - text));
		char *stop = newline ? newline : end;

		*stop = '\0';
		parse_line(file, text, (size_t)(stop - text));
		text = stop + 1;
	}
}

/* ---- reading and writing ---- */

static int read_all(int fd, const char *path, struct strbuf *sb, struct error *err)
{
	char buf[1 << 16];

	for (;;) {
		ssize_t got = read(fd, buf, sizeof(buf));

		if (!got)
			return 0;
		if (got < 0 && errno != EINTR)
			return error_set_errno(err, ERROR_UNREACHABLE, errno, "cannot read '%s'",
					       path);
		if (got > 0 && strbuf_add_max(sb, buf, (size_t)got, MAX_FILE))
			return error_set(err, ERROR_UNREACHABLE,
					 "cannot read '%s': it has more than %u MiB", path,
					 MAX_FILE >> 20);
	}
}

/* O_NONBLOCK: a name that turns out to be a FIFO must not hold up the loop. */
struct hostfile *hostfile_read(const char *path)
{
	struct hostfile *file = xcalloc(1, sizeof(*file));
	struct strbuf text = STRBUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	file->path = xstrdup(path);
	strvec_init(&file->text);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			error_set_errno(&file->trouble, ERROR_UNREACHABLE, errno,
					"cannot read '%s'", path);
	} else if (!read_all(fd, path, &text, &file->trouble)) {
		size_t len = text.len;

		parse_text(file, strbuf_detach(&text), len);
	}
	if (fd >= 0)
		close(fd);
	if (file->trouble.code)
		log_warning("%s", file->trouble.text);
	strbuf_release(&text);
	return file;
}

void hostfile_free(void *data)
{
	struct hostfile *file = data;

	for (size_t i = 0; i < file->nr; i++)
		free(file->line[i].hash);
	free(file->line);
	strmap_release(&file->found, free);
	strvec_release(&file->text);
	free(file->path);
	free(file);
}

static int open_to_append(const char *path)
{
	int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	const char *slash = strrchr(path, '/');
	int fd = open(path, flags, 0600);
	char *folder;

	if (fd >= 0 || errno != ENOENT || !slash || slash == path)
		return fd;
	folder = xstrndup(path, (size_t)(slash - path));
	if (!mkdir(folder, 0700) || errno == EEXIST)
		fd = open(path, flags, 0600);
	free(folder);
	return fd;
}

static bool lacks_newline(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int hostfile_append(struct hostfile *file, const char *text, struct error *err)
{
	struct strbuf sb = STRBUF_INIT;
	int fd = open_to_append(file->path), failed = 0;
	ssize_t put;

	if (fd < 0)
		return error_set_errno(err, ERROR_FAILED, errno, "cannot write '%s'", file->path);
	if (lacks_newline(fd))
		strbuf_addch(&sb, '\n');
	strbuf_addstr(&sb, text);
	put = write(fd, sb.buf, sb.len);
	if (put != (ssize_t)sb.len)
		failed = put < 0 ? errno : ENOSPC;
	if (close(fd) && !failed)
		failed = errno;
	strbuf_release(&sb);
	if (failed)
		return error_set_errno(err, ERROR_FAILED, failed, "cannot write '%s'", file->path);
	strmap_release(&file->found, free);
	parse_text(file, xstrdup(text), strlen(text));
	return 0;
}

/* ---- finding ---- */

static bool speaks_of(const struct hostline *line, const char *name, size_t len)
{
	return line->hash ? hostname_has_hash(name, len, line->hash)
			  : hostname_is_in(name, line->names);
}

const struct hostline *const *hostfile_find(struct hostfile *file, const char *name)
{
	const struct hostline **found = strmap_get(&file->found, name);
	size_t nr = 0, alloc = 0, len = strlen(name);

	if (found)
		return found;
	for (size_t i = 0; i < file->nr; i++) {
		const struct hostline *line = &file->line[i];

		if (!speaks_of(line, name, len))
			continue;
		if (!hostkey_is_valid(line->type, line->key)) {
			log_debug("%s:%zu: not a key, skipped", file->path, line->nr);
			continue;
		}
		ALLOC_GROW(found, nr + 2, alloc);
		found[nr++] = line;
	}
	if (!found)
		found = xmalloc(sizeof(*found));
	found[nr] = NULL;
	strmap_put(&file->found, name, found);
	return found;
}
