/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goodput and latency in windows. */
#include "record/goodput.h"
#include "record/quantile.h"

#define WINDOW_NS      INT64_C(250000000)
#define WINDOW_REPLIES 40
#define GOOD_SHARE     0.9
#define SLOW_FACTOR    10
#define SUSTAINED_NS   INT64_C(1000000000)

struct window {
	int64_t begin_ns, end_ns;
	uint64_t replies;
	int64_t p99_ns;
};

static const struct lu_sample *sample_at(const struct lu_samples *samples, guint i)
{
	return &g_array_index(samples->replies, struct lu_sample, i);
}

/* Latencies of correct replies that arrived in [begin, end), sorted. */
static GArray *latencies(const struct lu_samples *samples, int64_t begin_ns, int64_t end_ns)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(int64_t));
	guint low = 0, high = samples->replies->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (sample_at(samples, middle)->arrival_ns < begin_ns)
			low = middle + 1;
		else
			high = middle;
	}
	for (guint i = low; i < samples->replies->len; i++) {
		const struct lu_sample *sample = sample_at(samples, i);
		int64_t latency = sample->arrival_ns - sample->intended_ns;

		if (sample->arrival_ns >= end_ns)
			break;
		if (sample->ok)
			g_array_append_val(found, latency);
	}
	lu_sort_ns(found);
	return found;
}

static void append_window(GArray *windows, const struct lu_samples *samples, int64_t begin_ns,
			  int64_t end_ns)
{
	g_autoptr(GArray) found = latencies(samples, begin_ns, end_ns);
	struct window window = {begin_ns, end_ns, found->len, lu_quantile_ns(found, 0.99)};

	g_array_append_val(windows, window);
}

static void lay_windows(GArray *windows, const struct lu_samples *samples, double hz,
			int64_t begin_ns, int64_t end_ns)
{
	int64_t width = MAX(WINDOW_NS, (int64_t)(WINDOW_REPLIES * 1e9 / hz));

	while (end_ns - begin_ns >= 2 * width) {
		append_window(windows, samples, begin_ns, begin_ns + width);
		begin_ns += width;
	}
	if (begin_ns < end_ns)
		append_window(windows, samples, begin_ns, end_ns);
}

static bool is_low(const struct window *window, double hz)
{
	double expected = hz * (window->end_ns - window->begin_ns) / 1e9;

	return window->replies < GOOD_SHARE * expected - 1;
}

static int64_t sum_brown(const GArray *windows, const struct lu_goodput *goodput)
{
	int64_t sum = 0;

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = &g_array_index(windows, struct window, i);

		if (is_low(window, goodput->baseline_hz) ||
		    window->p99_ns > SLOW_FACTOR * goodput->p99_ns)
			sum += window->end_ns - window->begin_ns;
	}
	return sum;
}

static int64_t first_low(const GArray *windows, double hz)
{
	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = &g_array_index(windows, struct window, i);

		if (is_low(window, hz))
			return window->begin_ns;
	}
	return -1;
}

/* Beginning of the first run of good windows from from_ns on that lasts SUSTAINED_NS or to the
 * load's end; -1 without one. */
static int64_t first_sustained(const GArray *windows, double hz, int64_t from_ns)
{
	int64_t since = -1;

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = &g_array_index(windows, struct window, i);

		if (window->begin_ns < from_ns)
			continue;
		if (is_low(window, hz)) {
			since = -1;
			continue;
		}
		if (since < 0)
			since = window->begin_ns;
		if (window->end_ns - since >= SUSTAINED_NS)
			break;
	}
	return since;
}

static void read_baseline(struct lu_goodput *goodput, const struct lu_samples *samples)
{
	g_autoptr(GArray) found = latencies(samples, samples->baseline_ns, samples->trigger_ns);
	int64_t length = samples->trigger_ns - samples->baseline_ns;

	goodput->p50_ns = lu_quantile_ns(found, 0.5);
	goodput->p99_ns = lu_quantile_ns(found, 0.99);
	goodput->max_ns = lu_quantile_ns(found, 1);
	goodput->baseline_hz = length > 0 ? found->len * 1e9 / length : 0;
}

struct lu_goodput lu_goodput_find(const struct lu_samples *samples, int64_t dark_begin_ns,
				  int64_t dark_end_ns, int64_t recovered_ns)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct window));
	g_autoptr(GArray) after = g_array_new(FALSE, FALSE, sizeof(struct window));
	struct lu_goodput goodput = {.ttr90_ns = -1, .low_ns = -1};

	read_baseline(&goodput, samples);
	if (!samples->triggered || goodput.baseline_hz == 0)
		return goodput;
	/* The last requests are answered a latency later than they were intended. */
	int64_t end_ns = MIN(samples->load_end_ns + goodput.p50_ns, samples->end_ns);
	double hz = goodput.baseline_hz;

	lay_windows(all, samples, hz, samples->trigger_ns, MIN(dark_begin_ns, end_ns));
	lay_windows(all, samples, hz, MAX(dark_end_ns, samples->trigger_ns), end_ns);
	lay_windows(after, samples, hz, recovered_ns, end_ns);
	goodput.brownout_ns = sum_brown(all, &goodput);
	goodput.low_ns = first_low(all, hz);
	bool interrupted = recovered_ns > samples->trigger_ns;
	int64_t since = first_sustained(after, hz, interrupted ? recovered_ns : goodput.low_ns);

	if (since >= 0)
		goodput.ttr90_ns = since - samples->trigger_ns;
	return goodput;
}
