/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a report on one of several services looks at. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "record/timeline.h"

/*
 * Make result and timeline (both taken and given back; the timeline may be NULL) those of the service
 * of that name, as if it had been alone; NULL: the first. Of a run with one service they stay as they
 * are. LU_ERROR_USAGE: it has no such service; they are given back all the same.
 */
bool lu_of_service(json_t **result, struct lu_timeline **timeline, const char *name,
		   GError **error);
