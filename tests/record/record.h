/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hand-made timelines in whole milliseconds, for golden tests. */
#pragma once
#include <stdbool.h>
#include "record/timeline.h"

#define MS INT64_C(1000000)

void record_engine(struct lu_timeline *t, const char *kind, int64_t ms);
/* A phase from begin to end; name may be NULL. */
void record_phase(struct lu_timeline *t, int id, const char *kind, int64_t begin_ms,
		  int64_t end_ms);
void record_reply(struct lu_timeline *t, int64_t intended_ms, int64_t arrival_ms, int conn, bool ok,
		  const char *version);
void record_lost(struct lu_timeline *t, int64_t intended_ms, int64_t when_ms, int conn,
		 const char *reason);
/* Requests at from, from + step, … below to, on one connection, each answered after latency. */
void record_steady(struct lu_timeline *t, int64_t from_ms, int64_t to_ms, int64_t step_ms,
		   int64_t latency_ms, int conn);
/* The same, all answered at once. */
void record_burst(struct lu_timeline *t, int64_t from_ms, int64_t to_ms, int64_t step_ms,
		  int64_t arrival_ms, int conn);
void record_hello(struct lu_timeline *t, int64_t ms, int generation, const char *kernel,
		  int64_t uptime_ms);
void record_memory(struct lu_timeline *t, int64_t ms, int64_t used, int64_t store, int64_t files,
		   int64_t qemu);
/* Of a second machine. */
void record_other(struct lu_timeline *t, int64_t ms, int64_t other);
/* Baseline from 1000, trigger at 2000, finish at 4000, end at 5000. */
struct lu_timeline *record_new(void);
