/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include "tests/kit/full.h"

bool left_to_full(const char *what)
{
	if (g_getenv("LUBENCH_CHECK_FULL"))
		return false;
	g_printerr("left to bench/check --full: %s\n", what);
	return true;
}
