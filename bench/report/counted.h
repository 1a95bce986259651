/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selects those of alike runs that count as samples. */
#pragma once
#include <jansson.h>
#include <stdbool.h>

/* Numbers of good runs that do not count as samples, by reason. */
struct lu_left_out {
	unsigned
		repeated; /* repeat a seed in the simulator, which is a function of plan and seed */
	unsigned suspect; /* did not measure the upgrade (record/validity.h) */
	unsigned in_part; /* count, but without the metrics that their reasons make suspect */
};

/*
 * The results that statistics count, as an array; new reference: good, not suspect unless
 * with_suspect, and of simulated runs with the same seed only the first, because the others repeat that
 * sample. One whose reasons make only some metrics suspect is a copy without these. *left_out may be
 * NULL.
 */
json_t *lu_counted(const json_t *results, bool with_suspect, struct lu_left_out *left_out);
/* The same of one result, whatever its seed: NULL when it does not count. New reference. */
json_t *lu_counted_result(const json_t *result, bool with_suspect);
