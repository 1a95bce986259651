/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules by feature: /etc/lubench/modules/FEATURE names their files in load order. */
#pragma once
#include <stddef.h>

/* Loads those of a feature, with more words for the load of each. Number of modules loaded (those
 * that were there already do not count), or -1 with the reason in why. */
int modules_load_feature(const char *feature, const char *more, char *why, size_t size);
