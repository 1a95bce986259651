/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A metric's values over several runs, some of them only known to be below a bound. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include "record/censored.h"

struct lu_values;

struct lu_values *lu_values_new(void);
void lu_values_free(struct lu_values *values);
/*
 * The value of that name of a result's metrics, or its bound when it is in their "censored". -1,
 * which means "never" or "unknown", null, and values that are no numbers do not count; neither does
 * a 0 that an earlier version recorded for a value below a bound that it did not keep.
 */
void lu_values_add(struct lu_values *values, const json_t *metrics, const char *name,
		   const json_t *value);
/* Valid until the next value is added. */
struct lu_censored lu_values_get(const struct lu_values *values);

/* Set the median as the member `name` of an object, null without values, and add the name to the
 * object's array "censored" when it is only a bound. */
void lu_values_put_median(json_t *to, const char *name, const struct lu_censored *x);
/* A number, or null for one that is not finite. New reference. */
json_t *lu_values_json(double value);
/* A member as a number; NAN: it is none. */
double lu_values_number(const json_t *from, const char *name);
