/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An executor as an engine with many hosts would be one: each plan is a task of its own, `lubench
 * run PLAN.json --output DIR`, two are under way at a time, and they end in another order than they
 * began in.
 */
#pragma once
#include "bench/exec/executor.h"

extern const struct lu_executor child_executor;
