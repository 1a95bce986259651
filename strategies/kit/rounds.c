/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop around the stop rule. */
#include "strategies/kit/rounds.h"

#define MEBIBYTE ((int64_t)1 << 20)

const char *const lu_rounds_pages[] = {"split", "keep", NULL};

static struct lu_precopy_rule rule_of(const json_t *params)
{
	return (struct lu_precopy_rule){
		.small_bytes = lu_param_int(params, "small_mb") * MEBIBYTE,
		.shrink = (double)lu_param_int(params, "shrink_percent") / 100,
		.max_rounds = (unsigned)lu_param_int(params, "rounds"),
	};
}

static bool splits(const struct lu_run *run)
{
	return g_str_equal(lu_param_str(run->params, "huge_pages"), "split");
}

bool lu_rounds_run(struct lu_run *run, struct lu_rounds *rounds, lu_round_fn one, GError **error)
{
	const struct lu_precopy_rule rule = rule_of(run->params);
	enum lu_precopy_verdict verdict;

	if (splits(run) && !lu_run_call(run, "pages.small", NULL, NULL, error))
		return false;
	while (!(verdict = lu_precopy_verdict(&rule, rounds->sent, rounds->n))) {
		if (!one(run, rounds->n, &rounds->sent[rounds->n], error))
			return false;
		rounds->n++;
	}
	lu_run_note(run, "precopy.stop", lu_precopy_verdict_name(verdict));
	return true;
}

bool lu_rounds_undo(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "pages.huge", NULL, NULL, error);
}
