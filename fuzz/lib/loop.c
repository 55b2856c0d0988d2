/* SPDX-License-Identifier: MIT */
/*
 * The event loop of base/loop.h without the waiting: its clock stands still while something is to
 * be done, and jumps to what is due next.
 */
#include "base/base.h"
#include "base/loop.h"
#include "fuzz/fuzz.h"

/* More than any input that is not a hang takes. */
#define STEPS_MAX 300000

struct loop_timer {
	struct loop *loop;
	struct loop_timer *next;
	int64_t due; /* -1: asleep */
	uint64_t seq;
	void (*cb)(void *data);
	void *data;
};

struct loop {
	struct loop_timer *timers;
	uint64_t seq;
	size_t steps;
};

struct loop_watch {
	int fd;
};

static int64_t now = 1000000;

struct loop *loop_new(void)
{
	return xcalloc(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
	CHECK(!loop || !loop->timers, "timers are left");
	free(loop);
}

int64_t loop_now_ms(void)
{
	return now;
}

int64_t loop_now_us(void)
{
	return now * 1000;
}

/* Nothing that is fuzzed has descriptors. */
struct loop_watch *loop_watch_add(struct loop *loop, int fd, short events,
				  void (*cb)(int fd, short revents, void *data), void *data)
{
	(void)loop, (void)fd, (void)events, (void)cb, (void)data;
	fuzz_fail(__FILE__, __LINE__, "false", "a descriptor is watched");
}

void loop_watch_set(struct loop_watch *watch, short events)
{
	(void)watch, (void)events;
}

void loop_watch_remove(struct loop_watch *watch)
{
	(void)watch;
}

struct loop_timer *loop_timer_add(struct loop *loop, int64_t ms, void (*cb)(void *data), void *data)
{
	struct loop_timer *timer = xcalloc(1, sizeof(*timer));

	*timer = (struct loop_timer){.loop = loop, .next = loop->timers, .cb = cb, .data = data};
	loop->timers = timer;
	loop_timer_set(timer, ms);
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t ms)
{
	timer->due = ms < 0 ? -1 : now + ms;
	timer->seq = timer->loop->seq++;
}

void loop_timer_remove(struct loop_timer *timer)
{
	struct loop_timer **link;

	if (!timer)
		return;
	for (link = &timer->loop->timers; *link != timer; link = &(*link)->next)
		;
	*link = timer->next;
	free(timer);
}

static struct loop_timer *first_due(const struct loop *loop)
{
	struct loop_timer *first = NULL;

	for (struct loop_timer *t = loop->timers; t; t = t->next)
		if (t->due >= 0 && (!first || t->due < first->due ||
				    (t->due == first->due && t->seq < first->seq)))
			first = t;
	return first;
}

int loop_step(struct loop *loop, int64_t max_ms)
{
	struct loop_timer *timer = first_due(loop);

	CHECK(++loop->steps < STEPS_MAX, "it goes on for ever");
	CHECK(timer || max_ms >= 0, "it waits for ever");
	if (!timer || (max_ms >= 0 && timer->due > now + max_ms)) {
		now += max_ms;
		return 0;
	}
	now = timer->due > now ? timer->due : now;
	timer->due = -1;
	timer->cb(timer->data);
	return 1;
}

void loop_wake(struct loop *loop)
{
	(void)loop;
}
