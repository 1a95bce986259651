/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as a terminal shows it: what is safe to print, and how many columns it takes. */
#pragma once

/* Valid UTF-8 in which nothing acts on a terminal: control characters and those that reorder text
 * become visible escapes ("\x1b", "\u202e"); line breaks stay. Caller frees. */
char *lu_display_safe(const char *text);
/* Columns of a terminal that one line takes: wide characters 2, combining ones 0. */
int lu_display_width(const char *line);
