/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share. A target is one file, fuzz/NAME.c, with the function that libFuzzer
 * calls; replay.c calls the same function with the inputs that are kept. What fuzz/lib/ defines
 * takes the place of the library's own: a loop whose clock jumps instead of waiting, machines whose
 * answers are the input, names that are not random.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, which is a finding, where something that must hold does not. */
#define CHECK(cond, ...) ((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond, __VA_ARGS__))
_Noreturn void fuzz_fail(const char *file, int line, const char *cond, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The input while it is taken apart. */
struct fuzz_input {
	const char *at;
	size_t left;
};

unsigned char fuzz_byte(struct fuzz_input *input); /* 0 at the end */
/* Up to a line end or NUL, which is taken too; "" at the end. From the heap. */
char *fuzz_line(struct fuzz_input *input);
/* All up to a line that is only `mark`, or the end; NULL if nothing is left. From the heap. */
char *fuzz_section(struct fuzz_input *input, const char *mark, size_t *len);

/* A folder for this program alone, removed at its end. No file outside of it can be opened. */
const char *fuzz_folder(void);
/* Writes a file there. Returns its path, from the heap. */
char *fuzz_file(const char *name, const void *data, size_t len);

bool fuzz_is_utf8(const char *s, size_t len);

/* ---- machines ---- */

/*
 * From now on every channel that is opened takes the next section of `data` (they are separated by
 * lines "---") for its answer. The frame around it (the first line, the end marker) is put there,
 * and "@R" becomes the run that was asked for, "@N" the nonce. What it begins with says more:
 * '!': no frame; '~': the end marker is missing; '-': the connection is lost after it; '#': it goes
 * to standard error. When there is none left the connection is lost for good.
 */
void fuzz_machines(const char *data, size_t len, unsigned seed);
/* Answers since then that had their end marker, and those of them that were to `main`. */
size_t fuzz_whole_answers(const char *main);

/* Random names begin anew; fuzz_machines() does it. */
void fuzz_reset_random(void);

#endif
