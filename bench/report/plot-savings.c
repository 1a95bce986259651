/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bar for the blackout without any switch, one for each saving that hangs where the last one ended,
 * what they leave unexplained, and the blackout with all. */
#include "bench/report/plot-savings.h"
#include <math.h>
#include "bench/report/plot-script.h"

#define SECOND	   1e9
#define ROW_HEIGHT 34
#define REST	   120

/* Of "none", "interactions" and "all". */
#define MORE_ROWS 3

enum kind { MEASURED = 1, SAVED, UNEXPLAINED };

struct bars {
	GString *data;	 /* of each bar what boxxyerror takes, and its kind */
	GString *errors; /* row, value, low, high */
	GString *alone;	 /* row, where the saving would end if it were alone */
	GString *labels, *ticks;
	unsigned row;
};

unsigned lu_plot_savings_height(const struct lu_savings *savings)
{
	return REST + ROW_HEIGHT * (savings->names->len + MORE_ROWS);
}

static void add_tick(struct bars *bars, const char *name)
{
	g_string_append(bars->ticks, bars->row ? ", " : "");
	lu_plot_quote(bars->ticks, name);
	g_string_append_printf(bars->ticks, " -%u", bars->row);
}

/* text: beside `at`. */
static void add_bar(struct bars *bars, const char *name, double from, double to, enum kind kind,
		    double at, const char *text)
{
	add_tick(bars, name);
	g_string_append_printf(bars->data, "%.6f -%u %.6f %.6f %.2f %.2f %u\n", fmin(from, to),
			       bars->row, fmin(from, to), fmax(from, to), -(bars->row + 0.36),
			       -(bars->row - 0.36), kind);
	g_string_append(bars->labels, "set label ");
	lu_plot_quote(bars->labels, text);
	g_string_append_printf(bars->labels,
			       " at first %.6f,-%u left offset character 0.8,0 font ',11'\n", at,
			       bars->row);
	bars->row++;
}

/* "2.490 s [2.470, 2.511]"; caller frees. */
static char *text_of(const struct lu_estimate *value)
{
	return isnan(value->low) ? g_strdup_printf("%.3f s", value->value / SECOND)
				 : g_strdup_printf("%.3f s [%.3f, %.3f]", value->value / SECOND,
						   value->low / SECOND, value->high / SECOND);
}

static void add_error(struct bars *bars, unsigned row, double at, double low, double high)
{
	if (!isnan(low))
		g_string_append_printf(bars->errors, "%.6f -%u %.6f %.6f\n", at, row, low, high);
}

/* A saving ends at `from` less its value. */
static double add_saving(struct bars *bars, const struct lu_savings *savings, guint i, double from)
{
	const struct lu_estimate *mean = &savings->effects->mean[i];
	double alone = savings->effects->alone[i].value / SECOND;
	double to = from - mean->value / SECOND;
	g_autofree char *text = text_of(mean);

	add_error(bars, bars->row, to, from - mean->high / SECOND, from - mean->low / SECOND);
	if (!isnan(alone))
		g_string_append_printf(bars->alone, "%.6f -%u\n", from - alone, bars->row);
	add_bar(bars, g_ptr_array_index(savings->names, i), from, to, SAVED, fmax(from, to), text);
	return to;
}

static void add_measured(struct bars *bars, const char *name, const struct lu_estimate *value)
{
	double to = value->value / SECOND;
	g_autofree char *text = text_of(value);

	add_error(bars, bars->row, to, value->low / SECOND, value->high / SECOND);
	add_bar(bars, name, 0, to, MEASURED, fmax(to, value->high / SECOND), text);
}

static void add_unexplained(struct bars *bars, const struct lu_estimate *share, double from,
			    double to)
{
	g_autofree char *text =
		isnan(share->low)
			? g_strdup_printf("%.3f s: the averages add up to %.1f %%", from - to,
					  100 * share->value)
			: g_strdup_printf("%.3f s: the averages add up to %.1f %% [%.1f, %.1f]",
					  from - to, 100 * share->value, 100 * share->low,
					  100 * share->high);

	add_bar(bars, "not explained", from, to, UNEXPLAINED, fmax(from, to), text);
}

static void add_all(struct bars *bars, const struct lu_savings *savings)
{
	const struct lu_effects *effects = savings->effects;
	double at = effects->none.value / SECOND;

	add_measured(bars, "none of them", &effects->none);
	for (guint i = 0; i < savings->order->len; i++)
		at = add_saving(bars, savings, g_array_index(savings->order, guint, i), at);
	add_unexplained(bars, &effects->mean_share, at, effects->all.value / SECOND);
	add_measured(bars, "all of them", &effects->all);
}

static void append_block(GString *script, const char *name, const GString *data)
{
	g_string_append_printf(script, "$%s << EOD\n%sEOD\n", name, data->str);
}

static void append_style(GString *script, const struct lu_savings *savings, const struct bars *bars)
{
	g_string_append_printf(script,
			       "set lmargin at screen 0.15\nset rmargin at screen 0.97\n"
			       "set xrange [0:%.6f]\nset yrange [-%.1f:0.7]\nset ytics (%s)\n"
			       "set xlabel 'blackout, s'\nset grid xtics lc rgb '#DDDDDD'\n"
			       "set key top right outside horizontal samplen 1.2 font ',11'\n"
			       "set style fill solid 0.85 noborder\n%sset title ",
			       fmax(savings->effects->none.value, savings->effects->all.value) /
				       SECOND * 1.32,
			       bars->row - 0.3, bars->ticks->str, bars->labels->str);
	lu_plot_quote(script, savings->title);
	g_string_append_c(script, '\n');
}

static void append_plots(GString *script, const struct bars *bars)
{
	static const struct {
		enum kind kind;
		const char *colour, *title;
	} kinds[] = {{MEASURED, LU_PLOT_GREY, "measured"},
		     {SAVED, LU_PLOT_BLUE, "saved on average"},
		     {UNEXPLAINED, LU_PLOT_RED, "not explained"}};

	g_string_append(script, "plot ");
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		g_string_append_printf(script,
				       "%s$bars using ($7==%u?$1:NaN):2:3:4:5:6 with boxxyerror lc "
				       "rgb '%s' title '%s'",
				       i ? ", \\\n  " : "", kinds[i].kind, kinds[i].colour,
				       kinds[i].title);
	if (bars->errors->len)
		g_string_append(script,
				", \\\n  $errors using 1:2:3:4 with xerrorbars pt -1 lw 1.4 "
				"lc rgb '" LU_PLOT_INK "' title '95 % interval'");
	if (bars->alone->len)
		g_string_append(script, ", \\\n  $alone using 1:2 with points pt 9 ps 0.9 lc rgb "
					"'#D55E00' title 'if it were the only one'");
	g_string_append_c(script, '\n');
}

void lu_plot_savings(GString *script, const struct lu_savings *savings)
{
	struct bars bars = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL),
			    g_string_new(NULL), g_string_new(NULL), 0};
	GString *const all[] = {bars.data, bars.errors, bars.alone, bars.labels, bars.ticks};

	add_all(&bars, savings);
	append_block(script, "bars", bars.data);
	if (bars.errors->len)
		append_block(script, "errors", bars.errors);
	if (bars.alone->len)
		append_block(script, "alone", bars.alone);
	append_style(script, savings, &bars);
	append_plots(script, &bars);
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		g_string_free(all[i], TRUE);
}
