/* SPDX-License-Identifier: MIT */
/*
 * One file of a configuration: its bytes, its tree, and what stands at its top: `context`,
 * `include`, and processes. Included files are read where `include` stands.
 */
#include "base/base.h"
#include "core/config_file.h"

/* More than the YAML reader takes, so that it is the one to complain. */
#define FILE_MAX      (((size_t)64 << 20) + 1)
#define INCLUDE_DEPTH 50
#define INCLUDE_FILES 1000

int config_read_fd(int fd, const char *path, struct strbuf *text, struct error *err)
{
	char buf[65536];
	ssize_t n = 0;
	int saved;

	while (text->len < FILE_MAX) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		strbuf_add(text, buf, (size_t)n);
	}
	saved = errno;
	close(fd);
	if (n < 0)
		return error_set_errno(err, ERROR_USAGE, saved, "cannot read '%s'", path);
	return 0;
}

static void on_yaml_warning(const struct yaml_mark *mark, const char *text, void *data)
{
	config_say(data, CONCERT_LEVEL_WARNING, mark, "%s", text);
}

/* Parses into a document that is kept until all is read. Its name is kept for good, for marks. */
static const struct yaml_node *parse(struct config_reader *reader, const char *path,
				     const struct strbuf *text)
{
	struct strvec *files = &reader->config->files;
	struct yaml_document *doc;
	struct error err = ERROR_INIT;

	strvec_push(files, path);
	reader->documents = xreallocarray(reader->documents, reader->nr_documents + 1,
					  sizeof(*reader->documents));
	doc = &reader->documents[reader->nr_documents++];
	if (!yaml_parse(doc, files->v[files->nr - 1], text->buf, text->len, on_yaml_warning, reader,
			&err))
		return doc->root;
	config_say(reader, CONCERT_LEVEL_ERROR, NULL, "%s", err.text);
	return NULL;
}

static bool is_include(const struct yaml_pair *pair)
{
	return !strcmp(pair->key->text, "include");
}

static void include(struct config_reader *reader, const struct yaml_node *node,
		    const struct config_context *context)
{
	struct config_field field = {.reader = reader, .name = "include", .value = node};
	char *path;
	int fd;

	if (node->type != YAML_STRING) {
		config_wrong(&field, "%s, not the name of a file", yaml_type_name(node));
		return;
	}
	path = config_relative(node->mark.file, node->text);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		config_wrong(&field, "cannot open '%s': %s", path, strerror(errno));
	else
		config_read_file(reader, fd, path, &field, context);
	free(path);
}

static void include_all(struct config_reader *reader, const struct yaml_node *node,
			const struct config_context *context)
{
	if (node->type == YAML_NULL)
		return;
	if (node->type != YAML_SEQUENCE) {
		include(reader, node, context);
		return;
	}
	for (size_t i = 0; i < node->nr; i++)
		include(reader, node->item[i], context);
}

/* The context comes first, wherever it stands: what follows inherits from it. */
static void read_root(struct config_reader *reader, const struct yaml_node *root,
		      struct config_context *context, bool main)
{
	const struct yaml_node *node = yaml_get(root, "context");

	if (node)
		config_read_context(reader, node, main, context);
	if (main)
		config_take_whole(reader->config, context);
	for (size_t i = 0; i < root->nr; i++) {
		const struct yaml_pair *pair = &root->pair[i];

		if (is_include(pair))
			include_all(reader, pair->value, context);
		else if (*pair->key->text != '.' && pair->value != node)
			config_read_process(reader, pair->key, pair->value, context);
	}
}

static void read_text(struct config_reader *reader, const char *path, const struct strbuf *text,
		      const struct config_context *outer)
{
	size_t errors = reader->errors;
	const struct yaml_node *root = parse(reader, path, text);
	struct config_context context;

	if (!root || root->type == YAML_NULL) {
		if (errors == reader->errors && !outer)
			config_say(reader, CONCERT_LEVEL_ERROR, NULL,
				   "%s:1:1: nothing in it (a process is 'name: {cmd: command}')",
				   path);
		return;
	}
	if (root->type != YAML_MAPPING) {
		config_say(reader, CONCERT_LEVEL_ERROR, &root->mark,
			   "%s, not a mapping of processes (a process is 'name: {cmd: command}')",
			   yaml_type_name(root));
		return;
	}
	config_context_init(&context, outer);
	read_root(reader, root, &context, !outer);
	config_context_release(&context);
}

/* Who includes whom, from the file that closes the circle: "a.yaml -> b.yaml -> a.yaml". */
static void tell_circle(const struct config_field *by, const char *real)
{
	const struct strvec *open = &by->reader->open;
	struct strbuf circle = STRBUF_INIT;
	size_t i = 0;

	while (strcmp(open->v[i], real) != 0)
		i++;
	for (; i < open->nr; i++)
		strbuf_addf(&circle, "%s -> ", open->v[i]);
	config_wrong(by, "a file includes itself: %s%s", circle.buf, real);
	strbuf_release(&circle);
}

/* Whether a file may be read: neither for the second time, nor too deep, nor one too many. */
static bool may_read(const struct config_field *by, const char *real)
{
	const struct config_reader *reader = by->reader;

	if (strvec_has(&reader->open, real))
		tell_circle(by, real);
	else if (strvec_has(&reader->real, real))
		config_wrong(by, "'%s' is included twice", by->value->text);
	else if (reader->open.nr >= INCLUDE_DEPTH)
		config_wrong(by, "files include each other more than %d deep", INCLUDE_DEPTH);
	else if (reader->real.nr >= INCLUDE_FILES)
		config_wrong(by, "more than %d files", INCLUDE_FILES);
	else
		return true;
	return false;
}

static void close_last(struct strvec *files)
{
	free(files->v[--files->nr]);
	files->v[files->nr] = NULL;
}

void config_read_file(struct config_reader *reader, int fd, const char *path,
		      const struct config_field *by, const struct config_context *outer)
{
	struct strbuf text = STRBUF_INIT;
	struct error err = ERROR_INIT;
	char *real = realpath(path, NULL);

	if (!real)
		real = xstrdup(path);
	if (by && !may_read(by, real)) {
		close(fd);
	} else if (config_read_fd(fd, path, &text, &err) < 0) {
		config_say(reader, CONCERT_LEVEL_ERROR, by ? &by->value->mark : NULL, "%s",
			   err.text);
	} else {
		strvec_push(&reader->real, real);
		strvec_push(&reader->open, real);
		read_text(reader, path, &text, outer);
		close_last(&reader->open);
	}
	strbuf_release(&text);
	free(real);
}

void config_read_memory(struct config_reader *reader, const char *path, const char *text,
			size_t len)
{
	struct strbuf copy = STRBUF_INIT;

	strbuf_add(&copy, text, len);
	strvec_push(&reader->open, path);
	read_text(reader, path, &copy, NULL);
	strbuf_release(&copy);
}
