/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the client saw, taken out of a sorted timeline once; private to the metrics. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

struct lu_sample {
	int64_t arrival_ns, intended_ns;
	int64_t conn;
	bool ok;
	/* said by the reply, else the kernel of the latest hello before it; NULL: not known */
	const char *version;
};

struct lu_asked {
	int64_t intended_ns, conn;
};

struct lu_samples {
	bool triggered;
	int64_t baseline_ns, trigger_ns, end_ns; /* end of the record */
	int64_t load_end_ns;			 /* last intended time; end_ns without requests */
	GArray *replies;			 /* struct lu_sample, by arrival, wrong ones too */
	GArray *asked; /* struct lu_asked, by intended time: every request whose end is on record */
	int64_t max_latency_ns; /* from the trigger on; of a lost request, until it was given up */
	uint64_t wrong;
};

struct lu_samples *lu_samples_new(const struct lu_timeline *timeline);
void lu_samples_free(struct lu_samples *samples);
