/* SPDX-License-Identifier: MIT */
/*
 * Signals by name: "INT" and "SIGINT" are read, "INT" is written. Names travel to machines, never
 * numbers, because numbers differ between systems.
 */
#ifndef BASE_SIGNAME_H
#define BASE_SIGNAME_H

/* The number of "INT", "SIGINT", "int" or "2"; -1 if there is no such signal. */
int signame_number(const char *name);

/* The name without "SIG", a constant; NULL if the number has none. */
const char *signame_of(int number);

#endif
