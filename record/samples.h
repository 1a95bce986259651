/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and replies as the client saw them, extracted from a sorted timeline;
 * private to the metrics. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

struct lu_sample {
	int64_t arrival_ns, intended_ns;
	int64_t conn;
	bool ok;
	/* as the reply says, else the kernel of the latest hello before it; NULL: unknown */
	const char *version;
};

struct lu_asked {
	int64_t intended_ns, conn;
	int64_t sent_ns; /* -1: unknown */
	int64_t end_ns;	 /* arrival of its reply, or when it was given up */
	bool answered;	 /* by a correct reply */
	/* what kind of request or connection it was ("read", "churn"); NULL: any; the timeline's */
	const char *class;
};

struct lu_samples {
	bool triggered;
	int64_t baseline_ns, trigger_ns, end_ns; /* end of the record */
	int64_t load_end_ns;			 /* last intended time; end_ns without requests */
	GArray *replies;			 /* struct lu_sample, by arrival, wrong ones too */
	/* struct lu_asked, by intended time: every request whose outcome is on record */
	GArray *asked;
	/* from the trigger on; a lost request counts until it was given up */
	int64_t max_latency_ns;
	uint64_t wrong;
};

struct lu_samples *lu_samples_new(const struct lu_timeline *timeline);
void lu_samples_free(struct lu_samples *samples);
