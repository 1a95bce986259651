/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program has printed, in short. */
#pragma once

/* The last four lines of output, joined by "; ": a program reports why it failed at the end. CRIU's
 * warnings are only counted. malloc'd, NULL without memory. */
char *output_tail(const char *output);
