/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The application's own state in a file on the data disk, and beside it what its kernel component
 * has in memory, in that component's neutral form (agent verb devices.save). Functions with a run
 * are parts of phases. */
#pragma once
#include "model/strategy.h"

/* LU_ERROR_REFUSED: the service does not save its state, or has some that user space cannot read. */
bool lu_warm_app_possible(const struct lu_plan *plan, GError **error);
/* A data disk with room for it, or of the size in the parameter store_mb, and the file. */
void lu_warm_app_needs(const struct lu_plan *plan, struct lu_needs *needs);
/* Refuse a data disk that is too small while the service runs. */
bool lu_warm_app_preflight(struct lu_run *run, GError **error);
/* End the service, which saves its state; save the devices; write all of it back. Claims
 * "devices.*_ns". */
bool lu_warm_app_save(struct lu_run *run, GError **error);
/* On the next kernel: the disk, the component's modules and its devices. Claims "devices.*_ns". */
bool lu_warm_app_bring_up(struct lu_run *run, GError **error);
/* Start the service, which loads its state; returns once it has. Claims "service.*_ns". */
bool lu_warm_app_start(struct lu_run *run, GError **error);
