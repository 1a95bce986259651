/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline of several services, as one of them would have it if it were alone. What concerns one
 * of them only has a source of its own there, "client:redis", in place of "client"; everything else
 * concerns all.
 */
#pragma once
#include "record/timeline.h"

/* The source of events that concern that service only, interned; service NULL: it is the only one. */
const char *lu_source_of(const char *source, const char *service);
/* A new timeline, in the same order, without what concerns the others. lu_timeline_free. */
struct lu_timeline *lu_timeline_of_service(const struct lu_timeline *timeline, const char *service);
