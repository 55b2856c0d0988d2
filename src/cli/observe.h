/* SPDX-License-Identifier: MIT */
/*
 * The observer that the program gives to the library: messages go to standard error, events to a
 * live display, to plain lines or to JSON, and questions to the terminal.
 */
#ifndef CLI_OBSERVE_H
#define CLI_OBSERVE_H

#include <stdbool.h>
#include "base/strbuf.h"
#include "base/strmap.h"
#include "base/strvec.h"
#include "concert.h"

struct cli;
struct live;

enum observe_mode {
	OBSERVE_ERRORS,	  /* events that are errors are kept for observe_tell_errors() */
	OBSERVE_PROGRESS, /* each event, on standard error */
	OBSERVE_JSON,	  /* each event as a line of JSON on standard output */
	OBSERVE_STREAM,	  /* only that a machine is lost, or found again */
};

struct observe {
	struct cli *cli;
	enum observe_mode mode;
	struct live *live;    /* NULL where there is none */
	struct strmap told;   /* what was said already: the library may plan a thing twice */
	struct strvec errors; /* OBSERVE_ERRORS: texts of events */
	struct strmap output; /* process → struct strbuf *: the line that it is writing */
	struct strmap probes; /* process → the last answer of its ready check, already shown */
	size_t nr_warnings;
	/* May be NULL: takes what a one-shot wrote; false if it is not its business. */
	bool (*take_output)(const struct concert_event *event, void *data);
	void (*tick)(void *data); /* may be NULL: called about ten times a second */
	void *data;		  /* of these two */
	bool silent;		  /* keeps messages too, in `errors`: status -w shows them itself */
};

void observe_init(struct observe *observe, enum observe_mode mode, struct cli *cli);
void observe_release(struct observe *observe);

struct concert_observer observe_observer(struct observe *observe);

/*
 * Where standard error is a terminal: begins a live display of what `plan` (may be NULL) will do;
 * `goal` is what all shall become ("ready").
 */
void observe_begin(struct observe *observe, const struct concert_plan *plan, const char *goal);
/* Takes the live display away and completes unfinished lines. */
void observe_end(struct observe *observe);

/* Makes room on standard error; the display comes back by itself. */
void observe_pause(struct observe *observe);

/* Forgets the kept errors, and what was said already: it may be said again. */
void observe_forget(struct observe *observe);

/* Prints the kept errors of which no row of `report` (may be NULL) gives the reason already. */
void observe_tell_errors(struct observe *observe, const struct concert_report *report);

#endif
