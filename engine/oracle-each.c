/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges each upgrade of a run as if it were a run of its own. */
#include "engine/oracle-each.h"
#include "model/strategy.h"
#include "model/verdicts.h"
#include "record/cycles.h"

static enum lu_verdict judge_one(const struct lu_finished_run *finished, const GArray *cycles,
				 guint i, lu_judge_fn judge, char **evidence)
{
	bool last = i + 1 == cycles->len;
	struct lu_timeline *own =
		lu_cycle_timeline(finished->timeline, &g_array_index(cycles, struct lu_cycle, i));
	struct lu_finished_run one = *finished;
	enum lu_verdict verdict;

	one.timeline = own;
	one.cycle = i;
	one.switched = last ? finished->switched : finished->plan->strategy->switches;
	verdict = judge(&one, last, evidence);
	lu_timeline_free(own);
	return verdict;
}

void lu_oracle_each(const struct lu_finished_run *finished, const char *name, lu_judge_fn judge,
		    json_t *oracles)
{
	g_autoptr(GArray) cycles = lu_cycles_find(finished->timeline);
	g_autofree char *evidence = NULL, *of = NULL;
	enum lu_verdict verdict = LU_PASS;
	guint i;

	if (cycles->len == 1) {
		verdict = judge(finished, true, &evidence);
		lu_verdicts_add(oracles, name, verdict, evidence);
		return;
	}
	for (i = 0; verdict == LU_PASS && i < cycles->len; i++) {
		g_free(evidence);
		verdict = judge_one(finished, cycles, i, judge, &evidence);
	}
	of = g_strdup_printf("upgrade %u of %u: %s", i, cycles->len, evidence);
	lu_verdicts_add(oracles, name, verdict, of);
}
