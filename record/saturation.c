/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Could the service keep up with the requests? */
#include "record/saturation.h"
#include <inttypes.h>
#include "record/gaps.h"

static const struct lu_asked *asked_at(const struct lu_samples *samples, guint i)
{
	return &g_array_index(samples->asked, struct lu_asked, i);
}

/* Of correct replies to what was asked in the baseline; 0: there is none. */
static int64_t shortest_latency(const struct lu_samples *samples)
{
	int64_t shortest = INT64_MAX;

	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *asked = asked_at(samples, i);

		if (asked->answered && asked->intended_ns >= samples->baseline_ns &&
		    asked->end_ns < samples->trigger_ns)
			shortest = MIN(shortest, asked->end_ns - asked->intended_ns);
	}
	return shortest == INT64_MAX ? 0 : MAX(shortest, 0);
}

static void count(struct lu_saturation *found, const struct lu_samples *samples, int64_t until_ns)
{
	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *asked = asked_at(samples, i);

		if (asked->intended_ns >= samples->trigger_ns)
			break;
		found->waiting += asked->end_ns >= samples->trigger_ns;
		if (asked->intended_ns < samples->baseline_ns || asked->intended_ns > until_ns)
			continue;
		found->asked++;
		found->answered += asked->answered && asked->end_ns < samples->trigger_ns;
	}
}

/* Correct replies that arrived in [begin, end), over what was intended in it; 1 without requests. */
static double throughput(const struct lu_samples *samples, int64_t begin_ns, int64_t end_ns)
{
	int64_t asked = 0, answered = 0;

	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *a = asked_at(samples, i);

		asked += a->intended_ns >= begin_ns && a->intended_ns < end_ns;
		answered += a->answered && a->end_ns >= begin_ns && a->end_ns < end_ns;
	}
	return asked ? (double)answered / (double)asked : 1;
}

/* The schedule is regular: the median step is each of them but for rounding. */
static int64_t interval(const struct lu_samples *samples)
{
	g_autoptr(GArray) intended = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < samples->asked->len; i++)
		g_array_append_val(intended, asked_at(samples, i)->intended_ns);
	return lu_median_step_ns(intended);
}

struct lu_saturation lu_saturation_find(const struct lu_samples *samples)
{
	int64_t begin_ns = samples->baseline_ns, end_ns = samples->trigger_ns;
	int64_t until_ns = end_ns - shortest_latency(samples);
	struct lu_saturation found = {0};

	count(&found, samples, until_ns);
	if (found.asked == 0 || until_ns <= begin_ns)
		return found;
	found.interval_ns = interval(samples);
	if (found.interval_ns > 0)
		found.asked_hz = 1e9 / (double)found.interval_ns;
	found.answered_hz = found.asked_hz * (double)found.answered / (double)found.asked;
	found.saturated = (double)found.answered < LU_SATURATION_SHARE * (double)found.asked &&
			  throughput(samples, begin_ns + (end_ns - begin_ns) / 2, end_ns) <
				  LU_SATURATION_SHARE;
	return found;
}

char *lu_saturation_text(const struct lu_saturation *saturation)
{
	return g_strdup_printf("%.4g of %.4g requests/s were answered in the baseline, and %" PRId64
			       " waited when the upgrade began",
			       saturation->answered_hz, saturation->asked_hz, saturation->waiting);
}
