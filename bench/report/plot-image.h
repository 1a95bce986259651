/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy image: blackout over the size of the memory
 * image as a picture, a panel for each flash. */
#pragma once
#include "bench/report/image-fit.h"

/* Medians with the least and the most, and the fitted line of the form "raw". As lu_plot_render. */
bool lu_plot_image(const struct lu_image_fit *fit, const char *path, GError **error);
