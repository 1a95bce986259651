/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/verdicts.h"

void lu_verdicts_add(json_t *oracles, const char *name, enum lu_verdict verdict,
		     const char *evidence)
{
	json_object_set_new(
		oracles, name,
		json_pack("{s:s, s:s}", "verdict", lu_verdict_name(verdict), "evidence", evidence));
}

bool lu_verdicts_passed(const json_t *oracles)
{
	const char *name;
	json_t *oracle;

	json_object_foreach((json_t *)oracles, name, oracle)
	{
		if (!g_strcmp0(json_string_value(json_object_get(oracle, "verdict")),
			       lu_verdict_name(LU_FAIL)))
			return false;
	}
	return true;
}
