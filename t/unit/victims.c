/* SPDX-License-Identifier: MIT */
/*
 * Whom a kill takes with it: dependents, the direct dependencies of a one-shot, and what nothing
 * else needs.
 */
#include "base/base.h"
#include "core/victims.h"
#include "tap.h"

#define NR 6

/* roscore <- driver <- planner <- all (one-shot); roscore <- logger; imu <- all */
enum { ROSCORE, DRIVER, PLANNER, LOGGER, IMU, ALL };

static struct config_dependency driver_depends[] = {{.process = ROSCORE}};
static struct config_dependency planner_depends[] = {{.process = DRIVER}};
static struct config_dependency logger_depends[] = {{.process = ROSCORE}};
static struct config_dependency all_depends[] = {{.process = PLANNER}, {.process = IMU}};
static struct config_process processes[NR] = {
	[ROSCORE] = {.persistent = true},
	[DRIVER] = {.persistent = true, .depends = driver_depends, .nr_depends = 1},
	[PLANNER] = {.persistent = true, .depends = planner_depends, .nr_depends = 1},
	[LOGGER] = {.persistent = true, .depends = logger_depends, .nr_depends = 1},
	[IMU] = {.persistent = true},
	[ALL] = {.persistent = false, .depends = all_depends, .nr_depends = 2},
};
static const struct config config = {.process = processes, .nr_processes = NR};

static const char *set_text(const bool *set)
{
	static char text[NR + 1];

	for (size_t i = 0; i < NR; i++)
		text[i] = set[i] ? "RDPLIA"[i] : '-';
	return text;
}

static void extend(const struct graph *graph, int named, bool only, const char *want,
		   const char *name)
{
	struct concert_request request = {.only = only};
	bool set[NR] = {false};

	set[named] = true;
	victims_extend(set, &config, graph, &request);
	is_str(set_text(set), want, name);
}

static void add(const struct graph *graph, int named, int dead, const char *want, const char *name)
{
	bool set[NR] = {false}, alive[NR] = {true, true, true, true, true, false};

	set[named] = true;
	if (dead >= 0)
		alive[dead] = false;
	victims_add_dependencies(set, alive, graph);
	is_str(set_text(set), want, name);
}

int main(void)
{
	struct graph graph;

	config_graph(&config, &graph);
	extend(&graph, PLANNER, false, "--P--A", "dependents go too");
	extend(&graph, ROSCORE, false, "RDPL-A", "dependents of dependents, through one-shots");
	extend(&graph, ROSCORE, true, "R-----", "--only leaves dependents alone");
	extend(&graph, ALL, false, "--P-IA", "a one-shot takes its direct dependencies with it");
	extend(&graph, ALL, true, "--P-IA", "with --only as well");
	extend(&graph, LOGGER, false, "---L--", "a leaf goes alone");

	add(&graph, PLANNER, -1, "-DP---", "what another process needs stays");
	add(&graph, PLANNER, LOGGER, "RDP---", "what nothing else alive needs goes");
	add(&graph, PLANNER, DRIVER, "--P---",
	    "what is over is not killed, nor what the logger needs");
	add(&graph, ALL, LOGGER, "RDP-IA", "all that a one-shot brought up, directly or not");
	graph_release(&graph);
	return done_testing();
}
