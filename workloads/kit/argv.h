/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines of our services in the guest. */
#pragma once
#include <jansson.h>

/* Those words, then "--name value" for each of these parameters, with - for _ in its name. Both
 * lists end with NULL. g_strfreev. */
char **lu_argv_of(const json_t *params, const char *const *words, const char *const *names);
