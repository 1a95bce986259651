/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated service as the verbs see it: ended, going on, dumped and brought back. */
#pragma once
#include "sim/state.h"

/* There is none any more; its files stay on the data disk. */
void sim_end_service(struct sim *sim);
/* A stopped service goes on. */
void sim_thaw(struct sim *sim);
/* The service sees which versions the instances of its component have. */
void sim_tell_versions(struct sim *sim);
/* Is the component's module loaded that has the instances? */
bool sim_has_driver(const struct sim *sim);
/* false: CRIU would refuse the service. */
bool sim_dumpable(struct sim *sim, GError **error);
/* Can a service be restored in this kernel, whatever the image is in? */
bool sim_restorable(struct sim *sim, GError **error);
/* The store's image becomes the service; from before its last writes, it comes back without
 * them. */
void sim_restore_service(struct sim *sim);
