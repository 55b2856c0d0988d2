/* SPDX-License-Identifier: MIT */
/*
 * Whom a kill is about: the choice, before and after the machines have told what lives. Pure; the
 * killing is in kill.c.
 */
#ifndef CORE_VICTIMS_H
#define CORE_VICTIMS_H

#include <stdbool.h>
#include "concert.h"
#include "core/config.h"
#include "core/graph.h"

/*
 * Extends `set`, which holds what was named: a one-shot takes its direct dependencies with it, and
 * everything takes its dependents with it, unless request->only.
 */
void victims_extend(bool *set, const struct config *config, const struct graph *graph,
		    const struct concert_request *request);

/*
 * --with-dependencies: adds to `set` what its members depend on, directly or not, as long as it is
 * alive and nothing that is alive and outside of the set depends on it.
 */
void victims_add_dependencies(bool *set, const bool *alive, const struct graph *graph);

#endif
