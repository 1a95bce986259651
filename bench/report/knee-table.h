/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs beside the model of pre-copy (bench/report/knee.h) as a table. */
#pragma once
#include "bench/report/document.h"
#include "bench/report/knee.h"

/* An error a point: (measured - model) / model. Caller frees. */
struct lu_document *lu_knee_document(const struct lu_knee *knee);
