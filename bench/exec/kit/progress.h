/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on stderr: one live line on a terminal, a plain line a step elsewhere. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct lu_progress {
	bool quiet, live;
	unsigned run, runs, skipped;
	int64_t began_us; /* when the first run did, monotonic */
	char step[32];
	int64_t shown_us; /* when the live line was last drawn, monotonic */
	int64_t rate_ns;  /* elapsed time and replies when the rate was last worked out */
	uint64_t rate_replies;
	double rate_hz;
};

void lu_progress_init(struct lu_progress *progress, bool quiet, unsigned runs);
/* The next of `runs` begins. */
void lu_progress_next(struct lu_progress *progress);
/* It is done already. */
void lu_progress_skip(struct lu_progress *progress);
/* lu_progress_fn of engine/engine.h. */
void lu_progress_show(void *progress, const char *step, int64_t elapsed_ns, uint64_t replies);
/* A remark: asset fetching and the like (notes of guest/). */
void lu_progress_note(void *progress, const char *text);
/* Wipe the live line, so that other text can be printed. */
void lu_progress_clear(struct lu_progress *progress);
