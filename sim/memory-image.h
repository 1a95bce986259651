/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated image of a release, as model/guest.h has it. */
#pragma once
#include "sim/state.h"

const json_t *sim_image_expects(struct lu_guest *guest);
bool sim_image_load(struct lu_guest *guest, const struct lu_image_load *load, int64_t timeout_ns,
		    GError **error);
bool sim_image_rest(struct lu_guest *guest, int64_t timeout_ns, GError **error);
bool sim_image_audit(struct lu_guest *guest, char **finding, GError **error);
/* standby_switch of a standby with an image. */
bool sim_image_switch(struct sim *sim, int64_t timeout_ns, GError **error);
/* Bytes on the flash, as the strategy wants its image. */
uint64_t sim_image_bytes(struct sim *sim);
/* For the result; NULL: no image is wanted. New reference. */
json_t *sim_image_describe(struct sim *sim);
