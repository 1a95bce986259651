/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a guest before it is made. */
#pragma once
#include <jansson.h>
#include "model/plan.h"

/*
 * What a guest of that plan would be made of on this host now: "accelerator", "qemu" and "assets"
 * as in a result's environment.guest. What cannot be known without fetching or booting is left out,
 * as is what does not work: the run says so. New reference.
 */
json_t *lu_qemu_here(const struct lu_plan *plan);
