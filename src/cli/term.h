/* SPDX-License-Identifier: MIT */
/*
 * What standard output and standard error are: a terminal or not, how large, with which colours.
 * It also keeps what must be put back when the program ends or is stopped in the middle: the
 * cursor, the echo of typed letters, a terminal that was made raw.
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>

enum term_when {
	TERM_AUTO, /* on a terminal that is not dumb, unless NO_COLOR is set */
	TERM_ALWAYS,
	TERM_NEVER,
};

enum term_colour {
	TERM_PLAIN,
	TERM_BOLD,
	TERM_DIM,
	TERM_RED,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_BLUE,
	TERM_MAGENTA,
	TERM_CYAN,
};

struct term {
	int fd;
	bool tty;   /* a terminal, dumb ones included */
	bool moves; /* a terminal on which lines can be drawn again */
	bool colour;
};

void term_init(struct term *term, int fd, enum term_when colour);

/* Columns and rows, asked anew each time. 0 columns: no terminal, lines may be of any length. */
size_t term_width(const struct term *term);
size_t term_height(const struct term *term);

/* The sequence that switches a colour on (TERM_PLAIN: all off); "" where there are none. */
const char *term_sgr(const struct term *term, enum term_colour colour);

/* Hides or shows the cursor; remembered for term_restore(). */
void term_cursor(const struct term *term, bool visible);

/* Switches the echo of what is typed on `fd` (a terminal) off or on. Returns 0 or -1 with errno. */
int term_echo(int fd, bool echo);

/*
 * Makes the terminal `fd` pass on every key as it is, or (with `raw` false, whatever `fd`) undoes
 * that. Returns 0 or -1 with errno.
 */
int term_raw(int fd, bool raw);

/* Leaves the other screen and every mode that a program which drew on it may have switched on. */
void term_reset(int fd);

/* Whether the program was stopped and went on since the last call: the screen is not ours then. */
bool term_resumed(void);

/* Puts cursor, echo and a raw terminal back as they were. Async-signal-safe. */
void term_restore(void);

/* Makes SIGTSTP leave a sane terminal behind, and SIGWINCH interrupt what waits. */
void term_catch_signals(void);

#endif
