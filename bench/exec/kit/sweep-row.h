/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a sweep's record: what became of a case. */
#pragma once
#include "bench/exec/kit/sweep-record.h"

/* us: from its begin until it was saved in path; negative: nobody knows any more. New reference. */
json_t *lu_sweep_row(const struct lu_sweep_case *one, const json_t *result, const char *path,
		     int64_t us);
/* Add rows for results that are in the record's folder without one, because whoever should have
 * written it was no more when they were saved. */
bool lu_sweep_adopt(struct lu_sweep_record *record, const struct lu_sweep *sweep, GError **error);
