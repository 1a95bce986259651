/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as tidy data: a row for each run, a column for each parameter and metric. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * A flat object for each result (docs/reference/export.md): names are dotted keys of the plan, and of the
 * metrics with their units. A value is a text, a number, true or false, or null for what is not known
 * or never happened. NAME.censored says whether the value of NAME is only a bound from above.
 */
json_t *lu_tidy_rows(const json_t *results);
/* As CSV (RFC 4180) with a line of names, the columns of all rows; null is an empty field. */
void lu_tidy_print_csv(FILE *out, const json_t *rows);
/* As JSON Lines: an object in each line, all with the same names. */
void lu_tidy_print_jsonl(
	FILE *out,
	const json_t *
		rows); /* Results in the form of that name, csv or jsonl. false: it is another one, nothing was printed. */
bool lu_tidy_print(FILE *out, const json_t *results, const char *format);
