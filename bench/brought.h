/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is shipped of the kinds that users bring: services and strategies of scripts. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* [{"name", "summary", "path"}] of examples/services, sorted; new reference. NULL with
 * LU_ERROR_USAGE: one of the files is no JSON. */
json_t *lu_brought_services(GError **error);
/* The same of examples/strategies, whose summary is the heading of the folder's README.md, or
 * empty. */
json_t *lu_brought_scripts(void);
