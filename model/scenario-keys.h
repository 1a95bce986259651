/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a scenario as tables; private to model/scenario.c and model/plan.c. */
#pragma once
#include "model/param.h"

/* Sections are objects in the scenario; the one with the empty name is the scenario's top level. */
struct lu_section {
	const char *name;
	const struct lu_param *specs;
	bool optional; /* absent from the plan when absent from the scenario */
};

extern const struct lu_section
	lu_scenario_sections[]; /* ends with .name == NULL; the top level is first */

/* Every key of the top level: scalars, sections and the two objects of parameters. NULL-terminated;
 * g_free the array. */
const char **lu_scenario_top_keys(void);
const struct lu_section *lu_section_find(const char *name);
