/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blackout over the size of the memory image (bench/report/image-fit.h) as tables. */
#pragma once
#include "bench/report/document.h"
#include "bench/report/image-fit.h"

/* A table of the points, and one of the lines through them. Caller frees. */
struct lu_document *lu_image_fit_document(const struct lu_image_fit *fit);
