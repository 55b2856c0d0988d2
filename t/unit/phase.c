/* SPDX-License-Identifier: MIT */
/*
 * What the facts about a run are taken to mean: each combination of files, window and processes
 * that a machine can be in, and lines that no honest machine would send.
 */
#include "base/base.h"
#include "base/strbuf.h"
#include "target/facts.h"
#include "tap.h"

#define BOOT	"boot B\nup 100000\npage 4096\n"
#define ID	"0123456789abcdef0123456789abcdef"
#define RUN	"run robot/x " ID " 0\ni boot=B\ni began=90000\nf started\n"
#define LIVES	"f wrapper %%1 500 777 1\n"
#define DEAD	"f wrapper %%1 500 777 0\n"
#define WINDOW	"pane @1 %%1 500 0 d s l1 a1 v3.3a m1 r" ID " c Srobot Px robot:x\n"
#define CLOSED	"pane @1 %%1 500 1 d s l1 a1 v3.3a m1 r" ID " c Srobot Px robot:x\n"
#define FOREIGN "pane @9 %%9 900 0 d s l0 a1 v3.3a m r c S P robot:x\n"
#define PID	"p " ID " 501 500 800 50 10 S\n"

/* `text` is a format without arguments, so that %% stands for one. */
static void judge(struct target_snapshot *snapshot, const char *text)
{
	struct facts facts;
	char *copy = xstrdup(text), *line = copy, *end;

	facts_init(&facts);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		char *value = line + strcspn(line, " \n");

		*end = '\0';
		if (value < end)
			*value++ = '\0';
		facts_add(&facts, line, value);
	}
	facts_snapshot(&facts, snapshot);
	facts_release(&facts);
	free(copy);
}

static char *summary(const char *text)
{
	static const char *const phase[] = {"none",    "lives",	   "stopping", "ended",
					    "stopped", "orphaned", "vanished", "foreign"};
	struct target_snapshot snapshot;
	const struct target_run *run;
	char *s;

	judge(&snapshot, text);
	run = target_snapshot_find(&snapshot, "robot", "x");
	s = run ? xasprintf("%s %d %d%s%s", phase[run->phase], run->exit_status, run->signal,
			    run->reason ? ": " : "", run->reason ? run->reason : "")
		: xstrdup("nothing");
	snapshot_release(&snapshot);
	return s;
}

static void is_phase(const char *text, const char *want, const char *name)
{
	char *plain = xstrdup(text), *to = plain, *got;

	for (const char *from = text; *from; from++) {
		*to++ = *from;
		from += *from == '%' && from[1] == '%';
	}
	*to = '\0';
	got = summary(plain);
	is_str(got, want, name);
	free(got);
	free(plain);
}

static void test_phases(void)
{
	is_phase(BOOT, "nothing", "nothing");
	is_phase(BOOT WINDOW RUN LIVES PID, "lives -1 0", "in its window");
	is_phase(BOOT WINDOW RUN, "lives -1 0", "its wrapper not yet begun");
	is_phase(BOOT "run robot/x " ID " 1\ni boot=B\n", "lives -1 0", "its start not yet done");
	is_phase(BOOT "run robot/x " ID " 0\ni boot=B\n", "vanished -1 0: its start was cut off",
		 "its start cut off");
	is_phase(BOOT CLOSED RUN DEAD "f status exit:3:99000.00\n", "ended 3 0", "ended");
	is_phase(BOOT CLOSED RUN DEAD "f status signal:9:99000.00\n", "ended -1 9",
		 "ended by a signal");
	is_phase(BOOT RUN DEAD "f status exit:0:1\nf stopped 1\n", "stopped 0 0", "stopped");
	is_phase(BOOT WINDOW RUN LIVES "f stopping\n" PID, "stopping -1 0", "being stopped");
	is_phase(BOOT RUN DEAD, "vanished -1 0: its tmux window was killed", "killed with tmux");
	is_phase("boot C\nup 5\n" RUN DEAD, "vanished -1 0: the machine was rebooted", "rebooted");
	is_phase(BOOT RUN LIVES PID, "orphaned -1 0: its window is gone", "its window gone");
	is_phase(BOOT CLOSED RUN DEAD "f status exit:0:1\n" PID,
		 "orphaned 0 0: processes that it started live on", "a daemon lives on");
	is_phase(BOOT CLOSED RUN DEAD "f status exit:0:1\nf stopped 1\n" PID,
		 "orphaned 0 0: processes of it survived a kill", "a survivor");
	is_phase(BOOT "pane @1 %%1 500 1 d137 s l1 a1 v3.3a m1 r" ID
		      " c Srobot Px robot:x\n" RUN DEAD,
		 "ended 137 0: its window was ended from outside", "tmux knows more");
	is_phase(BOOT FOREIGN, "foreign -1 0: a window has its name that concert did not make",
		 "a window that is not ours");
	is_phase(BOOT FOREIGN RUN DEAD "f status exit:0:1\n",
		 "foreign 0 0: a window has its name that concert did not make",
		 "it stands in the way");
	is_phase(BOOT FOREIGN WINDOW RUN LIVES PID, "lives -1 0", "it stands beside");
	is_phase(BOOT "pane @1 %%7 600 0 d s l1 a1 v3.3a m1 r" ID
		      " c Srobot Px robot:x\n" CLOSED RUN DEAD "f status exit:0:1\n",
		 "ended 0 0", "a pane that the user split off is not it");
}

