/* SPDX-License-Identifier: MIT */
/*
 * Terminals, by the few sequences that all of them have known since the VT100. No terminfo: a
 * terminal that is called "dumb" or has no name gets plain lines.
 */
#include "base/base.h"
#include <sys/ioctl.h>
#include <termios.h>
#include "cli/term.h"

/* What term_restore() has to undo. Written before the terminal is changed, never after. */
static volatile sig_atomic_t hidden_fd = -1, quiet_fd = -1, raw_fd = -1;
static volatile sig_atomic_t resumed; /* a stop has left the screen to others */
static struct termios with_echo, cooked;

/*
 * Out of the other screen, cursor on, mouse, focus and pasting as they were, keys and colours plain:
 * what a program that drew a whole screen may have left.
 */
static const char reset_sequence[] =
	"\033[?1000l\033[?1002l\033[?1003l\033[?1005l\033[?1006l\033[?1004l\033[?2004l"
	"\033[?1l\033>\033[m\033(B\033[r\033[?1049l\033[?25h\r\n";

static bool is_capable(void)
{
	const char *name = getenv("TERM");

	return name && *name && strcmp(name, "dumb") && strcmp(name, "unknown");
}

void term_init(struct term *term, int fd, enum term_when colour)
{
	const char *no_colour = getenv("NO_COLOR");

	term->fd = fd;
	term->tty = isatty(fd);
	term->moves = term->tty && is_capable();
	term->colour = colour == TERM_ALWAYS ||
		       (colour == TERM_AUTO && term->moves && !(no_colour && *no_colour));
}

static size_t dimension(const struct term *term, bool columns)
{
	const char *env = getenv(columns ? "COLUMNS" : "LINES");
	struct winsize size;
	unsigned long value;

	if (!term->tty)
		return 0;
	if (!ioctl(term->fd, TIOCGWINSZ, &size) && (columns ? size.ws_col : size.ws_row))
		return columns ? size.ws_col : size.ws_row;
	value = env ? strtoul(env, NULL, 10) : 0;
	return value && value < 10000 ? value : columns ? 80 : 24;
}

size_t term_width(const struct term *term)
{
	return dimension(term, true);
}

size_t term_height(const struct term *term)
{
	return dimension(term, false);
}

const char *term_sgr(const struct term *term, enum term_colour colour)
{
	static const char *const sgr[] = {
		[TERM_PLAIN] = "\033[m",  [TERM_BOLD] = "\033[1m",     [TERM_DIM] = "\033[2m",
		[TERM_RED] = "\033[31m",  [TERM_GREEN] = "\033[32m",   [TERM_YELLOW] = "\033[33m",
		[TERM_BLUE] = "\033[34m", [TERM_MAGENTA] = "\033[35m", [TERM_CYAN] = "\033[36m",
	};

	return term->colour ? sgr[colour] : "";
}

/* For signal handlers too. Nobody can be told that a terminal takes nothing any more. */
static void put(int fd, const char *s)
{
	ssize_t n = write(fd, s, strlen(s));

	(void)n;
}

void term_cursor(const struct term *term, bool visible)
{
	if (!term->moves)
		return;
	if (!visible)
		hidden_fd = term->fd;
	put(term->fd, visible ? "\033[?25h" : "\033[?25l");
	if (visible)
		hidden_fd = -1;
}

int term_echo(int fd, bool echo)
{
	struct termios silent;

	if (echo) {
		if (quiet_fd < 0)
			return 0;
		quiet_fd = -1;
		return tcsetattr(fd, TCSAFLUSH, &with_echo);
	}
	if (tcgetattr(fd, &with_echo))
		return -1;
	silent = with_echo;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet_fd = fd;
	return tcsetattr(fd, TCSAFLUSH, &silent);
}

int term_raw(int fd, bool raw)
{
	struct termios mode;

	if (!raw) {
		fd = raw_fd;
		raw_fd = -1;
		return fd < 0 ? 0 : tcsetattr(fd, TCSADRAIN, &cooked);
	}
	if (tcgetattr(fd, &cooked))
		return -1;
	mode = cooked;
	cfmakeraw(&mode);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	raw_fd = fd;
	return tcsetattr(fd, TCSADRAIN, &mode);
}

void term_reset(int fd)
{
	put(fd, reset_sequence);
}

bool term_resumed(void)
{
	bool was = resumed;

	resumed = 0;
	return was;
}

void term_restore(void)
{
	int saved = errno;

	if (raw_fd >= 0) {
		put(raw_fd, reset_sequence);
		tcsetattr(raw_fd, TCSANOW, &cooked);
	}

	if (hidden_fd >= 0)
		put(hidden_fd, "\033[?25h");
	if (quiet_fd >= 0)
		tcsetattr(quiet_fd, TCSANOW, &with_echo);
	errno = saved;
}

/* Ctrl-Z: the shell gets a terminal that works, and we take ours back when we go on. */
static void on_stop(int sig)
{
	int saved = errno, silent = quiet_fd, raw = raw_fd;

	(void)sig;
	term_restore();
	raise(SIGSTOP);
	if (hidden_fd >= 0)
		put(hidden_fd, "\033[?25l");
	if (silent >= 0)
		term_echo(silent, false);
	if (raw >= 0)
		term_raw(raw, true);
	resumed = 1;
	errno = saved;
}

/* The end, without a word more: only the terminal is put back. */
static void on_fatal(int sig)
{
	term_restore();
	raise(sig);
}

static void on_resize(int sig)
{
	(void)sig; /* it is enough that a wait ends early: sizes are asked for at every drawing */
}

static void catch_fatal(void)
{
	static const int fatal[] = {SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	struct sigaction end = {.sa_handler = on_fatal, .sa_flags = SA_RESETHAND | SA_NODEFER};
	struct sigaction now;

	sigemptyset(&end.sa_mask);
	/* Whoever ignores one, or looks at it himself (a sanitizer), means it. */
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		if (!sigaction(fatal[i], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(fatal[i], &end, NULL);
}

void term_catch_signals(void)
{
	struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
	struct sigaction resize = {.sa_handler = on_resize};
	struct sigaction now;

	sigemptyset(&stop.sa_mask);
	sigemptyset(&resize.sa_mask);
	/* A shell without job control starts us with SIGTSTP ignored, and means it. */
	if (!sigaction(SIGTSTP, NULL, &now) && now.sa_handler != SIG_IGN)
		sigaction(SIGTSTP, &stop, NULL);
	sigaction(SIGWINCH, &resize, NULL);
	catch_fatal();
}
