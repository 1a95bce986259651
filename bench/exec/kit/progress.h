/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on stderr: one live line on a terminal, else a plain line for each step. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct lu_progress {
	bool quiet, live;
	unsigned run, runs, skipped;
	int64_t began_us; /* start of the first run, monotonic */
	char step[32];
	int64_t shown_us; /* last update of the live line, monotonic */
	int64_t rate_ns;  /* elapsed time and replies at the last computation of the rate */
	uint64_t rate_replies;
	double rate_hz;
};

void lu_progress_init(struct lu_progress *progress, bool quiet, unsigned runs);
/* The next run begins. */
void lu_progress_next(struct lu_progress *progress);
/* The next run has been done already. */
void lu_progress_skip(struct lu_progress *progress);
/* lu_progress_fn of engine/engine.h. */
void lu_progress_show(void *progress, const char *step, int64_t elapsed_ns, uint64_t replies);
/* Show a note, such as of fetching assets. */
void lu_progress_note(void *progress, const char *text);
/* Clear the live line, so that other text can be printed. */
void lu_progress_clear(struct lu_progress *progress);
