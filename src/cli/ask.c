/* SPDX-License-Identifier: MIT */
/*
 * Questions. Echo is put back by term_restore() when a signal ends the program in the middle.
 */
#include "base/base.h"
#include <strings.h>
#include "base/strbuf.h"
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/term.h"
#include "cli/text.h"

/* The terminal, if it is ours to ask on: a background job that asked would be stopped. */
static int open_tty(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		return -1;
	}
	return fd;
}

static int put_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno != EINTR)
			return -1;
		s += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* One line, byte by byte: what follows it belongs to the next question. */
static int read_line(int fd, char *answer, size_t size)
{
	size_t len = 0;
	char c;

	for (;;) {
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR && !cli_interrupted())
			continue;
		if (n < 0 || (n == 0 && !len))
			return -1;
		if (n == 0 || c == '\n')
			break;
		if (len + 1 >= size)
			return -1;
		answer[len++] = c;
	}
	answer[len] = '\0';
	return 0;
}

int ask_line(const char *prompt, bool echo, char *answer, size_t size)
{
	struct strbuf text = STRBUF_INIT;
	int fd = open_tty(), result = -1;

	if (fd < 0 || !size)
		return -1;
	text_add_lines(&text, prompt, strlen(prompt));
	if ((echo || !term_echo(fd, false)) && !put_all(fd, text.buf, text.len))
		result = read_line(fd, answer, size);
	if (!echo || result)
		put_all(fd, "\n", 1);
	if (!echo)
		term_echo(fd, true);
	if (result)
		explicit_bzero(answer, size);
	strbuf_release(&text);
	close(fd);
	return result;
}

bool ask_yes(const char *question)
{
	struct strbuf prompt = STRBUF_INIT;
	char answer[16];
	bool yes;

	strbuf_addf(&prompt, "%s [y/N] ", question);
	yes = !ask_line(prompt.buf, true, answer, sizeof(answer)) &&
	      (!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"));
	strbuf_release(&prompt);
	return yes;
}
