/* SPDX-License-Identifier: MIT */
/*
 * The ground floor: strings, maps, errors, the event loop.
 */
#include "base/base.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/strbuf.h"
#include "base/strmap.h"
#include "base/strvec.h"
#include "tap.h"

static void test_strbuf(void)
{
	struct strbuf sb = STRBUF_INIT;
	char *s;

	is_str(sb.buf, "", "an empty buffer is a string");
	strbuf_addf(&sb, "%s-%d", "a", 42);
	strbuf_addchars(&sb, 'x', 100);
	is_int((long long)sb.len, 104, "length after growing");
	strbuf_remove(&sb, 4, 99);
	is_str(sb.buf, "a-42x", "a piece removed from the middle");
	is_int(strbuf_add_max(&sb, "yyyy", 4, 7), -1, "add_max says what did not fit");
	is_str(sb.buf, "a-42xyy", "and adds what does");
	s = strbuf_detach(&sb);
	is_str(s, "a-42xyy", "detached");
	is_str(sb.buf, "", "and empty after it");
	free(s);
	strbuf_release(&sb);
}

static void test_strmap(void)
{
	struct strmap map = STRMAP_INIT;
	char key[16];
	bool good = true;

	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		strmap_put(&map, key, xstrdup(key));
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		good = good && !strcmp(strmap_get(&map, key), key) && strmap_index(&map, key) == i;
	}
	ok(good, "5000 keys found, in the order in which they came");
	ok(!strmap_get(&map, "k5000"), "an absent key is NULL");
	free(strmap_put(&map, "k7", NULL));
	is_int((long long)map.nr, 5000, "a key put again is not a second one");
	strmap_release(&map, free);
}

static void test_error(void)
{
	struct error err = ERROR_INIT;

	is_int(error_set_errno(&err, ERROR_FAILED, ENOENT, "cannot open '%s'", "f"), -1,
	       "setting an error returns -1");
	error_prefix(&err, "'%s'", "m");
	is_str(err.text, "'m': cannot open 'f': No such file or directory", "context in front");
	is_int(err.code, ERROR_FAILED, "the class stays");
}

struct order {
	struct loop *loop;
	struct strbuf seen;
	struct loop_timer *again;
	struct loop_watch *watch;
	int fd[2];
};

static void on_a(void *data)
{
	strbuf_addch(&((struct order *)data)->seen, 'a');
}

static void on_b(void *data)
{
	strbuf_addch(&((struct order *)data)->seen, 'b');
}

static void on_again(void *data)
{
	struct order *order = data;

	strbuf_addch(&order->seen, 'r');
	if (order->seen.len < 5)
		loop_timer_set(order->again, 0);
}

static void on_read(int fd, short revents, void *data)
{
	struct order *order = data;
	char c;

	if ((revents & POLLIN) && read(fd, &c, 1) == 1)
		strbuf_addch(&order->seen, c);
	loop_watch_remove(order->watch);
	order->watch = NULL;
}

static void test_loop(void)
{
	struct order order = {.loop = loop_new(), .seen = STRBUF_INIT};
	struct loop_timer *b = loop_timer_add(order.loop, 2, on_b, &order);
	struct loop_timer *a = loop_timer_add(order.loop, 1, on_a, &order);
	int64_t start = loop_now_ms();

	while (order.seen.len < 2)
		loop_step(order.loop, -1);
	is_str(order.seen.buf, "ab", "timers come in the order in which they are due");
	ok(loop_now_ms() - start >= 2, "and not before");

	order.again = loop_timer_add(order.loop, 0, on_again, &order);
	while (order.seen.len < 5)
		loop_step(order.loop, -1);
	is_str(order.seen.buf, "abrrr", "a timer may set itself again");

	is_int(pipe(order.fd), 0, "a pipe");
	order.watch = loop_watch_add(order.loop, order.fd[0], POLLIN, on_read, &order);
	is_int((long long)write(order.fd[1], "xy", 2), 2, "two bytes into it");
	loop_step(order.loop, 1000);
	loop_step(order.loop, 0);
	is_str(order.seen.buf, "abrrrx", "a watch that removed itself is not called again");

	loop_wake(order.loop);
	start = loop_now_ms();
	loop_step(order.loop, 10000);
	ok(loop_now_ms() - start < 5000, "loop_wake ends the wait");

	loop_timer_remove(a);
	loop_timer_remove(b);
	loop_timer_remove(order.again);
	loop_free(order.loop);
	close(order.fd[0]);
	close(order.fd[1]);
	strbuf_release(&order.seen);
}

int main(void)
{
	test_strbuf();
	test_strmap();
	test_error();
	test_loop();
	return done_testing();
}
