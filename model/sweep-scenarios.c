/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expands the lists of a sweep: every combination is a scenario of its own. */
#include "record/error.h"
#include "model/design.h"
#include "model/sweep.h"
#include "model/strategy.h"
#include "model/workload.h"

/* Where a list was found. */
struct axis {
	const char *section, *key; /* section NULL: at the top */
	json_t *values;
};

static bool find_axis(const json_t *object, const char *section, struct axis *axis)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		*axis = (struct axis){section, key, value};
		/* whose list is one value */
		if (!section && g_str_equal(key, "services"))
			continue;
		if (json_is_array(value) ||
		    (!section && json_is_object(value) && find_axis(value, key, axis)))
			return true;
	}
	return false;
}

static bool wrong(GError **error, const char *file, const struct axis *axis, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s%s%s: %s", file,
		    axis->section ? axis->section : "", axis->section ? "." : "", axis->key, what);
	return false;
}

static bool check_axis(const struct axis *axis, const char *file, GError **error)
{
	json_t *value;
	size_t i;

	if (json_array_size(axis->values) == 0)
		return wrong(error, file, axis, "is an empty list; allowed: at least one value");
	json_array_foreach(axis->values, i, value) if (json_is_array(value)) return wrong(
		error, file, axis, "is a nested list; allowed: a list of values");
	return true;
}

static json_t *with_value(const json_t *scenario, const struct axis *axis, const json_t *value)
{
	json_t *copy = json_deep_copy(scenario);
	json_t *holder = axis->section ? json_object_get(copy, axis->section) : copy;

	if (json_is_null(value))
		json_object_del(holder, axis->key);
	else
		json_object_set_new(holder, axis->key, json_deep_copy(value));
	return copy;
}

static bool too_many(const char *file, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "%s: its lists make more than %d combinations; allowed: up to %d runs", file,
		    LU_SWEEP_MAX_RUNS, LU_SWEEP_MAX_RUNS);
	return false;
}

static bool expand(const json_t *scenario, const char *file, json_t *into, GError **error)
{
	struct axis axis;
	bool ok = true;
	json_t *value;
	size_t i;

	if (json_array_size(into) >= LU_SWEEP_MAX_RUNS)
		return too_many(file, error);
	if (!find_axis(scenario, NULL, &axis)) {
		json_array_append_new(into, json_deep_copy(scenario));
		return true;
	}
	if (!check_axis(&axis, file, error))
		return false;
	json_array_foreach(axis.values, i, value)
	{
		json_t *copy = with_value(scenario, &axis, value);

		ok = expand(copy, file, into, error);
		json_decref(copy);
		if (!ok)
			break;
	}
	return ok;
}

static unsigned take_factors(const json_t *object, const char *section, struct axis *factors,
			     unsigned count)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (json_array_size(value) == 2 && count < LU_DESIGN_FACTORS)
			factors[count++] = (struct axis){section, key, value};
		else if (!section && json_is_object(value))
			count = take_factors(value, key, factors, count);
	}
	return count;
}

/* One row of the design: the second value of each factor that is on. */
static json_t *with_row(const json_t *scenario, const struct axis *factors, unsigned count,
			uint64_t row)
{
	json_t *copy = json_deep_copy(scenario);

	for (unsigned i = 0; i < count; i++) {
		const json_t *value = json_array_get(factors[i].values, row >> i & 1);
		json_t *next = with_value(copy, &factors[i], value);

		json_decref(copy);
		copy = next;
	}
	return copy;
}

/* Lists of two values are factors; others stand for all of their values, as ever. */
static bool screen(const json_t *scenario, const char *file, json_t *into, GError **error)
{
	struct axis factors[LU_DESIGN_FACTORS];
	unsigned count = take_factors(scenario, NULL, factors, 0);
	g_autoptr(GArray) rows = count ? lu_design_screening(count) : NULL;
	bool ok = true;

	if (!count)
		return expand(scenario, file, into, error);
	for (guint i = 0; ok && i < rows->len; i++) {
		json_t *copy = with_row(scenario, factors, count, g_array_index(rows, uint64_t, i));

		ok = expand(copy, file, into, error);
		json_decref(copy);
	}
	return ok;
}

static bool expand_by(enum lu_sweep_design design, const json_t *scenario, const char *file,
		      json_t *into, GError **error)
{
	return design == LU_SWEEP_SCREENING ? screen(scenario, file, into, error)
					    : expand(scenario, file, into, error);
}

/* The case takes precedence; sections are merged key by key. */
static json_t *lay_over(const json_t *common, const json_t *one)
{
	json_t *merged = json_deep_copy(common), *value;
	const char *key;

	json_object_foreach((json_t *)one, key, value)
	{
		json_t *below = json_object_get(merged, key);

		if (json_is_object(below) && json_is_object(value))
			json_object_update(below, value);
		else
			json_object_set(merged, key, value);
	}
	return merged;
}

