/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as text that a test looks at. */
#pragma once
#include "bench/report/render.h"

/* In that form; caller frees (g_free). */
char *rendered(const struct lu_document *document, lu_render *how);
