/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run counts once, however often its result is given. */
#include "bench/report/once.h"
#include "bench/cli.h"
#include "bench/report/alike.h"

void lu_once_init(struct lu_once *once)
{
	*once = (struct lu_once){
		.runs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
}

void lu_once_clear(struct lu_once *once)
{
	g_hash_table_unref(once->runs);
	g_hash_table_unref(once->ids);
}

bool lu_once_add(struct lu_once *once, const json_t *result)
{
	const char *id = json_string_value(lu_cli_get(result, "run.id"));

	if (!id)
		return true;
	json_t *description = lu_alike_describe(result);
	g_autofree char *alike = lu_alike_key(description);
	bool known = !g_hash_table_add(once->ids, g_strdup(id));
	bool is_new = g_hash_table_add(once->runs, g_strconcat(id, "\n", alike, NULL));

	json_decref(description);
	once->again += !is_new;
	once->unlike += known && is_new;
	return is_new;
}

void lu_once_report(const struct lu_once *once)
{
	if (once->again)
		g_printerr(
			"%s: %u result%s of runs that were given already: each run counts once\n",
			g_get_prgname(), once->again, once->again == 1 ? " is" : "s are");
	if (once->unlike)
		g_printerr("%s: %u result%s the ID of another run but a different plan, host or "
			   "program (edited copies?) and are not pooled\n",
			   g_get_prgname(), once->unlike, once->unlike == 1 ? " has" : "s have");
}
