/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies to the clients, and memory in use, during each phase. */
#pragma once
#include <jansson.h>
#include "record/timeline.h"

/*
 * [{"phase", "name", "ns", "replies", "goodput_hz", "p50_ns", "p99_ns", "extra_bytes"}], in order:
 * of the correct replies that arrived between the phase's edges (quantiles 0 when there was none),
 * and the mean footprint beyond the baseline (record/footprint.h). Phases that never ended last
 * until the end of the record. Returns a new reference.
 */
json_t *lu_phase_load(const struct lu_timeline *timeline);
