/* SPDX-License-Identifier: MIT */
/*
 * Runs one fuzz target over the inputs that are kept for it, without libFuzzer: the seeds in
 * fuzz/corpus/NAME/ and what once was a finding in fuzz/regress/NAME/. NAME is that of the program,
 * fuzz-NAME.t; files that are named are run instead.
 */
#include "base/base.h"
#include <dirent.h>
#include "base/strbuf.h"
#include "base/strvec.h"
#include "fuzz/fuzz.h"
#include "tap.h"

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void list_folder(struct strvec *files, const char *folder, const char *name)
{
	char *path = xasprintf("fuzz/%s/%s", folder, name);
	struct dirent **entry = NULL;
	int nr = scandir(path, &entry, is_file, alphasort);

	for (int i = 0; i < nr; i++) {
		strvec_pushf(files, "%s/%s", path, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	free(path);
}

static bool replay(const char *path)
{
	struct strbuf input = STRBUF_INIT;
	FILE *file = fopen(path, "rb");
	char buf[65536], *exact;
	size_t n;

	if (!file)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		strbuf_add(&input, buf, n);
	fclose(file);
	/* Of exactly this size, so that a sanitizer sees who reads beyond it. */
	exact = xmalloc(input.len ? input.len : 1);
	memcpy(exact, input.buf, input.len);
	LLVMFuzzerTestOneInput((const uint8_t *)exact, input.len);
	free(exact);
	strbuf_release(&input);
	return true;
}

int main(int argc, char **argv)
{
	struct strvec files = STRVEC_INIT;
	const char *base = strrchr(argv[0], '/');
	char *name = xstrdup(base ? base + 1 : argv[0]);

	name[strcspn(name, ".")] = '\0';
	for (int i = 1; i < argc; i++)
		strvec_push(&files, argv[i]);
	if (argc < 2) {
		const char *target = !strncmp(name, "fuzz-", 5) ? name + 5 : name;

		list_folder(&files, "corpus", target);
		list_folder(&files, "regress", target);
		ok(files.nr > 0, "there are inputs for '%s'", target);
	}
	for (size_t i = 0; i < files.nr; i++)
		ok(replay(files.v[i]), "%s", files.v[i]);
	strvec_release(&files);
	free(name);
	return done_testing();
}
