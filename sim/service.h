/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated service as the verbs see it: ended, thawed, dumped and restored. */
#pragma once
#include "sim/state.h"

/* Does the service keep files on the data disk? */
bool sim_has_files(const struct sim *sim);
/* End the service; its files stay on the data disk. */
void sim_end_service(struct sim *sim);
/* A frozen service continues. */
void sim_thaw(struct sim *sim);
/* Tell the service which versions the instances of its component have. */
void sim_tell_versions(struct sim *sim);
/* Is the component's module loaded, which has the instances? */
bool sim_has_driver(const struct sim *sim);
/* false: CRIU would refuse the service. */
bool sim_dumpable(struct sim *sim, GError **error);
/* What it has open, whatever it does: an estimate. */
#define SIM_DESCRIPTORS 13

/* Can a service be restored in this kernel, wherever its checkpoint is? buildid: the builds of mapped
 * files are compared. */
bool sim_restorable(struct sim *sim, bool buildid, GError **error);
/* Restore the service from the checkpoint in the
 * store; a stale checkpoint lacks its last writes. args: of the verb; unless its "timens" is false
 * its clocks go on where they were dumped. */
void sim_restore_service(struct sim *sim, const json_t *args);