static void test_numbers(void)
{
	struct target_snapshot snapshot;

	judge(&snapshot,
	      BOOT "pane @1 %1 500 0 d s l0 a1 v3.3a m1 r" ID " c99000:40 Srobot Px robot:x\n" RUN
		   "f ready 995.5\nf wrapper %1 500 777 1\ni params=a%3db%0ac\n"
		   "p " ID " 503 501 900 10 1 S\np " ID " 502 501 810 20 1 S\n" PID
		   "c 501 bash -ic x\nc 503 sleep 1\n");
	is_int((long long)snapshot.nr_runs, 1, "one run");
	ok(snapshot.run[0].uptime_s > 99.9 && snapshot.run[0].uptime_s < 100.1, "its uptime");
	ok(snapshot.run[0].ready_age_s > 4.4 && snapshot.run[0].ready_age_s < 4.6, "ready since");
	ok(snapshot.run[0].cpu_percent > 3.9 && snapshot.run[0].cpu_percent < 4.1,
	   "40 ticks in the 10 s since the last look");
	is_int(snapshot.run[0].memory_bytes, 12 * 4096, "its memory");
	is_int(snapshot.run[0].pid, 501, "its first pid");
	is_int((long long)snapshot.run[0].nr_pids, 3, "three pids");
	is_int(snapshot.run[0].pid_list[1].pid, 502, "children after their parent, oldest first");
	is_int(snapshot.run[0].pid_list[2].depth, 1, "with their depth");
	is_str(snapshot.run[0].pid_list[2].command, "sleep 1", "and command");
	is_str(snapshot.run[0].params, "a=b\nc", "a value that was encoded");
	ok(snapshot.run[0].log_failed, "its log is not written any more");
	is_str(snapshot.tmux_version, "3.3a", "tmux's version");
	snapshot_release(&snapshot);
}

static void test_hostile(void)
{
	static const char *const lines[] = {
		"pane",
		"pane @",
		"pane @1 2 3",
		"run",
		"run x",
		"run x/y",
		"run /",
		"i",
		"i x",
		"i =",
		"f",
		"f wrapper",
		"f wrapper x y z",
		"f status",
		"f status :::",
		"f status x",
		"f status exit:99999999999999999999:x",
		"p",
		"p " ID,
		"p " ID " -1 -1 -1 -1 -1 S",
		"p " ID " 7 8 1 1 1 S",
		"p " ID " 8 7 1 1 1 S",
		"p " ID " 9 9 nan inf 1e999 S",
		"c",
		"c 7",
		"c x y",
		"boot",
		"up x",
		"up -5",
		"page 0",
		"page -1",
		"page 1e300",
		"tmux",
		"cpu @1 x",
		"i cmd=%",
		"i cmd=%0",
		"i cmd=%00%zz",
		"i began=1e400",
		"run robot/x " ID " 0",
	};
	struct strbuf sb = STRBUF_INIT;

	srand(3);
	for (int i = 0; i < 3000; i++) {
		struct target_snapshot snapshot;

		strbuf_reset(&sb);
		for (int j = 0; j < 30; j++)
			strbuf_addf(&sb, "%s\n", lines[(size_t)rand() % ARRAY_SIZE(lines)]);
		judge(&snapshot, sb.buf);
		snapshot_release(&snapshot);
	}
	ok(true, "3000 answers of nonsense");

	strbuf_reset(&sb);
	strbuf_addstr(&sb, BOOT RUN);
	for (int i = 2; i < 5000; i++)
		strbuf_addf(&sb, "p " ID " %d %d 1 1 1 S\n", i, i - 1);
	is_phase(sb.buf, "orphaned -1 0: processes that it started live on",
		 "a tree that is very deep");
	strbuf_release(&sb);
}

static void test_encoding(void)
{
	static const char text[] = "a=b %25 \n\t\177\001 caf\xc3\xa9";
	struct strbuf sb = STRBUF_INIT;

	percent_encode(&sb, text, SIZE_MAX);
	ok(!strpbrk(sb.buf, "\n\t\177\001"), "an encoded value stays on its line");
	is_str(percent_decode(sb.buf), text, "and comes back");
	strbuf_release(&sb);
}

int main(void)
{
	test_phases();
	test_numbers();
	test_hostile();
	test_encoding();
	return done_testing();
}
