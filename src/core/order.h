/* SPDX-License-Identifier: MIT */
/*
 * What a resolved process asks of its machine: the part of a start or stop request that its spec
 * decides, the same whoever makes the request.
 */
#ifndef CORE_ORDER_H
#define CORE_ORDER_H

#include "core/resolve.h"
#include "target/target.h"

/*
 * Fills `start` from a spec; the caller sets run, machine, the record, and how to follow. Strings
 * are borrowed from the spec.
 */
void order_start(struct target_start *start, const struct spec *spec);

/* Fills `stop` as the process is configured to be stopped. `spec` lends its strings. */
void order_stop(struct target_stop *stop, const struct spec *spec);

#endif
