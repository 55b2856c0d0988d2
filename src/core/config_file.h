/* SPDX-License-Identifier: MIT */
/*
 * Reading one file of a configuration, and what it includes. For config*.c alone.
 */
#ifndef CORE_CONFIG_FILE_H
#define CORE_CONFIG_FILE_H

#include "core/config_read.h"

/*
 * Reads `fd` (closed in any case) as the file `path`. For the main file `by` and `outer` are NULL;
 * for others they are the field that includes it and the context that it begins with. All errors
 * are told.
 */
void config_read_file(struct config_reader *reader, int fd, const char *path,
		      const struct config_field *by, const struct config_context *outer);

/* The same for a main file that is in memory already. */
void config_read_memory(struct config_reader *reader, const char *path, const char *text,
			size_t len);

#endif
