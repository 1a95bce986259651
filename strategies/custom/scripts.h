/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of scripts as a document that is part of the plan: strategy.json (what the guest is made
 * with), PHASE.guest, PHASE.host, rollback.guest, rollback.host, and NAME.sh, which scripts in the
 * guest may read. docs/reference/custom-strategy.md
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Parameter callbacks (model/param.h). LU_ERROR_USAGE. */
json_t *lu_scripts_read(const char *path, GError **error);
bool lu_scripts_check(json_t *document, GError **error);
/* Text of the script of that name ("prepare.guest"), or NULL; borrowed. */
const char *lu_scripts_text(const json_t *document, const char *name);
