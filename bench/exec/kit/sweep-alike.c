/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what a sweep's record holds was run as this program on this host would go on. */
#include "bench/exec/kit/sweep-alike.h"
#include "bench/cli.h"
#include "bench/exec/kit/environment.h"
#include "bench/exec/kit/sweep-row.h"
#include "bench/report/alike.h"
#include "model/version.h"
#include "qemu/here.h"

/* A run here and now, with as much of a guest as is known. */
static json_t *describe_here(const json_t *guest)
{
	json_t *result = json_pack("{s:{s:o, s:O*}, s:{s:s}, s:{s:s}}", "environment", "host",
				   lu_host_environment(), "guest", guest, "lubench", "git",
				   LU_GIT_REVISION, "plan", "guest", "qemu");
	json_t *description = lu_alike_describe(result);

	json_decref(result);
	return description;
}

/* Leaves of an object what the other has, too. */
static void keep_common(json_t *of, const json_t *with)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(of, next, key, value)
	{
		json_t *other = json_object_get(with, key);

		if (!other)
			json_object_del(of, key);
		else if (json_is_object(value))
			keep_common(value, other);
	}
}

char *lu_sweep_unlike_here(const json_t *result, const json_t *here)
{
	json_t *now = describe_here(here), *then = lu_alike_describe(result);
	char *difference;

	/* Without a set of packages nothing is known of them. */
	if (!json_object_get(here, "assets"))
		json_object_del(lu_cli_get(now, "on.guest"), "packages");
	keep_common(lu_cli_get(then, "on.guest"), lu_cli_get(now, "on.guest"));
	difference = lu_alike_difference(then, now, LU_ALIKE_CONDITIONS);
	json_decref(now);
	json_decref(then);
	return difference;
}

/* Guests of that machine and accelerator; asked for once. Borrowed, NULL: a simulated one. */
static const json_t *guest_of(const struct lu_plan *plan, GHashTable *known)
{
	g_autofree char *key = NULL;
	json_t *here;

	if (!plan || plan->guest == LU_GUEST_SIM)
		return NULL;
	key = g_strconcat(plan->machine->name, " ", plan->accel, NULL);
	here = g_hash_table_lookup(known, key);
	if (here)
		return here;
	here = lu_qemu_here(plan);
	g_hash_table_insert(known, g_steal_pointer(&key), here);
	return here;
}

static char *difference_of(const struct lu_sweep_record *record, const json_t *row,
			   const json_t *here)
{
	/* A file name from a record must not lead out of the folder. */
	g_autofree char *base = g_path_get_basename(lu_cli_get_str(row, "file"));
	g_autofree char *path = g_build_filename(record->dir, base, NULL);
	json_t *result = lu_result_load(path, NULL);
	char *difference = result ? lu_sweep_unlike_here(result, here) : NULL;

	json_decref(result);
	return difference;
}

char *lu_sweep_unlike(const struct lu_sweep_record *record, const struct lu_sweep *sweep)
{
	g_autoptr(GHashTable) known =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_decref);
	char *difference = NULL;
	json_t *row;
	size_t i;

	json_array_foreach(record->rows, i, row)
	{
		const struct lu_sweep_case *one =
			lu_sweep_case_of(sweep, lu_cli_get_str(row, "hash"));

		difference = difference_of(record, row, guest_of(one ? one->plan : NULL, known));
		if (difference)
			break;
	}
	return difference;
}