static bool expand_cases(enum lu_sweep_design design, const json_t *common, const json_t *cases,
			 const char *file, json_t *into, GError **error)
{
	bool ok = json_array_size(cases) > 0;
	json_t *one;
	size_t i;

	json_array_foreach(cases, i, one) ok &= json_is_object(one);
	if (!ok) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "%s: cases: is wrong; allowed: a list of objects, [{…}, …]", file);
		return false;
	}
	json_array_foreach(cases, i, one)
	{
		json_t *merged = lay_over(common, one);

		ok = expand_by(design, merged, file, into, error);
		json_decref(merged);
		if (!ok)
			break;
	}
	return ok;
}

static bool strategy_declares(const json_t *scenario, const char *param)
{
	const char *name = json_string_value(json_object_get(scenario, "strategy"));
	const struct lu_strategy *strategy = name ? lu_strategy_find(name, NULL) : NULL;

	return strategy && lu_strategy_param(strategy, param);
}

static bool workload_declares(const json_t *scenario, const char *param)
{
	const struct lu_workload *workload = lu_workload_find(lu_scenario_workload(scenario), NULL);

	return workload && lu_param_find(workload->params, param);
}

/* The two keys that determine which parameters exist. */
static const struct chooser {
	const char *section;
	bool (*declares)(const json_t *scenario, const char *param);
} choosers[] = {
	{"strategy_params", strategy_declares},
	{"workload_params", workload_declares},
};

static bool any_declares(const struct chooser *chooser, const json_t *scenarios, const char *param)
{
	json_t *scenario;
	size_t i;

	json_array_foreach(scenarios, i,
			   scenario) if (chooser->declares(scenario, param)) return true;
	return false;
}

/* Parameters that are not declared anywhere stay, so that making the plan reports them. */
static void drop_foreign(const struct chooser *chooser, json_t *scenarios)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *scenario, *value;
	const char *param;
	void *next;
	size_t i;

	json_array_foreach(scenarios, i, scenario)
	{
		json_t *section = json_object_get(scenario, chooser->section);

		json_object_foreach_safe(section, next, param, value)
		{
			if (chooser->declares(scenario, param))
				continue;
			if (!g_hash_table_contains(known, param))
				g_hash_table_insert(
					known, g_strdup(param),
					GINT_TO_POINTER(any_declares(chooser, scenarios, param)));
			if (g_hash_table_lookup(known, param))
				json_object_del(section, param);
		}
	}
}

json_t *lu_sweep_scenarios(const json_t *definition, enum lu_sweep_design design, const char *file,
			   GError **error)
{
	json_t *common = json_copy((json_t *)definition), *scenarios = json_array();
	json_t *cases = json_incref(json_object_get(common, "cases"));

	json_object_del(common, "cases");
	bool ok = cases ? expand_cases(design, common, cases, file, scenarios, error)
			: expand_by(design, common, file, scenarios, error);

	json_decref(cases);
	json_decref(common);
	for (size_t i = 0; ok && i < G_N_ELEMENTS(choosers); i++)
		drop_foreign(&choosers[i], scenarios);
	if (ok)
		return scenarios;
	json_decref(scenarios);
	return NULL;
}

/* The value that lu_scenario_set() would put there; new reference. */
static json_t *value_of(const char *dotted, const char *text, GError **error)
{
	json_t *scratch = json_object(), *value = NULL;
	g_auto(GStrv) parts = g_strsplit(dotted, ".", 2);

	if (lu_scenario_set(scratch, dotted, text, error)) {
		const json_t *holder =
			parts[1] ? json_object_get(scratch, parts[0]) : (const json_t *)scratch;

		value = json_incref(json_object_get(holder, parts[1] ? parts[1] : parts[0]));
	}
	json_decref(scratch);
	return value;
}

bool lu_sweep_set(json_t *definition, const char *dotted, const char *text, GError **error)
{
	g_auto(GStrv) texts = g_strsplit(text, ",", -1);
	g_auto(GStrv) parts = g_strsplit(dotted, ".", 2);
	json_t *values = json_array();

	for (char **each = texts; *each; each++) {
		json_t *value = value_of(dotted, *each, error);

		if (!value) {
			json_decref(values);
			return false;
		}
		json_array_append_new(values, value);
	}
	/* lu_scenario_set() reports what is wrong with the key. */
	bool ok = lu_scenario_set(definition, dotted, texts[0] ? texts[0] : "", error);
	json_t *holder = parts[1] ? json_object_get(definition, parts[0]) : definition;

	if (ok && json_array_size(values) > 1)
		json_object_set(holder, parts[1] ? parts[1] : parts[0], values);
	json_decref(values);
	return ok;
}
