/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a description's program and folder contain, so that a plan says which it means. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Hashes them into "sha256", which must be the same if it is there. Folders of at most 10,000 files
 * and 512 MiB. LU_ERROR_USAGE. */
bool lu_service_contents(json_t *spec, GError **error);
