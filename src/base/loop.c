/* SPDX-License-Identifier: MIT */
/*
 * The event loop. Watches stand in one array beside the array that poll(2) wants; timers in a
 * binary heap by due time. Removal during a step only marks, and the step sweeps up at its end, so
 * that no callback can pull the array away under the loop that walks it.
 */
#include "base/base.h"
#include "base/loop.h"

struct loop_watch {
	struct loop *loop;
	int fd; /* -1 once removed */
	short events;
	void (*cb)(int fd, short revents, void *data);
	void *data;
};

struct loop_timer {
	struct loop *loop;
	int64_t due;  /* ms */
	uint64_t seq; /* among timers due at the same ms, the first set is the first called */
	size_t pos;   /* index in the heap, ASLEEP if not in it */
	void (*cb)(void *data);
	void *data;
};

#define ASLEEP SIZE_MAX

struct loop {
	struct loop_watch **watch;
	struct pollfd *poll;
	size_t nr_watch, alloc_watch, alloc_poll;
	bool stepping, sweep;

	struct loop_timer **heap;
	size_t nr_heap, alloc_heap;
	size_t nr_timer; /* asleep ones too */
	uint64_t seq;

	int wake[2];
	struct loop_watch *wake_watch;
};

static void drain_wake(int fd, short revents, void *data)
{
	char buf[64];

	(void)revents;
	(void)data;
	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	if (pipe2(loop->wake, O_CLOEXEC | O_NONBLOCK))
		BUG("no pipe for the event loop: %s", strerror(errno));
	loop->wake_watch = loop_watch_add(loop, loop->wake[0], POLLIN, drain_wake, NULL);
	return loop;
}

static void sweep_watches(struct loop *loop)
{
	size_t kept = 0;

	for (size_t i = 0; i < loop->nr_watch; i++) {
		if (loop->watch[i]->fd < 0)
			free(loop->watch[i]);
		else
			loop->watch[kept++] = loop->watch[i];
	}
	loop->nr_watch = kept;
	loop->sweep = false;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	loop_watch_remove(loop->wake_watch);
	if (loop->nr_watch || loop->nr_timer)
		BUG("%zu watches and %zu timers left in the loop", loop->nr_watch, loop->nr_timer);
	close(loop->wake[0]);
	close(loop->wake[1]);
	free(loop->watch);
	free(loop->poll);
	free(loop->heap);
	free(loop);
}

int64_t loop_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t loop_now_ms(void)
{
	return loop_now_us() / 1000;
}

struct loop_watch *loop_watch_add(struct loop *loop, int fd, short events,
				  void (*cb)(int fd, short revents, void *data), void *data)
{
	struct loop_watch *watch = xcalloc(1, sizeof(*watch));

	if (fd < 0)
		BUG("watch on descriptor %d", fd);
	watch->loop = loop;
	watch->fd = fd;
	watch->events = events;
	watch->cb = cb;
	watch->data = data;
	ALLOC_GROW(loop->watch, loop->nr_watch + 1, loop->alloc_watch);
	loop->watch[loop->nr_watch++] = watch;
	return watch;
}

void loop_watch_set(struct loop_watch *watch, short events)
{
	watch->events = events;
}

void loop_watch_remove(struct loop_watch *watch)
{
	struct loop *loop;

	if (!watch)
		return;
	loop = watch->loop;
	watch->fd = -1;
	loop->sweep = true;
	if (!loop->stepping)
		sweep_watches(loop);
}

