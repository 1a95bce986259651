/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each switch saves: a row each. */
#include "bench/report/savings-table.h"
#include <math.h>

#define SECOND 1e9

static const struct lu_column columns[] = {
	{"switch", "switch"},
	{"mean_s", "saves on average, s", "s", .interval = true},
	{"alone_s", "alone, s", "s", .interval = true},
	{"share", "of the difference", "%"},
};

static const struct lu_column pair_columns[] = {
	{"pair", "pair"},
	{"more_s", "saves more together, s", "s", .interval = true},
};

static void add_estimate(struct lu_table *table, const struct lu_estimate *estimate)
{
	double value = estimate->value / SECOND, low = estimate->low / SECOND,
	       high = estimate->high / SECOND;

	if (isnan(value))
		lu_table_add_missing(table, "not run");
	else if (isnan(low))
		lu_table_add_number(table, value, "%.3f", value);
	else
		lu_table_add_interval(table, value, low, high, "%.3f [%.3f, %.3f]", value, low,
				      high);
}

static void add_row(struct lu_table *table, const struct lu_savings *savings, guint i)
{
	const struct lu_effects *effects = savings->effects;
	double share = 100 * effects->mean[i].value / effects->difference.value;

	lu_table_add_row(table);
	lu_table_add_text(table, g_ptr_array_index(savings->names, i));
	add_estimate(table, &effects->mean[i]);
	add_estimate(table, &effects->alone[i]);
	lu_table_add_number(table, share, "%.1f %%", share);
}

/* "3.210 s [3.100, 3.300]"; caller frees. */
static char *with_interval(const struct lu_estimate *estimate, double scale, const char *unit)
{
	double value = estimate->value * scale;

	if (isnan(estimate->low))
		return g_strdup_printf("%.3g %s", value, unit);
	return g_strdup_printf("%.4g %s [%.4g, %.4g]", value, unit, estimate->low * scale,
			       estimate->high * scale);
}

static void add_whole(struct lu_document *document, const struct lu_savings *savings)
{
	const struct lu_effects *effects = savings->effects;
	g_autofree char *none = with_interval(&effects->none, 1 / SECOND, "s");
	g_autofree char *all = with_interval(&effects->all, 1 / SECOND, "s");
	g_autofree char *difference = with_interval(&effects->difference, 1 / SECOND, "s");
	double saved = 100 * effects->difference.value / effects->none.value;

	lu_document_add_paragraph(document,
				  "%s: blackout without any of them %s, with all of them %s: "
				  "together they save %s, %.0f %%.",
				  savings->title, none, all, difference, saved);
}

/* " (lack of fit: p = 0.03)"; caller frees. */
static char *lack_of(const struct lu_effects_fit *fit)
{
	if (isnan(fit->lack_p))
		return g_strdup("");
	return fit->lack_p < 0.001 ? g_strdup(" (lack of fit: p < 0.001)")
				   : g_strdup_printf(" (lack of fit: p = %.3f)", fit->lack_p);
}

static void add_explained(struct lu_document *document, const struct lu_savings *savings)
{
	const struct lu_effects *effects = savings->effects;
	g_autofree char *mean = with_interval(&effects->mean_share, 100, "%");
	g_autofree char *alone = with_interval(&effects->alone_share, 100, "%");
	g_autofree char *lack = lack_of(&effects->additive);

	lu_document_add_paragraph(
		document,
		"The average savings add up to %s of that%s%s. A model in which "
		"they just add up explains %.1f %% of the variance between "
		"combinations%s.",
		mean, isnan(effects->alone_share.value) ? "" : ", what each saves alone to ",
		isnan(effects->alone_share.value) ? "" : alone, 100 * effects->additive.r2, lack);
}

static void add_pair(struct lu_table *table, const struct lu_savings *savings,
		     const struct lu_effects_pair *pair)
{
	g_autofree char *names =
		g_strdup_printf("%s, %s", (char *)g_ptr_array_index(savings->names, pair->a),
				(char *)g_ptr_array_index(savings->names, pair->b));

	lu_table_add_row(table);
	lu_table_add_text(table, names);
	add_estimate(table, &pair->more);
}

/* Nothing where the model without them fits, or no pair stands out. */
static void add_pairs(struct lu_document *document, const struct lu_savings *savings)
{
	const struct lu_effects *effects = savings->effects;
	g_autofree char *share = with_interval(&effects->pairs_share, 100, "%");
	g_autofree char *lack = lack_of(&effects->with_pairs);
	struct lu_table *table;

	if (!effects->n_pairs)
		return;
	table = lu_table_new(NULL);
	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, pair_columns, G_N_ELEMENTS(pair_columns));
	for (size_t i = 0; i < effects->n_pairs; i++)
		add_pair(table, savings, &effects->pairs[i]);
	lu_document_add_paragraph(
		document, "Pairs that save more, or less (negative), than the sum of both:");
	lu_document_add_table(document, table);
	lu_document_add_paragraph(document,
				  "With these pairs the model explains %s of the difference, and "
				  "%.1f %% of the variance%s.",
				  share, 100 * effects->with_pairs.r2, lack);
}

static void add_runs(struct lu_document *document, const struct lu_savings *savings)
{
	const struct lu_effects *effects = savings->effects;

	if (isnan(effects->noise))
		lu_document_add_paragraph(
			document,
			"%u runs, no combination more than once: so there are no intervals, and "
			"nothing tells scatter from what does not add up.",
			savings->runs);
	else
		lu_document_add_paragraph(document,
					  "%u runs; those of one combination scatter by %.3f s "
					  "(standard deviation); intervals of 95 %%.",
					  savings->runs, effects->noise / SECOND);
	if (savings->left_out)
		lu_document_add_paragraph(
			document, "%u runs that were not good, or no samples, are left out.",
			savings->left_out);
}

struct lu_document *lu_savings_document(const struct lu_savings *savings)
{
	struct lu_document *document = lu_document_new("What each switch saves");
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint i = 0; i < savings->order->len; i++)
		add_row(table, savings, g_array_index(savings->order, guint, i));
	add_whole(document, savings);
	lu_document_add_table(document, table);
	add_explained(document, savings);
	add_pairs(document, savings);
	add_runs(document, savings);
	return document;
}
