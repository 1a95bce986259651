/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated memory image of a release, as model/guest.h says. */
#pragma once
#include "sim/state.h"

const json_t *sim_image_expects(struct lu_guest *guest);
bool sim_image_load(struct lu_guest *guest, const struct lu_image_load *load, int64_t timeout_ns,
		    GError **error);
bool sim_image_rest(struct lu_guest *guest, int64_t timeout_ns, GError **error);
bool sim_image_audit(struct lu_guest *guest, char **finding, GError **error);
/* standby_switch for a standby with a memory image. */
bool sim_image_switch(struct sim *sim, int64_t timeout_ns, GError **error);
/* Size on flash, bytes, in the form that the strategy asks for. */
uint64_t sim_image_bytes(struct sim *sim);
/* For the result; NULL: the plan has no memory image. New reference. */
json_t *sim_image_describe(struct sim *sim);
