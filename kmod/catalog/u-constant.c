// SPDX-License-Identifier: GPL-2.0
/*
 * Changed constant.
 *
 * ask: limit = 8 -> 16
 */
#define CHANGED_limit
#define LIMIT 16
#include "catalog/base.c"
#include "catalog/update.h"

PATCHES(PATCH(limit), PATCH(add));
