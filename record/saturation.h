/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Could the service keep up with the requests before anything was upgraded? */
#pragma once
#include <stdbool.h>
#include "record/samples.h"

/* Below this share of the requests answered the service does not keep up: losing one in twenty for
 * good is a backlog that only grows, while jitter of a few requests around the trigger is not. */
#define LU_SATURATION_SHARE 0.95

struct lu_saturation {
	bool saturated;
	int64_t interval_ns; /* between the intended times of two requests */
	double asked_hz;     /* the rate by schedule */
	double answered_hz;  /* the part of it that was rightly answered before the trigger */
	int64_t asked, answered;
	int64_t waiting; /* asked before the trigger, and neither answered nor given up by then */
};

/*
 * Counts requests intended from the baseline's beginning to the trigger less the shortest latency
 * that a correct reply had in it: a later one could not have been answered in time. Saturated when
 * less than LU_SATURATION_SHARE of them were answered before the trigger, and in the baseline's
 * second half, too, fewer replies came than that share of what was asked for in it: where latency
 * is long but does not grow, the requests outstanding at the trigger are made up for by those that
 * were outstanding when the half began. All 0 without requests in the baseline.
 */
struct lu_saturation lu_saturation_find(const struct lu_samples *samples);
/* "136 of 200 requests/s were answered in the baseline, and 192 waited when the upgrade began"; caller
 * frees. */
char *lu_saturation_text(const struct lu_saturation *saturation);