static bool earlier(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

static void heap_put(struct loop *loop, struct loop_timer *timer, size_t pos)
{
	loop->heap[pos] = timer;
	timer->pos = pos;
}

static void heap_up(struct loop *loop, struct loop_timer *timer, size_t pos)
{
	while (pos && earlier(timer, loop->heap[(pos - 1) / 2])) {
		heap_put(loop, loop->heap[(pos - 1) / 2], pos);
		pos = (pos - 1) / 2;
	}
	heap_put(loop, timer, pos);
}

static void heap_down(struct loop *loop, struct loop_timer *timer, size_t pos)
{
	for (;;) {
		size_t child = 2 * pos + 1;

		if (child >= loop->nr_heap)
			break;
		if (child + 1 < loop->nr_heap && earlier(loop->heap[child + 1], loop->heap[child]))
			child++;
		if (!earlier(loop->heap[child], timer))
			break;
		heap_put(loop, loop->heap[child], pos);
		pos = child;
	}
	heap_put(loop, timer, pos);
}

static void heap_take(struct loop_timer *timer)
{
	struct loop *loop = timer->loop;
	size_t pos = timer->pos;
	struct loop_timer *last;

	if (pos == ASLEEP)
		return;
	timer->pos = ASLEEP;
	last = loop->heap[--loop->nr_heap];
	if (last == timer)
		return;
	if (pos && earlier(last, loop->heap[(pos - 1) / 2]))
		heap_up(loop, last, pos);
	else
		heap_down(loop, last, pos);
}

struct loop_timer *loop_timer_add(struct loop *loop, int64_t ms, void (*cb)(void *data), void *data)
{
	struct loop_timer *timer = xcalloc(1, sizeof(*timer));

	timer->loop = loop;
	timer->pos = ASLEEP;
	timer->cb = cb;
	timer->data = data;
	loop->nr_timer++;
	loop_timer_set(timer, ms);
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t ms)
{
	struct loop *loop = timer->loop;

	heap_take(timer);
	if (ms < 0)
		return;
	timer->due = loop_now_ms() + ms;
	timer->seq = loop->seq++;
	ALLOC_GROW(loop->heap, loop->nr_heap + 1, loop->alloc_heap);
	loop->nr_heap++;
	heap_up(loop, timer, loop->nr_heap - 1);
}

void loop_timer_remove(struct loop_timer *timer)
{
	if (!timer)
		return;
	heap_take(timer);
	timer->loop->nr_timer--;
	free(timer);
}

static int wait_ms(const struct loop *loop, int64_t max_ms)
{
	int64_t ms = max_ms;

	if (loop->nr_heap) {
		int64_t due = loop->heap[0]->due - loop_now_ms();

		if (due < 0)
			due = 0;
		if (ms < 0 || due < ms)
			ms = due;
	}
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static int call_watches(struct loop *loop, size_t nr)
{
	int called = 0;

	for (size_t i = 0; i < nr; i++) {
		struct loop_watch *watch = loop->watch[i];

		if (!loop->poll[i].revents || watch->fd < 0)
			continue;
		watch->cb(watch->fd, loop->poll[i].revents, watch->data);
		called++;
	}
	return called;
}

static int call_timers(struct loop *loop)
{
	int64_t now = loop_now_ms();
	uint64_t until = loop->seq; /* a timer set by a timer waits for the next step */
	int called = 0;

	while (loop->nr_heap && loop->heap[0]->due <= now && loop->heap[0]->seq < until) {
		struct loop_timer *timer = loop->heap[0];

		heap_take(timer);
		timer->cb(timer->data);
		called++;
	}
	return called;
}

int loop_step(struct loop *loop, int64_t max_ms)
{
	size_t nr = loop->nr_watch;
	int called = 0;

	if (loop->stepping)
		BUG("loop_step within loop_step");
	ALLOC_GROW(loop->poll, nr, loop->alloc_poll);
	for (size_t i = 0; i < nr; i++) {
		loop->poll[i].fd = loop->watch[i]->fd;
		loop->poll[i].events = loop->watch[i]->events;
		loop->poll[i].revents = 0;
	}
	loop->stepping = true;
	if (poll(loop->poll, (nfds_t)nr, wait_ms(loop, max_ms)) > 0)
		called = call_watches(loop, nr);
	called += call_timers(loop);
	loop->stepping = false;
	if (loop->sweep)
		sweep_watches(loop);
	return called;
}

void loop_wake(struct loop *loop)
{
	int saved = errno;

	/* A full pipe wakes as well as one byte more would. */
	if (write(loop->wake[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}
