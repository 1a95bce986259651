/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs compared with the model of pre-copy (bench/report/knee.h) as a table. */
#pragma once
#include "bench/report/document.h"
#include "bench/report/knee.h"

/* With an error for each point: (measured - model) / model. Caller frees. */
struct lu_document *lu_knee_document(const struct lu_knee *knee);
