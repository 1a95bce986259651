/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selects those of alike runs that count as samples. */
#include "bench/report/counted.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"

/* Does it repeat an earlier sample? */
static bool is_repeat(GHashTable *seeds, const json_t *result)
{
	const json_t *seed = lu_cli_get(result, "plan.seed");

	if (strcmp(lu_cli_get_str(result, "plan.guest"), "sim") != 0 || !json_is_integer(seed))
		return false;
	return !g_hash_table_add(
		seeds, g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(seed)));
}

json_t *lu_counted(const json_t *results, bool with_suspect, struct lu_left_out *left_out)
{
	g_autoptr(GHashTable) seeds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *counted = json_array(), *result;
	struct lu_left_out without = {0};
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (!lu_result_good(result))
			continue;
		if (!lu_result_counts(result, with_suspect))
			without.suspect++;
		else if (is_repeat(seeds, result))
			without.repeated++;
		else
			json_array_append(counted, result);
	}
	if (left_out)
		*left_out = without;
	return counted;
}
