/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules by feature: /etc/lubench/modules/FEATURE names their files in load order. */
#pragma once
#include <stddef.h>

/* Loads the modules of a feature, each with more parameters. Returns the number of modules loaded,
 * without those that were loaded already, or -1 with the reason in why. */
int modules_load_feature(const char *feature, const char *more, char *why, size_t size);
