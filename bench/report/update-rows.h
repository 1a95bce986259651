/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Updates and their result by each mechanism. */
#pragma once
#include "bench/report/update-cell.h"

struct lu_update_row {
	char *name, *title;
	struct lu_update_cell cells[LU_MECHANISMS];
};

/* struct lu_update_row, sorted by name, of those results that
 * are runs of updates; may be empty. To g_ptr_array_unref. */
GPtrArray *lu_update_rows(const json_t *results);
