/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of alike runs are samples of what is measured. */
#pragma once
#include <jansson.h>

/*
 * The good ones, as an array; new reference. Of simulated runs with the same seed only the first: the
 * simulator is a function of plan and seed, so the others are that sample once more. *repeated
 * (NULL: not asked for) is how many good ones were left out for that.
 */
json_t *lu_counted(const json_t *results, unsigned *repeated);
