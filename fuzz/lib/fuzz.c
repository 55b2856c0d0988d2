/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the fuzz targets, and the wall around them: a file names files to include, and what
 * they would open on the tester's computer is none of the target's business.
 */
#include "base/base.h"
#include <glob.h>
#include "base/strbuf.h"
#include "fuzz/fuzz.h"

/* The linker has the library's calls of open(), fopen() and glob() come to __wrap_… here. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_glob(const char *pattern, int flags, int (*fail)(const char *, int), glob_t *found);
void __wrap_globfree(glob_t *found);

void fuzz_fail(const char *file, int line, const char *cond, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: does not hold: %s: ", file, line, cond);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

unsigned char fuzz_byte(struct fuzz_input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return (unsigned char)*input->at++;
}

char *fuzz_line(struct fuzz_input *input)
{
	size_t len = 0;
	char *line;

	while (len < input->left && input->at[len] && input->at[len] != '\n')
		len++;
	line = xstrndup(input->at, len);
	len += len < input->left;
	input->at += len;
	input->left -= len;
	return line;
}

char *fuzz_section(struct fuzz_input *input, const char *mark, size_t *len)
{
	char *needle, *section;
	const char *found;

	if (!input->left)
		return NULL;
	needle = xasprintf("\n%s\n", mark);
	found = memmem(input->at, input->left, needle, strlen(needle));
	*len = found ? (size_t)(found - input->at) + 1 : input->left;
	section = xmalloc(*len + 1);
	memcpy(section, input->at, *len);
	section[*len] = '\0';
	input->left -= *len + (found ? strlen(needle) - 1 : 0);
	input->at += *len + (found ? strlen(needle) - 1 : 0);
	free(needle);
	return section;
}

/* ---- files ---- */

static char folder[256];

static void remove_folder(void)
{
	static const char *const names[] = {"launcher.yaml", "b.yaml", "b.env", "file", "config"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *path = xasprintf("%s/%s", folder, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(folder);
}

const char *fuzz_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	if (*folder)
		return folder;
	snprintf(folder, sizeof(folder), "%s/concert-fuzz.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		fuzz_fail(__FILE__, __LINE__, "mkdtemp", "%s: %s", folder, strerror(errno));
	atexit(remove_folder);
	return folder;
}

char *fuzz_file(const char *name, const void *data, size_t len)
{
	char *path = xasprintf("%s/%s", fuzz_folder(), name);
	int fd = __real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		fuzz_fail(__FILE__, __LINE__, "write", "%s: %s", path, strerror(errno));
	close(fd);
	return path;
}

/* All that the library opens is closed on exec; what libFuzzer and replay.c open is not. */
static bool is_inside(const char *path)
{
	size_t len = strlen(fuzz_folder());

	return !strncmp(path, folder, len) && path[len] == '/' && !strstr(path, "/../");
}

int __wrap_open(const char *path, int flags, ...)
{
	int mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, int);
	va_end(ap);
	if (is_inside(path) || !(flags & O_CLOEXEC))
		return __real_open(path, flags, mode);
	errno = ENOENT;
	return -1;
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	if (is_inside(path) || !strchr(mode, 'e'))
		return __real_fopen(path, mode);
	errno = ENOENT;
	return NULL;
}

/* Any pattern stands for the one file that there is to be included. */
int __wrap_glob(const char *pattern, int flags, int (*fail)(const char *, int), glob_t *found)
{
	static char path[300];
	static char *paths[] = {path, NULL};

	(void)pattern, (void)flags, (void)fail;
	snprintf(path, sizeof(path), "%s/config", fuzz_folder());
	*found = (glob_t){.gl_pathc = 1, .gl_pathv = paths};
	return 0;
}

void __wrap_globfree(glob_t *found)
{
	(void)found;
}

bool fuzz_is_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;

	while (p < end) {
		unsigned n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

		if (!n || *p > 0xf4 || (size_t)(end - p) < n)
			return false;
		if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
		    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (unsigned i = 1; i < n; i++)
			if ((p[i] & 0xc0) != 0x80)
				return false;
		p += n;
	}
	return true;
}
