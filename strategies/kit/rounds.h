/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds of pre-copy until another one is not worth its time (record/precopy-stop.h), for
 * strategies that copy memory while the service runs. The strategy says what a round is.
 */
#pragma once
#include "model/strategy.h"
#include "record/precopy-stop.h"

#define LU_ROUNDS_MAX 16

/* Parameters of a strategy that does. */
#define LU_PARAMS_ROUNDS                                                                           \
	{                                                                                          \
		"rounds",                                                                          \
		LU_PARAM_INT,                                                                      \
		"5",                                                                               \
		1,                                                                                 \
		LU_ROUNDS_MAX,                                                                     \
		NULL,                                                                              \
		"maximum number of pre-copy rounds"},                                              \
		{"shrink_percent",                                                                 \
		 LU_PARAM_INT,                                                                     \
		 "70",                                                                             \
		 1,                                                                                \
		 10000,                                                                            \
		 NULL,                                                                             \
		 "continue with rounds while the last one sent at most this share of the one "     \
		 "before"},                                                                        \
		{"small_mb",                                                                       \
		 LU_PARAM_INT,                                                                     \
		 "1",                                                                              \
		 0,                                                                                \
		 1024,                                                                             \
		 NULL,                                                                             \
		 "and while it sent more than this, MB: the rest is sent with the service "        \
		 "paused"},                                                                        \
	{                                                                                          \
		"huge_pages", LU_PARAM_CHOICE, "split",                                            \
			.choices = lu_rounds_pages,                                                \
			.help = "transparent huge pages of the running machine while memory is "   \
				"copied: a huge page is dirtied as a whole"                        \
	}
extern const char *const lu_rounds_pages[];

/* What the rounds have sent so far; zero it to begin. */
struct lu_rounds {
	int64_t sent[LU_ROUNDS_MAX]; /* bytes, round by round */
	unsigned n;
};

/* Sends what has changed since the round before, in the first one all; sets the bytes sent. */
typedef bool (*lu_round_fn)(struct lu_run *run, unsigned round, int64_t *bytes, GError **error);

/* Split the machine's huge pages if the plan says so, then go through the rounds. Notes why they
 * ended: "precopy.stop". */
bool lu_rounds_run(struct lu_run *run, struct lu_rounds *rounds, lu_round_fn one, GError **error);
/* Give the machine its huge pages back. */
bool lu_rounds_undo(struct lu_run *run, GError **error);
