/* SPDX-License-Identifier: MIT */
/*
 * Where the configuration is: the order of places that the manual gives, and the rule that a file
 * in a parent folder counts only if the user or root owns it, for anybody may put a file into /tmp
 * and wait for somebody to work below it.
 */
#include "base/base.h"
#include <pwd.h>
#include "core/config_read.h"

#define FILE_NAME "launcher.yaml"

/* One look at one place: 1 found (fd and path are set), 0 go on, -1 told. */
struct look {
	struct config_reader *reader;
	int fd;
	char *path;
	bool only_name; /* the file is chosen, and others that would match are looked for */
};

static char *home(void)
{
	const char *env = getenv("HOME");
	const struct passwd *pw;

	if (env && *env)
		return xstrdup(env);
	pw = getpwuid(getuid());
	return xstrdup(pw ? pw->pw_dir : "/");
}

char *config_relative(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');
	char *base, *whole;

	if (path[0] == '~' && path[1] == '/') {
		base = home();
		whole = xasprintf("%s%s", base, path + 1);
		free(base);
		return whole;
	}
	if (*path == '/' || !slash)
		return xstrdup(path);
	return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

static bool is_ours(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

/* The link and what was opened, not what stands there by now. */
static bool is_strangers(const char *path, int fd)
{
	struct stat link, file;

	return lstat(path, &link) < 0 || fstat(fd, &file) < 0 || !is_ours(link.st_uid) ||
	       !is_ours(file.st_uid);
}

/* A file that is there, after one was taken already: it is only named. */
static void name_other(const struct look *look, const char *path)
{
	if (strcmp(path, look->path) != 0)
		config_say(look->reader, CONCERT_LEVEL_INFO, NULL,
			   "'%s' would match too, but '%s' comes first", path, look->path);
}

/* Takes a file that may be missing; `guarded`: whoever owns it must be the user or root. */
static int take(struct look *look, const char *path, bool guarded)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool refused = fd >= 0 && guarded && is_strangers(path, fd);

	if (fd < 0 && (look->only_name || errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0) {
		config_say(look->reader, CONCERT_LEVEL_ERROR, NULL, "cannot open '%s': %s", path,
			   strerror(errno));
		return -1;
	}
	if (!refused && !look->only_name) {
		look->fd = fd;
		look->path = xstrdup(path);
		return 1;
	}
	close(fd);
	if (!refused)
		name_other(look, path);
	else if (!look->only_name)
		config_say(look->reader, CONCERT_LEVEL_WARNING, NULL,
			   "'%s' is not used: it belongs to somebody else (name it with -c)", path);
	return 0;
}

/* A file that is named must be there. */
static int take_named(struct look *look, const char *path, const char *by)
{
	int r = take(look, path, false);

	if (r || look->only_name)
		return r;
	config_say(look->reader, CONCERT_LEVEL_ERROR, NULL, "cannot open '%s'%s%s: %s", path,
		   *by ? ", named by " : "", by, strerror(ENOENT));
	return -1;
}

static int look_in_env(struct look *look, const char *name)
{
	const char *path = getenv(name);
	struct strbuf by = STRBUF_INIT;
	int r = 0;

	if (path && *path) {
		strbuf_addf(&by, "$%s", name);
		r = take_named(look, path, by.buf);
	}
	strbuf_release(&by);
	return r;
}

static int look_in_parents(struct look *look)
{
	char *folder = getcwd(NULL, 0);
	struct strbuf path = STRBUF_INIT;
	char *slash;
	int r = 0;

	while (!r && folder && (slash = strrchr(folder, '/')) && slash[1]) {
		*slash = '\0';
		strbuf_reset(&path);
		strbuf_addf(&path, "%s/%s", folder, FILE_NAME);
		r = take(look, path.buf, true);
		if (slash == folder)
			break;
	}
	strbuf_release(&path);
	free(folder);
	return r;
}

static int look_in_user(struct look *look)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	char *base = home();
	char *path = xdg && *xdg == '/' ? xasprintf("%s/concert/%s", xdg, FILE_NAME)
					: xasprintf("%s/.config/concert/%s", base, FILE_NAME);
	int r = take(look, path, false);

	free(base);
	free(path);
	return r;
}

/* All places in their order; the first hit ends it, unless others are only to be named. */
static int look_everywhere(struct look *look)
{
	const char *given = look->reader->options->config;
	int r;

	if (given)
		return take_named(look, given, "");
	r = look_in_env(look, "CONCERT_CONFIG");
	r = r ? r : look_in_env(look, "CONCERT_LAUNCHER_DEFAULT_CONFIG");
	r = r ? r : take(look, FILE_NAME, false);
	r = r ? r : look_in_parents(look);
	return r ? r : look_in_user(look);
}

/* For --verbose: which file it is, and which it is not. */
static void tell_choice(struct look *look)
{
	look->only_name = true;
	config_say(look->reader, CONCERT_LEVEL_INFO, NULL, "the configuration is '%s'", look->path);
	look_everywhere(look);
}

int config_find_file(struct config_reader *reader, char **path)
{
	struct look look = {.reader = reader, .fd = -1};
	int r;

	*path = NULL;
	if (reader->options->config && !strcmp(reader->options->config, "-")) {
		*path = xstrdup("-");
		return dup(STDIN_FILENO);
	}
	r = look_everywhere(&look);
	if (!r)
		config_say(reader, CONCERT_LEVEL_ERROR, NULL,
			   "no configuration: there is no '" FILE_NAME
			   "' here, in a parent folder or in ~/.config/concert (name one with -c)");
	if (r > 0 && reader->options->verbose)
		tell_choice(&look);
	*path = look.path;
	return look.fd;
}
