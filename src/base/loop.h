/* SPDX-License-Identifier: MIT */
/*
 * The event loop: all waiting of the program happens in loop_step(). It knows file descriptors
 * (poll(2), so that it works on any POSIX system), timers on the monotonic clock, and a wake-up
 * that signal handlers and other threads may use. Everything else (children, answers of threads)
 * is made from these.
 *
 * Callbacks run from loop_step() alone, one after the other. They may add, change and remove any
 * watch or timer, their own included; what was removed is not called any more, also when its
 * event was already seen in the same step.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;
struct loop_timer;

struct loop *loop_new(void);
/* Every watch and timer must have been removed before (BUG otherwise). NULL is allowed. */
void loop_free(struct loop *loop);

/* Milliseconds (microseconds) of the monotonic clock, read at each call. */
int64_t loop_now_ms(void);
int64_t loop_now_us(void);

/*
 * Calls `cb` while `fd` is ready for `events` (POLLIN, POLLOUT; 0 watches for errors only).
 * `revents` is poll's; POLLERR, POLLHUP and POLLNVAL come unasked. The watch does not own `fd`,
 * and must be removed before `fd` is closed.
 */
struct loop_watch *loop_watch_add(struct loop *loop, int fd, short events,
				  void (*cb)(int fd, short revents, void *data), void *data);
void loop_watch_set(struct loop_watch *watch, short events);
void loop_watch_remove(struct loop_watch *watch); /* NULL is allowed */

/*
 * Calls `cb` once, `ms` milliseconds from now (0: in the next step, after the descriptors). The
 * timer then stays, asleep, until it is set again or removed.
 */
struct loop_timer *loop_timer_add(struct loop *loop, int64_t ms, void (*cb)(void *data),
				  void *data);
void loop_timer_set(struct loop_timer *timer, int64_t ms); /* anew from now; negative: asleep */
void loop_timer_remove(struct loop_timer *timer);	   /* NULL is allowed */

/*
 * Waits until something is ready or due, at most `max_ms` (negative: without a limit), and calls
 * what there is to call. Returns how many callbacks ran.
 */
int loop_step(struct loop *loop, int64_t max_ms);

/* Ends the wait of the current or next loop_step. Async-signal-safe, and safe from any thread. */
void loop_wake(struct loop *loop);

#endif
