/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what a sweep's record holds was run as this program on this host would go on. */
#include "bench/exec/kit/sweep-alike.h"
#include "bench/cli.h"
#include "bench/exec/kit/environment.h"
#include "bench/report/alike.h"
#include "model/version.h"
#include "record/error.h"

/* A run that ended before it had a guest, here and now. */
static json_t *describe_here(void)
{
	json_t *result = json_pack("{s:{s:o}, s:{s:s}}", "environment", "host",
				   lu_host_environment(), "lubench", "git", LU_GIT_REVISION);
	json_t *description = lu_alike_describe(result);

	json_decref(result);
	return description;
}

/* What differs for one of its rows; NULL: nothing. Caller frees. */
static char *difference_of(const struct lu_sweep_record *record, const json_t *row,
			   const json_t *here)
{
	/* A file name from a record must not lead out of the folder. */
	g_autofree char *base = g_path_get_basename(lu_cli_get_str(row, "file"));
	g_autofree char *path = g_build_filename(record->dir, base, NULL);
	json_t *result = lu_result_load(path, NULL);

	if (!result)
		return NULL;
	json_t *description = lu_alike_describe(result);
	char *difference = lu_alike_difference(description, here, LU_ALIKE_CONDITIONS);

	json_decref(description);
	json_decref(result);
	return difference;
}

bool lu_sweep_is_alike(const struct lu_sweep_record *record, GError **error)
{
	g_autofree char *difference = NULL;
	json_t *here = describe_here(), *row;
	size_t i;

	json_array_foreach(record->rows, i, row)
	{
		difference = difference_of(record, row, here);
		if (difference)
			break;
	}
	json_decref(here);
	if (!difference)
		return true;
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"%s: its runs and this host and program differ in %s: they would be other rows of "
		"a table; --mixed resumes it all the same",
		record->dir, difference);
	return false;
}
