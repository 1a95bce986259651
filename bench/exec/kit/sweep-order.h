/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sweep runs its combinations in random order; whoever reads its runs gets them in the order of
 * its definition, first repeats first. Rows of versions that did not say it keep the order in
 * which they ran, behind all others. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* These rows in that order: an array, new reference. */
json_t *lu_sweep_order_rows(const json_t *rows);
/* Put paths of files in a folder in that order, by rows of its record; a file that none of them
 * names comes last. */
void lu_sweep_order_paths(GPtrArray *paths, const json_t *rows);
