/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sweep is a scenario in which any key may hold a list of values: it stands for all combinations.
 * A null in a list leaves the key out. Two keys are the sweep's own:
 *   "sweep": {"title": text, "repeat": 1, "order_seed": 1, "design": "all"}
 *   "cases": [{…}, …]: parts of scenarios (with lists, too), each laid over the rest in turn.
 * With "design": "screening" lists of two values do not stand for all their combinations but for a
 * few that tell their effects apart (model/design.h); the second value is what is tried.
 * A parameter that only some of the strategies (workloads) declare applies to those only; equal
 * plans that result are run once.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include "model/plan.h"

/* More runs are a mistake in a list. */
#define LU_SWEEP_MAX_RUNS 10000

enum lu_sweep_design { LU_SWEEP_ALL, LU_SWEEP_SCREENING };

struct lu_sweep_case {
	struct lu_plan *plan; /* may be one that its strategy refuses */
	unsigned repeat;      /* from 0; it is added to the seed */
	unsigned combination; /* from 0, in the order of the definition */
};

struct lu_sweep {
	char *name;  /* "migrate-knee" */
	char *title; /* NULL: none */
	unsigned repeats;
	uint64_t order_seed;
	enum lu_sweep_design design;
	/* struct lu_sweep_case in the order in which they run: all first repeats in random order
	 * (order_seed), then all second ones in another … */
	GPtrArray *cases;
};

/*
 * All of it is checked: LU_ERROR_USAGE names `file`, key and what is allowed. machines_dir and
 * host_memory_mb as for lu_plan_new().
 */
struct lu_sweep *lu_sweep_new(const json_t *definition, const char *file, const char *machines_dir,
			      unsigned host_memory_mb, GError **error);
void lu_sweep_free(struct lu_sweep *sweep);

/*
 * Every combination as a scenario, the first list varying slowest: an array, new reference. The
 * definition is without "sweep". LU_ERROR_USAGE: an empty list, a list in a list, too many.
 */
json_t *lu_sweep_scenarios(const json_t *definition, enum lu_sweep_design design, const char *file,
			   GError **error);
/*
 * Set a dotted key from a command line's text, as lu_scenario_set(); "4,8,16" is
 * a list. LU_ERROR_USAGE.
 */
bool lu_sweep_set(json_t *definition, const char *dotted, const char *text, GError **error);
