/* SPDX-License-Identifier: MIT */
/*
 * Calls that are too easy to get wrong, each with what to use in its place. Naming one stops the
 * build. base.h includes this after the system's headers, which may name them.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#define BANNED(call) sorry_##call##_is_a_banned_function

#undef strcpy
#define strcpy(d, s) BANNED(strcpy) /* strbuf_addstr */
#undef strcat
#define strcat(d, s) BANNED(strcat) /* strbuf_addstr */
#undef strncpy
#define strncpy(d, s, n) BANNED(strncpy) /* strbuf_add, memcpy */
#undef strncat
#define strncat(d, s, n) BANNED(strncat) /* strbuf_add */
#undef sprintf
#define sprintf(...) BANNED(sprintf) /* strbuf_addf, snprintf */
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf) /* strbuf_vaddf */
#undef gets
#define gets(s) BANNED(gets) /* getline */
#undef system
#define system(s) BANNED(system) /* fork and exec with a vector */
#undef popen
#define popen(...) BANNED(popen) /* fork and exec with a vector */
#undef strtok
#define strtok(...) BANNED(strtok) /* strchr, strcspn */
#undef atoi
#define atoi(s) BANNED(atoi) /* parse_int */
#undef atol
#define atol(s) BANNED(atol) /* parse_int */
#undef mktemp
#define mktemp(s) BANNED(mktemp) /* mkstemp */
#undef tmpnam
#define tmpnam(s) BANNED(tmpnam) /* mkstemp */
#undef alloca
#define alloca(n) BANNED(alloca) /* xmalloc */

#endif
