/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a result of an earlier version does not say. */
#pragma once
#include <jansson.h>

/* "validity, p50_ns, …": what this version records and that result has not; NULL: nothing. Caller
 * frees. */
char *lu_lacks(const json_t *result);
