/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a sweep's record: the outcome of each case. */
#pragma once
#include "bench/exec/kit/sweep-record.h"

/* us: from its beginning until it was saved in path, µs; negative: unknown. New reference. */
json_t *lu_sweep_row(const struct lu_sweep_case *one, const json_t *result, const char *path,
		     int64_t us);
/* The case whose plan has that hash, NULL: none. */
const struct lu_sweep_case *lu_sweep_case_of(const struct lu_sweep *sweep, const char *hash);
/* Add rows for results in the record's folder that have none, because they were saved after the
 * process that writes rows had ended. */
bool lu_sweep_adopt(struct lu_sweep_record *record, const struct lu_sweep *sweep, GError **error);
/* Forget the rows whose results are damaged or missing, and say so: they are to be run again. A
 * damaged file gets the suffix .damaged. */
void lu_sweep_heal(struct lu_sweep_record *record);
