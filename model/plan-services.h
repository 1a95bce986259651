/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans of several services; private to model/. docs/design/services.md */
#pragma once
#include "model/plan.h"

/* Whether the scenario has several. */
bool lu_services_given(const json_t *scenario);
/* Names of their workloads by falling priority, as far as they have any: borrowed, g_ptr_array_unref
 * frees. */
GPtrArray *lu_services_workloads(const json_t *scenario);
/*
 * The scenario as one for each service, by falling priority, as if that were its only one: an array,
 * new reference. In each, "services" is an object that says what sets it apart: "name" and
 * "priority". `name` is the scenario's for messages. LU_ERROR_USAGE.
 */
json_t *lu_services_split(const json_t *scenario, const char *name, GError **error);
/* Takes the plans of these scenarios together: the first is taken out of the array and becomes the
 * plan of all, which keeps a reference to the array of the others. LU_ERROR_USAGE: they cannot be in
 * one guest. */
struct lu_plan *lu_services_join(GPtrArray *plans, const char *name, GError **error);
