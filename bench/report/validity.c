/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on the measurement, for people. */
#include "bench/report/validity.h"
#include "bench/cli.h"
#include "model/result.h"

void lu_validity_print(FILE *out, const json_t *result)
{
	json_t *reason;
	size_t i;

	if (!json_object_get(result, "validity")) {
		fputs("validity    unknown: recorded by an earlier version "
		      "(--recompute judges it by its record)\n",
		      out);
		return;
	}
	fprintf(out, "validity    %s%s", lu_cli_get_str(result, "validity.verdict"),
		lu_result_validity(result) == LU_VALIDITY_UNKNOWN ? ": no upgrade began" : "");
	json_array_foreach(lu_cli_get(result, "validity.not_checked"), i, reason)
		fprintf(out, "%s%s", i ? ", " : "; not checked: ", lu_cli_get_str(reason, "key"));
	fputc('\n', out);
	json_array_foreach(lu_cli_get(result, "validity.reasons"), i, reason) fprintf(
		out, "            %s: %s\n              → %s\n", lu_cli_get_str(reason, "key"),
		lu_cli_get_str(reason, "what"), lu_cli_get_str(reason, "advice"));
}

void lu_validity_print_short(FILE *out, const json_t *result)
{
	json_t *reasons = lu_cli_get(result, "validity.reasons"), *reason;
	size_t i;

	json_array_foreach(reasons, i, reason)
		fprintf(out, "%s%s", i ? ", " : " suspect (", lu_cli_get_str(reason, "key"));
	if (json_array_size(reasons))
		fputc(')', out);
}
