/* SPDX-License-Identifier: MIT */
/*
 * The public view of a configuration: the tables behind concert_process() and its neighbours.
 */
#ifndef CORE_INFO_H
#define CORE_INFO_H

#include "core/config.h"

struct info;

/* The configuration is borrowed and must outlive it. */
struct info *info_new(const struct config *config);
void info_free(struct info *info); /* NULL is allowed */

#endif
