/* SPDX-License-Identifier: MIT */
/*
 * The end of a process: the request for scripts/stop.sh, its steps, and what is left.
 */
#include "base/base.h"
