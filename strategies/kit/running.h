/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running service, for strategies that end it and start it again. Functions are phases. */
#pragma once
#include "model/strategy.h"

/* Pause all threads of the service, and resume them. */
bool lu_service_hold(struct lu_run *run, GError **error);
bool lu_service_go_on(struct lu_run *run, GError **error);
/* Check that it runs and did not die at its start. */
bool lu_service_runs(struct lu_run *run, GError **error);
