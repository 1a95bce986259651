/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oltp service as the simulated guest runs it. */
#pragma once
#include "model/workload.h"

/*
 * Damage: "lose-write" (the last transaction is undone), "hole" (one before it is), "torn" (the
 * last one's account does not have its amount), "corrupt" (a bit of its payload flips), "swap" (the
 * last two are in reverse order), "bad-page" (the database's own check fails), "reset-counter"
 * (nothing was ever written).
 */
extern const struct lu_service_model lu_oltp_service_model;
