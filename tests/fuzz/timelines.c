/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: a timeline that was read from a file, and all that is worked out from it. */
#include <stdint.h>
#include <stdio.h>
#include "bench/report/plot-timeline.h"
#include "bench/report/summary.h"
#include "record/metrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As `show --recompute` and `plot` do. */
static void use(const struct lu_timeline *timeline)
{
	static FILE *out;
	struct lu_metrics metrics = lu_metrics_compute(timeline);
	json_auto_t *result = json_pack("{s:o, s:s}", "metrics",
					lu_metrics_to_json(&metrics, timeline), "outcome", "ok");
	g_autoptr(GString) script = g_string_new(NULL);
	GString *text = lu_timeline_to_jsonl(timeline);

	if (!out)
		out = fopen("/dev/null", "w");
	lu_summary_print(out, result, timeline, NULL);
	lu_plot_timeline(script, result, timeline, NULL);
	g_string_free(text, TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lu_timeline *timeline = lu_timeline_from_jsonl((const char *)data, size, NULL);

	if (!timeline)
		return 0;
	lu_timeline_sort(timeline);
	use(timeline);
	lu_timeline_free(timeline);
	return 0;
}
