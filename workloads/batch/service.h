/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The batch job as the simulated guest runs it. */
#pragma once
#include "model/workload.h"

extern const struct lu_service_model lu_batch_service_model;
