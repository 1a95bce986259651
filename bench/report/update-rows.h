/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Updates and what became of them by each mechanism. */
#pragma once
#include "bench/report/update-cell.h"

struct lu_update_row {
	char *name, *title;
	struct lu_update_cell cells[LU_MECHANISMS];
};

/* Of those results that are trials of updates: struct lu_update_row by name, to g_ptr_array_unref.
 * None is an empty array. */
GPtrArray *lu_update_rows(const json_t *results);
