/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the oracles found: an object {name: {"verdict", "evidence"}}. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "model/result.h"

/* Add one verdict, in place of an earlier one of that name; evidence is one line. */
void lu_verdicts_add(json_t *oracles, const char *name, enum lu_verdict verdict,
		     const char *evidence);
/* No oracle of it failed. */
bool lu_verdicts_passed(const json_t *oracles);
