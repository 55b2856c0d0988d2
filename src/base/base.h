/* SPDX-License-Identifier: MIT */
/*
 * The first include of every .c file: the system headers that all of them want, the allocators
 * that never return NULL, and, last, the list of library calls that concert does not use.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/banned.h"

#endif
