/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Was the baseline steady? */
#include "record/drift.h"
#include "record/quantile.h"

#define HALF   (LU_DRIFT_BLOCKS / 2)
#define MIDDLE (HALF / 2)

struct blocks {
	int64_t begin_ns, length_ns; /* of each */
	GArray *latencies[LU_DRIFT_BLOCKS];
	int64_t replies[LU_DRIFT_BLOCKS];
};

/* -1: outside */
static int block_of(const struct blocks *blocks, int64_t t_ns)
{
	if (t_ns < blocks->begin_ns || blocks->length_ns <= 0)
		return -1;
	int64_t i = (t_ns - blocks->begin_ns) / blocks->length_ns;

	return i < LU_DRIFT_BLOCKS ? (int)i : -1;
}

static void fill(struct blocks *blocks, const struct lu_samples *samples)
{
	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *asked = &g_array_index(samples->asked, struct lu_asked, i);
		int64_t latency_ns = asked->end_ns - asked->intended_ns;
		int asked_in = block_of(blocks, asked->intended_ns);
		int answered_in = block_of(blocks, asked->end_ns);

		if (asked_in >= 0)
			g_array_append_val(blocks->latencies[asked_in], latency_ns);
		if (asked->answered && answered_in >= 0)
			blocks->replies[answered_in]++;
	}
}

/* Sorted, of one half. */
static void sort_half(int64_t *sorted, const int64_t *values, int half)
{
	g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(int64_t));

	g_array_append_vals(array, &values[(size_t)half * HALF], HALF);
	lu_sort_ns(array);
	for (int i = 0; i < HALF; i++)
		sorted[i] = g_array_index(array, int64_t, i);
}

/* Whether the halves' blocks lie apart; their medians. */
static bool apart(const int64_t *values, double *first, double *second)
{
	int64_t a[HALF], b[HALF];

	sort_half(a, values, 0);
	sort_half(b, values, 1);
	int64_t middle_a = a[MIDDLE], middle_b = b[MIDDLE];

	*first = (double)middle_a;
	*second = (double)middle_b;
	return a[HALF - 1] < b[0] || b[HALF - 1] < a[0];
}

static bool differs(double a, double b, double factor)
{
	return MAX(a, b) > factor * MIN(a, b);
}

static void judge_latency(struct lu_drift *drift, const struct blocks *blocks, int64_t least_ns)
{
	int64_t medians[LU_DRIFT_BLOCKS];
	double a, b;

	for (int i = 0; i < LU_DRIFT_BLOCKS; i++) {
		lu_sort_ns(blocks->latencies[i]);
		medians[i] = lu_quantile_ns(blocks->latencies[i], 0.5);
	}
	drift->latency = apart(medians, &a, &b) && differs(a, b, LU_DRIFT_LATENCY_FACTOR) &&
			 ABS(a - b) >= (double)least_ns;
	drift->latency_ns[0] = (int64_t)a;
	drift->latency_ns[1] = (int64_t)b;
}

static void judge_goodput(struct lu_drift *drift, const struct blocks *blocks)
{
	double a, b;

	drift->goodput = apart(blocks->replies, &a, &b) && differs(a, b, LU_DRIFT_GOODPUT_FACTOR);
	drift->goodput_hz[0] = a * 1e9 / (double)blocks->length_ns;
	drift->goodput_hz[1] = b * 1e9 / (double)blocks->length_ns;
}

struct lu_drift lu_drift_find(const struct lu_samples *samples, int64_t least_ns)
{
	struct blocks blocks = {
		.begin_ns = samples->baseline_ns,
		.length_ns = (samples->trigger_ns - samples->baseline_ns) / LU_DRIFT_BLOCKS,
	};
	struct lu_drift drift = {.known = true};

	for (int i = 0; i < LU_DRIFT_BLOCKS; i++)
		blocks.latencies[i] = g_array_new(FALSE, FALSE, sizeof(int64_t));
	fill(&blocks, samples);
	for (int i = 0; i < LU_DRIFT_BLOCKS; i++)
		drift.known = drift.known && blocks.latencies[i]->len >= LU_DRIFT_BLOCK_REQUESTS;
	if (drift.known) {
		judge_latency(&drift, &blocks, least_ns);
		judge_goodput(&drift, &blocks);
	}
	for (int i = 0; i < LU_DRIFT_BLOCKS; i++)
		g_array_unref(blocks.latencies[i]);
	return drift;
}
