/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gaps between correct replies. */
#include "record/gaps.h"
#include "record/quantile.h"

#define AT(array, i) g_array_index((array), int64_t, (i))

/* Median of the differences of sorted[from … to-1]; 0 with fewer than two. */
static int64_t median_step(const GArray *sorted, guint from, guint to)
{
	g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = from + 1; i < to; i++) {
		int64_t step = AT(sorted, i) - AT(sorted, i - 1);

		g_array_append_val(steps, step);
	}
	lu_sort_ns(steps);
	return lu_quantile_ns(steps, 0.5);
}

int64_t lu_median_step_ns(const GArray *sorted)
{
	return median_step(sorted, 0, sorted->len);
}

static struct lu_gap gap_between(const GArray *intended, int64_t begin_ns, int64_t end_ns,
				 int64_t steady_ns)
{
	struct lu_gap gap = {begin_ns, end_ns, 0};
	guint first = lu_first_above_ns(intended, begin_ns),
	      last = lu_first_above_ns(intended, end_ns - 1);

	if (last <= first) /* there were no requests */
		return (struct lu_gap){end_ns, end_ns, 0};
	gap.requests = last - first;
	if (AT(intended, first) - begin_ns > 2 * steady_ns)
		gap.begin_ns = AT(intended, first) - steady_ns;
	return gap;
}

static int64_t length(const struct lu_gap *gap)
{
	return gap->end_ns - gap->begin_ns;
}

static int64_t longest_baseline(const struct lu_gap_input *in, guint from, guint to,
				int64_t steady_ns)
{
	int64_t longest = 0;

	for (guint i = from + 1; i < to; i++) {
		struct lu_gap gap = gap_between(in->intended, AT(in->arrivals, i - 1),
						AT(in->arrivals, i), steady_ns);

		longest = MAX(longest, length(&gap));
	}
	return longest;
}

static void take_gap(struct lu_gaps *gaps, const struct lu_gap *gap, GArray *above)
{
	int64_t value = length(gap) - gaps->steady_ns;

	if (!gap->requests)
		return;
	gaps->sum_ns += MAX(value, 0);
	if (value > gaps->floor_ns) {
		gaps->last_above_end_ns = gap->end_ns;
		if (above)
			g_array_append_val(above, *gap);
	}
	if (value <= gaps->longest_ns)
		return;
	gaps->longest_ns = value;
	gaps->begin_ns = gap->begin_ns;
	gaps->end_ns = gap->end_ns;
	gaps->requests = gap->requests;
}

static int64_t steady_of(const struct lu_gap_input *in, guint from, guint to)
{
	int64_t steady_ns = in->steady_ns ? in->steady_ns : median_step(in->arrivals, from, to);

	return steady_ns ? steady_ns : lu_median_step_ns(in->intended);
}

/*
 * Where the first gap begins when nothing has arrived before the trigger: at the trigger, if
 * something was asked by then. Else a steady interval before the first request, so that one that
 * is due long after the trigger is not taken for one that has waited since.
 */
static int64_t first_begin(const struct lu_gap_input *in, int64_t steady_ns)
{
	if (!in->intended->len || AT(in->intended, 0) <= in->trigger_ns)
		return in->trigger_ns;
	return AT(in->intended, 0) - steady_ns;
}

struct lu_gaps lu_gaps_find(const struct lu_gap_input *in)
{
	guint n = in->arrivals->len;
	guint from = lu_first_above_ns(in->arrivals, in->baseline_ns - 1);
	guint next = lu_first_above_ns(in->arrivals, in->trigger_ns);
	struct lu_gaps gaps = {.steady_ns = steady_of(in, from, next),
			       .last_above_end_ns = in->trigger_ns};
	int64_t previous = next ? AT(in->arrivals, next - 1) : first_begin(in, gaps.steady_ns);

	gaps.baseline_longest_ns = longest_baseline(in, from, next, gaps.steady_ns);
	gaps.floor_ns = MAX(gaps.baseline_longest_ns * 3 / 2, LU_FLOOR_INTERVALS * gaps.steady_ns);
	for (guint i = next; i <= n; i++) {
		int64_t end = i < n ? AT(in->arrivals, i) : in->end_ns;
		struct lu_gap gap =
			gap_between(in->intended, previous, MAX(end, previous), gaps.steady_ns);

		take_gap(&gaps, &gap, in->above);
		previous = end;
	}
	return gaps;
}
