/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that is a QEMU process: implements model/guest.h. */
#pragma once
#include "model/plan.h"
#include "model/guest.h"
#include "qemu/options.h"

/* Gets assets, builds initramfs, probes the accelerator; starts nothing yet. LU_ERROR_UNSUPPORTED
 * names what is missing. */
struct lu_guest *lu_qemu_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline,
				   const struct lu_qemu_options *options, GError **error);
