/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast the service dirty has written, relative to its own running time. */
#pragma once
#include <jansson.h>
#include "workloads/dirty/beat.h"

struct rate {
	struct beat first, last; /* of this epoch: the first and the latest */
	struct beat begin;	 /* of the window */
	double min, max;	 /* bytes a second; of whole windows */
	uint64_t bytes;		 /* of epochs that are over */
	int64_t active_ns;	 /* the same */
	unsigned windows;
};

/* The first beat of an epoch. */
void dirty_rate_begin(struct rate *rate, const struct beat *beat);
/* A later beat. */
void dirty_rate_follow(struct rate *rate, const struct beat *beat);
/* The service started over. */
void dirty_rate_end_epoch(struct rate *rate);
json_t *dirty_rate_report(const struct rate *rate, int64_t asked_mb_per_s);
