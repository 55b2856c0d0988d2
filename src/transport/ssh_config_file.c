/* SPDX-License-Identifier: MIT */
/*
 * ssh_config as lines of a keyword and its arguments: quoting, comments and the optional '='.
 * What a keyword means is ssh_config.c's.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "transport/ssh_config_file.h"

#define FILE_MAX (16 << 20)

static char *skip_space(char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\f' || *s == '\r')
		s++;
	return s;
}

/* One argument, with its quotes and escapes resolved. Returns what follows it, NULL if a quote is
 * open at the end. */
static char *take_argument(char *s, struct strbuf *out)
{
	char quote = 0;

	for (; *s; s++) {
		if (*s == '\\' && s[1] && (strchr("\"'\\", s[1]) || (!quote && s[1] == ' ')))
			strbuf_addch(out, *++s);
		else if (quote && *s == quote)
			quote = 0;
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else if (!quote && (*s == ' ' || *s == '\t'))
			break;
		else
			strbuf_addch(out, *s);
	}
	return quote ? NULL : s;
}

static int split(struct strvec *arg, char *rest)
{
	struct strbuf one = STRBUF_INIT;
	char *s = rest;

	for (s = skip_space(s); s && *s && *s != '#'; s = s ? skip_space(s) : NULL) {
		strbuf_reset(&one);
		s = take_argument(s, &one);
		if (s)
			strvec_push(arg, one.buf);
	}
	strbuf_release(&one);
	return s ? 0 : -1;
}

static void trim_end(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
}

static int parse_line(struct config_file *file, char *text, int number, struct error *err)
{
	struct config_line *line;
	char *s = skip_space(text), *rest;

	trim_end(s);
	if (!*s || *s == '#')
		return 0;
	ALLOC_GROW(file->line, file->nr + 1, file->alloc);
	line = &file->line[file->nr++];
	*line = (struct config_line){.number = number, .arg = STRVEC_INIT};
	rest = s + strcspn(s, " \t=\"");
	line->keyword = xstrndup(s, (size_t)(rest - s));
	rest = skip_space(rest);
	if (*rest == '=')
		rest = skip_space(rest + 1);
	line->rest = xstrdup(rest);
	if (split(&line->arg, rest))
		return error_set(err, ERROR_USAGE, "%s:%d: a quote is not closed", file->path,
				 number);
	return 0;
}

struct config_file *config_file_parse(const char *path, const char *text, struct error *err)
{
	struct config_file *file = xcalloc(1, sizeof(*file));
	char *copy = xstrdup(text), *s = copy;
	int rc = 0;

	file->path = xstrdup(path);
	for (int number = 1; s && !rc; number++) {
		char *end = strchr(s, '\n');

		if (end)
			*end++ = '\0';
		rc = parse_line(file, s, number, err);
		s = end;
	}
	free(copy);
	if (!rc)
		return file;
	config_file_free(file);
	return NULL;
}

void config_file_free(void *data)
{
	struct config_file *file = data;

	for (size_t i = 0; i < file->nr; i++) {
		free(file->line[i].keyword);
		free(file->line[i].rest);
		strvec_release(&file->line[i].arg);
	}
	free(file->line);
	free(file->path);
	free(file);
}

/* Returns 0, 1 if there is no such file, or -1. */
static int read_text(struct strbuf *text, const char *path, struct error *err)
{
	FILE *in = fopen(path, "re");
	char buf[4096];
	size_t n;
	int rc = 0;

	if (!in && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (!in)
		return error_set_errno(err, ERROR_USAGE, errno, "cannot read '%s'", path);
	while (!rc && (n = fread(buf, 1, sizeof(buf), in)))
		rc = strbuf_add_max(text, buf, n, FILE_MAX);
	if (ferror(in) || rc)
		rc = error_set(err, ERROR_USAGE, "cannot read '%s'", path);
	fclose(in);
	return rc;
}

const struct config_file *config_file_get(struct ssh_config *config, const char *path,
					  struct error *err)
{
	struct config_file *file = strmap_get(&config->files, path);
	struct strbuf text = STRBUF_INIT;
	int rc;

	if (file)
		return file;
	rc = read_text(&text, path, err);
	if (rc >= 0)
		file = config_file_parse(path, text.buf, err);
	strbuf_release(&text);
	if (!file)
		return NULL;
	file->missing = rc == 1;
	strmap_put(&config->files, path, file);
	return file;
}
