/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal: what is safe to print, and its width. */
#pragma once
#include <stdio.h>

/* Valid UTF-8 without effects on a terminal: control characters and those that reorder text become
 * visible escapes ("\x1b", "\u202e"); line breaks stay. Caller frees. */
char *lu_display_safe(const char *text);
/* The same on one line: line breaks become escapes, too. Caller frees. */
char *lu_display_line(const char *text);
/* What is printed to the stream from here on is made safe and goes to out when it is closed by
 * lu_display_close(): for text that holds words of guests and files. Not NULL. */
struct lu_display *lu_display_open(FILE *out, FILE **stream);
void lu_display_close(struct lu_display *display);
/* Columns of a terminal that one line takes: wide characters 2, combining ones 0. */
int lu_display_width(const char *line);
/* One line padded with blanks to that many columns as printf's %*s pads bytes: before it, or after
 * it when columns is negative. Caller frees. */
char *lu_display_pad(const char *line, int columns);
