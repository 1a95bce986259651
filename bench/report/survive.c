/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/survive.h"
#include <string.h>
#include "bench/cli.h"
#include "model/param.h"
#include "model/workload.h"

static void column_free(gpointer data)
{
	struct lu_survive_column *column = data;

	g_free(column->title);
	g_free(column->strategy);
	g_free(column->machine);
	g_free(column->to);
	g_free(column);
}

static void row_free(gpointer data)
{
	struct lu_survive_row *row = data;

	g_free(row->name);
	g_free(row->family);
	g_free(row->title);
	g_free(row->see);
	g_free(row->cells); /* cleared by lu_survive_free, which knows how many there are */
	g_free(row);
}

static bool is_run(const json_t *result)
{
	return g_str_equal(lu_cli_get_str(result, "plan.workload"), "probe");
}

static bool is_spoilt(const json_t *result)
{
	return json_is_true(lu_cli_get(result, "plan.workload_params.spoil"));
}

/* Kernels as they were asked for, since a run without a guest has no others. */
static const char *to_of(const json_t *result)
{
	return lu_cli_get_str(result, "plan.update.to");
}

static bool is_of(const struct lu_survive_column *column, const json_t *result)
{
	return g_str_equal(column->strategy, lu_cli_get_str(result, "plan.strategy")) &&
	       g_str_equal(column->machine, lu_cli_get_str(result, "plan.machine")) &&
	       g_str_equal(column->to, to_of(result)) && column->spoilt == is_spoilt(result);
}

static void add_column(GPtrArray *columns, const json_t *result)
{
	struct lu_survive_column *column;

	for (guint i = 0; i < columns->len; i++)
		if (is_of(columns->pdata[i], result))
			return;
	column = g_new0(struct lu_survive_column, 1);
	column->strategy = g_strdup(lu_cli_get_str(result, "plan.strategy"));
	column->machine = g_strdup(lu_cli_get_str(result, "plan.machine"));
	column->to = g_strdup(to_of(result));
	column->spoilt = is_spoilt(result);
	g_ptr_array_add(columns, column);
}

static int by_strategy(gconstpointer a, gconstpointer b)
{
	const struct lu_survive_column *one = *(struct lu_survive_column *const *)a;
	const struct lu_survive_column *other = *(struct lu_survive_column *const *)b;
	int order = strcmp(one->strategy, other->strategy);

	if (!order)
		order = strcmp(one->machine, other->machine);
	if (!order)
		order = strcmp(one->to, other->to);
	return order ?: (int)one->spoilt - (int)other->spoilt;
}

/* Where columns of one strategy have several machines or kernels, titles name them. */
static void add_titles(GPtrArray *columns)
{
	bool machines = false, kernels = false;

	for (guint i = 1; i < columns->len; i++) {
		const struct lu_survive_column *one = columns->pdata[0], *other = columns->pdata[i];

		machines |= !g_str_equal(one->machine, other->machine);
		kernels |= !g_str_equal(one->to, other->to);
	}
	for (guint i = 0; i < columns->len; i++) {
		struct lu_survive_column *column = columns->pdata[i];

		column->title = g_strconcat(column->strategy, machines ? ", " : "",
					    machines ? column->machine : "", kernels ? ", to " : "",
					    kernels ? column->to : "",
					    column->spoilt ? ", spoilt" : "", NULL);
	}
}

static struct lu_survive_row *row_of(struct lu_survive *survive, const char *name)
{
	struct lu_survive_row *row;

	for (guint i = 0; i < survive->rows->len; i++) {
		row = survive->rows->pdata[i];
		if (g_str_equal(row->name, name))
			return row;
	}
	row = g_new0(struct lu_survive_row, 1);
	row->name = g_strdup(name);
	row->cells = g_new0(struct lu_survive_cell, survive->columns->len);
	g_ptr_array_add(survive->rows, row);
	return row;
}

static void keep(char **to, const json_t *state, const char *key)
{
	if (!*to)
		*to = g_strdup(json_string_value(json_object_get(state, key)));
}

static void add_cell(struct lu_survive *survive, const json_t *result, const char *name,
		     const json_t *state)
{
	struct lu_survive_row *row = row_of(survive, name);

	keep(&row->family, state, "family");
	keep(&row->title, state, "title");
	keep(&row->see, state, "see");
	for (guint i = 0; i < survive->columns->len; i++)
		if (is_of(survive->columns->pdata[i], result))
			lu_survive_cell_add(&row->cells[i], result, state);
}

static bool is_chosen(const char *const *names, const char *name)
{
	return !names || !*names || g_strv_contains(names, name);
}

/* A run without a guest says nothing of its probes, so that its plan has to. */
static void add_result(struct lu_survive *survive, const json_t *result, const char *const *names)
{
	const json_t *states = lu_cli_get(result, "environment.workload.probes");
	const char *planned = lu_cli_get_str(result, "plan.workload_params.probe");
	json_t *state;
	size_t i;

	json_array_foreach(states, i, state)
	{
		const char *name = lu_cli_get_str(state, "name");

		if (is_chosen(names, name))
			add_cell(survive, result, name, state);
	}
	if (!json_array_size(states) && is_chosen(names, planned))
		add_cell(survive, result, planned, NULL);
}

static size_t place_of(const char *name)
{
	const struct lu_workload *probe = lu_workload_find("probe", NULL);
	const char *const *choices = lu_param_find(probe->params, "probe")->choices;
	size_t i = 0;

	while (choices[i] && !g_str_equal(choices[i], name))
		i++;
	return i;
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct lu_survive_row *one = *(struct lu_survive_row *const *)a;
	const struct lu_survive_row *other = *(struct lu_survive_row *const *)b;
	size_t first = place_of(one->name), second = place_of(other->name);

	return first == second ? strcmp(one->name, other->name) : first < second ? -1 : 1;
}

struct lu_survive *lu_survive_new(const json_t *results, const char *const *names)
{
	struct lu_survive *survive = g_new0(struct lu_survive, 1);
	json_t *result;
	size_t i;

	survive->columns = g_ptr_array_new_with_free_func(column_free);
	survive->rows = g_ptr_array_new_with_free_func(row_free);
	json_array_foreach(results, i, result)
	{
		if (is_run(result))
			add_column(survive->columns, result);
	}
	g_ptr_array_sort(survive->columns, by_strategy);
	add_titles(survive->columns);
	json_array_foreach(results, i, result)
	{
		if (is_run(result))
			add_result(survive, result, names);
	}
	g_ptr_array_sort(survive->rows, by_place);
	return survive;
}

void lu_survive_free(struct lu_survive *survive)
{
	for (guint r = 0; r < survive->rows->len; r++) {
		struct lu_survive_row *row = survive->rows->pdata[r];

		for (guint c = 0; c < survive->columns->len; c++)
			lu_survive_cell_clear(&row->cells[c]);
	}
	g_ptr_array_unref(survive->rows);
	g_ptr_array_unref(survive->columns);
	g_free(survive);
}

unsigned lu_survive_count(const struct lu_survive *survive, guint column, enum lu_fate fate)
{
	unsigned n = 0;

	for (guint r = 0; r < survive->rows->len; r++) {
		const struct lu_survive_row *row = survive->rows->pdata[r];

		n += row->cells[column].fate == fate;
	}
	return n;
}
