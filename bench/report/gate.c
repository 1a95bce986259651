/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bound on how much worse b may be than a. */
#include "bench/report/gate.h"
#include <math.h>
#include "bench/report/metric.h"
#include "record/error.h"

struct lu_gate *lu_gate_parse(const char *text, GError **error)
{
	g_autoptr(GRegex) form = g_regex_new("^\\s*([A-Za-z][\\w.]*)\\s*(>=?|<=?)\\s*"
					     "([0-9]+(?:\\.[0-9]+)?)\\s*$",
					     0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (!g_regex_match(form, text, 0, &match)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--fail-if: \"%s\": allowed is METRIC > FACTOR or METRIC < FACTOR, of "
			    "b to a: 'blackout > 1.05'",
			    text);
		return NULL;
	}
	g_autofree char *name = g_match_info_fetch(match, 1);
	g_autofree char *sign = g_match_info_fetch(match, 2);
	g_autofree char *number = g_match_info_fetch(match, 3);
	const char *metric = lu_metric_find(name, error);
	double factor = g_ascii_strtod(number, NULL);

	if (!metric)
		return NULL;
	if (!(factor > 0) || !isfinite(factor)) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--fail-if: \"%s\": allowed is a factor above 0", text);
		return NULL;
	}
	struct lu_gate *gate = g_new(struct lu_gate, 1);

	*gate = (struct lu_gate){g_strdup(text), metric, *sign == '>', factor};
	return gate;
}

void lu_gate_free(struct lu_gate *gate)
{
	g_free(gate->text);
	g_free(gate);
}

enum lu_gate_verdict lu_gate_judge(const struct lu_gate *gate, const json_t *comparison)
{
	const json_t *low = json_object_get(comparison, "low");
	const json_t *high = json_object_get(comparison, "high");
	double from = json_is_number(low) ? json_number_value(low) : 0;
	double to = json_is_number(high) ? json_number_value(high) : INFINITY;

	if (!json_is_true(json_object_get(comparison, "interval")))
		return LU_GATE_OPEN;
	if (gate->above ? from > gate->factor : to < gate->factor)
		return LU_GATE_FAILS;
	if (gate->above ? to <= gate->factor : from >= gate->factor)
		return LU_GATE_PASSES;
	/* Below their bounds values may be on either side. */
	return json_is_number(json_object_get(comparison, "ratio")) ? LU_GATE_PASSES : LU_GATE_OPEN;
}

const char *lu_gate_verdict_name(enum lu_gate_verdict verdict)
{
	static const char *const names[] = {"passes", "fails", "cannot tell"};

	return names[verdict];
}

double lu_gate_beyond(const struct lu_gate *gate, double effect)
{
	return gate->above ? effect / gate->factor : effect * gate->factor;
}
