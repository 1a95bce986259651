/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs: statistics over those of one plan, comparison of those of different plans. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct lu_values;

/*
 * Alike runs (seeds aside): {"label", "runs", "good", "repeated_seeds", "suspect_left_out",
 * "suspect_in_part", "outcomes": {name: n},
 * "oracle_failures": {name: n}, "metrics": {name: {"n", "median", "ci_low", "ci_high",
 * "confidence", "min", "max", "n_censored", "censored": [statistic…], "outliers": [index…]}}}.
 * Metrics are of good runs, without suspect ones unless with_suspect, and of simulated ones no
 * seed twice (lu_counted()): the members say how many good ones that leaves out, and how many it
 * takes in part. ci_* are null below three of them. A statistic named in "censored"
 * is only known to be below its number; n_censored values are. New reference.
 */
json_t *lu_group_summary(const json_t *results, bool with_suspect);
void lu_group_print(FILE *out, const json_t *summary);

/*
 * Results grouped by what they ran and on what (bench/report/alike.h), in order of appearance:
 * [{"label", "alike": description, "results": [borrowed order…], "counted": [those that are
 * samples…], "summary"}]. A label names what differs among the groups. New reference.
 */
json_t *lu_group_alike(const json_t *results, bool with_suspect);
/* What each of them is alike in, for lu_labels_new(). New reference. */
json_t *lu_group_descriptions(const json_t *groups);
/* A metric of the runs of one of these that are samples; free with lu_values_free(). */
struct lu_values *lu_group_values(const json_t *group, const char *metric);
/* Statistics of a metric over a group's good runs; NULL: none has that metric. Borrowed. */
json_t *lu_group_stats(const json_t *group, const char *metric);
/* Is a statistic ("median", …) of these only a bound? */
bool lu_group_censored(const json_t *stats, const char *statistic);
/* "3.21 s", or "< 20 ms" when it is only a bound; caller frees. */
char *lu_group_value(const char *metric, const json_t *stats, const char *statistic);
/*
 * Every later group against the first: [{"a", "b", "metric", "median_a", "median_b", "censored":
 * ["median_a"…], "ratio", "p", "p_least"}]; the ratio is null when a median is only a bound or a is
 * 0; p is two-sided, of a rank test (record/shift.h), null below three runs on either side, and no
 * less than p_least however far they are apart. New reference.
 */
json_t *lu_group_compare(const json_t *groups);
/* One such comparison: b against a. NULL when either
 * has no good run with that metric. New reference. */
json_t *lu_group_against(const json_t *a, const json_t *b, const char *metric);
