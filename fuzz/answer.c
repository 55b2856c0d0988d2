/* SPDX-License-Identifier: MIT */
/*
 * What a machine answers: the frame, taken apart in pieces of any size, must say the same as in one
 * piece; and whatever the facts say, what they are taken to mean keeps to its bounds. The first
 * byte of the input seeds the sizes; the nonce is NONCE.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"
#include "target/answer.h"
#include "target/facts.h"

#define NONCE "0123456789abcdef"

/* One reading of the answer: all that was said, and the facts. */
struct reading {
	struct answer answer;
	struct strbuf heard;
	struct facts facts;
	int result;
};

static void on_fact(const char *key, char *value, void *data)
{
	struct reading *reading = data;
	unsigned long len = strtoul(value, NULL, 10);

	CHECK(*key && strlen(key) + strlen(value) <= ANSWER_LINE_MAX, "a long fact");
	strbuf_addf(&reading->heard, "fact %s=%s\n", key, value);
	if (!strcmp(key, "out"))
		answer_expect_raw(&reading->answer, len % 1000);
	facts_add(&reading->facts, key, value);
}

static void on_raw(const char *bytes, size_t len, void *data)
{
	strbuf_add(&((struct reading *)data)->heard, bytes, len);
}

static void read_answer(struct reading *reading, const char *data, size_t len, unsigned seed)
{
	struct error err = ERROR_INIT;

	memset(reading, 0, sizeof(*reading));
	answer_init(&reading->answer);
	memcpy(reading->answer.nonce, NONCE, sizeof(NONCE));
	reading->answer.fact = on_fact;
	reading->answer.raw = on_raw;
	reading->answer.data = reading;
	strbuf_init(&reading->heard);
	facts_init(&reading->facts);
	while (len && !reading->result) {
		size_t part = seed ? 1 + (seed = seed * 1103515245 + 12345) / 65536 % 9 : len;
		char *piece = xmalloc(part = part < len ? part : len);

		memcpy(piece, data, part);
		reading->result = answer_feed(&reading->answer, piece, part, &err);
		free(piece);
		data += part;
		len -= part;
	}
	CHECK(!reading->result == !err.code, "%d, '%s'", reading->result, err.text);
	CHECK(!reading->result == (reading->answer.state != ANSWER_BROKEN), "broken or not");
}

static void reading_release(struct reading *reading)
{
	answer_release(&reading->answer);
	strbuf_release(&reading->heard);
	facts_release(&reading->facts);
}

/* Known and sane, or not known. */
static bool is_figure(double value)
{
	return value >= -1e15 && value <= 1e18;
}

static void check_run(const struct target_run *run)
{
	CHECK(run->session && run->process, "a run of nothing");
	CHECK(run->phase <= RUN_FOREIGN, "phase %d", (int)run->phase);
	CHECK(run->exit_status >= -1 && run->exit_status <= 255, "status %d", run->exit_status);
	CHECK(run->signal >= 0 && run->signal <= 255, "signal %d", run->signal);
	CHECK(run->memory_bytes >= -1 && run->pid >= 0, "memory or pid");
	CHECK(is_figure(run->uptime_s) && is_figure(run->ended_ago_s) &&
		      is_figure(run->ready_age_s) && is_figure(run->cpu_percent),
	      "%g %g %g %g", run->uptime_s, run->ended_ago_s, run->ready_age_s, run->cpu_percent);
	for (size_t i = 0; i < run->nr_pids; i++) {
		const struct target_pid *pid = &run->pid_list[i];

		CHECK(pid->pid > 1 && pid->memory_bytes >= 0 && is_figure(pid->cpu_percent) &&
			      pid->depth <= 65,
		      "pid %lld: %lld bytes, %g%%, depth %u", (long long)pid->pid,
		      (long long)pid->memory_bytes, pid->cpu_percent, pid->depth);
		CHECK(!pid->command || strlen(pid->command) <= 1024, "a long command");
	}
}

/* Of pids that are told twice one is left. */
static size_t count_pids(const struct fact_run *run)
{
	size_t nr = 0;

	for (size_t i = 0, k; i < run->nr_pid; i++) {
		for (k = 0; k < i && run->pid[k].pid != run->pid[i].pid; k++)
			;
		nr += k == i;
	}
	return nr;
}

static void check_snapshot(struct facts *facts)
{
	struct target_snapshot snapshot;
	size_t pids = 0;

	for (size_t i = 0; i < facts->nr_run; i++)
		pids += count_pids(&facts->run[i]);
	facts_snapshot(facts, &snapshot);
	for (size_t i = 0; i < snapshot.nr_runs; i++) {
		check_run(&snapshot.run[i]);
		pids -= snapshot.run[i].nr_pids;
	}
	CHECK(!pids, "%zu pids are lost", pids);
	snapshot_release(&snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {(const char *)data, size};
	unsigned seed = fuzz_byte(&input) + 1u;
	struct reading whole, parts;

	read_answer(&whole, input.at, input.left, 0);
	read_answer(&parts, input.at, input.left, seed);
	CHECK(whole.result == parts.result && whole.answer.state == parts.answer.state &&
		      whole.heard.len == parts.heard.len &&
		      !memcmp(whole.heard.buf, parts.heard.buf, whole.heard.len),
	      "'%s', in parts '%s'", whole.heard.buf, parts.heard.buf);
	check_snapshot(&whole.facts);
	reading_release(&whole);
	reading_release(&parts);
	return 0;
}
