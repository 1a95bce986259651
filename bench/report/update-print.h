/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of updates and mechanisms, for people (Markdown) and programs (CSV). */
#pragma once
#include <stdio.h>
#include "bench/report/update-rows.h"

/* rows: struct lu_update_row. */
void lu_updates_print(FILE *out, const GPtrArray *rows);
void lu_updates_print_csv(FILE *out, const GPtrArray *rows);
