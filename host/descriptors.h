/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many descriptors this process may have open. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Raise the soft limit to that many if it is lower. LU_ERROR_UNSUPPORTED when the hard limit does
 * not allow it. */
bool lu_descriptors_allow(unsigned least, GError **error);
