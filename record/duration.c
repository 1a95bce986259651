/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as text for people. */
#include "record/duration.h"
#include <glib.h>
#include <math.h>

char *lu_duration_text(int64_t ns)
{
	double size = fabs((double)ns);

	if (ns == 0)
		return g_strdup("0");
	if (size < 1e6)
		return g_strdup_printf("%.3g µs", (double)ns / 1e3);
	if (size < 1e9)
		return g_strdup_printf("%.4g ms", (double)ns / 1e6);
	return g_strdup_printf("%.3f s", (double)ns / 1e9);
}
