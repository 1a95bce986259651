/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members of a kernel (assets.h), which sets and built trees fill. */
#pragma once
#include "assets/assets.h"

/* Takes the kernel image's path, and detects its form. */
void lu_kernel_take_image(struct lu_kernel *kernel, char *path);
/* Takes the path of the same kernel in that form, static. */
void lu_kernel_take_file(struct lu_kernel *kernel, const char *form, char *path);
/* Frees the members. */
void lu_kernel_clear(struct lu_kernel *kernel);
