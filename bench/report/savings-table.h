/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "bench/report/document.h"
#include "bench/report/savings.h"

/* A row for each switch, and what all of them explain; to lu_document_free(). */
struct lu_document *lu_savings_document(const struct lu_savings *savings);
