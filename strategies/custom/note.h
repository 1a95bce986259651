/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script printed, as a result keeps it. */
#pragma once

/* One line of at most 400 bytes, of the last lines: CRIU's warnings are only counted, and the same
 * line again and again stands once. g_free. */
char *lu_script_note(const char *output);
