/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and storage beyond the steady state. */
#include <stdbool.h>
#include "record/footprint.h"

enum figure { GUEST_USED, GUEST_STORE, HOST_FILES, HOST_QEMU, HOST_OTHER, FIGURES };

static const struct {
	const char *source, *key;
} figures[FIGURES] = {
	{"guest", "used_bytes"}, {"guest", "store_bytes"}, {"host", "files_bytes"},
	{"host", "qemu_bytes"},	 {"host", "other_bytes"},
};

struct span {
	int64_t baseline_ns, trigger_ns; /* the steady state */
	int64_t from_ns, end_ns;	 /* the interval to examine */
};

static bool sample_of(const struct lu_event *event, enum figure figure, double *bytes)
{
	const json_t *value = json_object_get(event->value, figures[figure].key);

	if (!g_str_equal(event->kind, "memory") ||
	    !g_str_equal(event->source, figures[figure].source) || !json_is_integer(value) ||
	    json_integer_value(value) < 0)
		return false;
	*bytes = json_integer_value(value);
	return true;
}

static double baseline_of(const struct lu_timeline *timeline, enum figure figure,
			  const struct span *span)
{
	double sum = 0, first = 0, before = -1, bytes;
	size_t count = 0, seen = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (!sample_of(event, figure, &bytes))
			continue;
		if (!seen++)
			first = bytes;
		if (event->t_ns < span->baseline_ns)
			before = bytes;
		else if (event->t_ns < span->trigger_ns) {
			sum += bytes;
			count++;
		}
	}
	if (count)
		return sum / count;
	return before >= 0 ? before : first;
}

/* The state of the step functions while the timeline is walked. */
struct walk {
	double extra[FIGURES];
	int64_t last_ns;
	struct lu_footprint out;
};

/* A checkpoint store on a disk is seen twice, by the guest's file system and as blocks of the
 * disk's file: the larger counts. One in persistent memory has no file. A second machine counts as
 * a whole: only the host sees all of it. */
static double held(const struct walk *walk)
{
	return walk->extra[GUEST_USED] + MAX(walk->extra[GUEST_STORE], walk->extra[HOST_FILES]) +
	       walk->extra[HOST_OTHER];
}

/* Account for what was held since the last change, up to t. */
static void advance(struct walk *walk, int64_t t_ns, const struct span *span)
{
	int64_t from = MAX(walk->last_ns, span->from_ns), to = MIN(t_ns, span->end_ns);

	walk->last_ns = t_ns;
	if (to <= from)
		return;
	walk->out.extra_byte_seconds += MAX(held(walk), 0) * (to - from) / 1e9;
	walk->out.extra_bytes_peak = MAX(walk->out.extra_bytes_peak, (int64_t)held(walk));
	walk->out.host_extra_bytes_peak =
		MAX(walk->out.host_extra_bytes_peak, (int64_t)walk->extra[HOST_QEMU]);
}

struct lu_footprint lu_footprint_find(const struct lu_timeline *timeline, int64_t baseline_ns,
				      int64_t trigger_ns, int64_t end_ns)
{
	return lu_footprint_between(timeline, baseline_ns, trigger_ns, trigger_ns, end_ns);
}

struct lu_footprint lu_footprint_between(const struct lu_timeline *timeline, int64_t baseline_ns,
					 int64_t trigger_ns, int64_t from_ns, int64_t end_ns)
{
	struct span span = {baseline_ns, trigger_ns, from_ns, end_ns};
	struct walk walk = {.last_ns = baseline_ns};
	double baseline[FIGURES], bytes;

	for (int f = 0; f < FIGURES; f++)
		baseline[f] = baseline_of(timeline, f, &span);
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		for (int f = 0; f < FIGURES; f++) {
			if (!sample_of(event, f, &bytes))
				continue;
			advance(&walk, event->t_ns, &span);
			walk.extra[f] = bytes - baseline[f];
		}
	}
	advance(&walk, end_ns, &span);
	return walk.out;
}
