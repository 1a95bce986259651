/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service as it is, for strategies that end it and start it anew. Functions are phases. */
#pragma once
#include "model/strategy.h"

/* Every thread of it stops; the way back. */
bool lu_service_hold(struct lu_run *run, GError **error);
bool lu_service_go_on(struct lu_run *run, GError **error);
/* Nothing holds it back; see that it did not die at its start. */
bool lu_service_runs(struct lu_run *run, GError **error);
