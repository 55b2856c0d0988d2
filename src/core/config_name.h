/* SPDX-License-Identifier: MIT */
/*
 * What names may look like. They travel into shells, ssh, tmux and docker, so what is let through
 * is what can be nothing but a name. Checked when a file is read, and again once placeholders are
 * replaced.
 */
#ifndef CORE_CONFIG_NAME_H
#define CORE_CONFIG_NAME_H

#include <stdbool.h>
#include "base/error.h"

/* Each returns 0, or -1 with `err` (ERROR_USAGE) that names the value and says what would do. */
typedef int config_name_fn(const char *value, struct error *err);
config_name_fn config_check_process_name;
config_name_fn config_check_session;
config_name_fn config_check_socket;
config_name_fn config_check_machine;
config_name_fn config_check_container;
config_name_fn config_check_cwd;
config_name_fn config_check_variant_name;

/* The same for a value that may still hold placeholders, which are taken for something harmless. */
int config_check_template(config_name_fn *check, const char *value, struct error *err);

#endif
