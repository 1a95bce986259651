/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a gnuplot script and runs gnuplot on it: data are blocks in the script, so there are no
 * temporary files. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Colours that colour-blind readers can distinguish (Okabe and Ito, 2008): one for each kind of
 * phase, and some more. */
const char *lu_plot_colour(unsigned index);
/* For lines on white: without those of them that are too light. */
const char *lu_plot_contrast(unsigned index);
#define LU_PLOT_INK  "#222222"
#define LU_PLOT_BLUE "#0072B2"
#define LU_PLOT_RED  "#D00000"
#define LU_PLOT_GREY "#8C8C8C"

/* Append text as a gnuplot string that means just that, whatever it holds; control characters
 * become spaces. */
void lu_plot_quote(GString *script, const char *text);
/*
 * Begin a script for a picture: the terminal by the suffix of path (.svg, .png, .pdf), sizes in
 * units of a canvas that is 1000 wide, and the common style. LU_ERROR_USAGE: another suffix.
 */
bool lu_plot_begin(GString *script, const char *path, unsigned width, unsigned height,
		   GError **error);
/* Run it and write the picture to path (to a temporary file, then renamed). LU_ERROR_UNSUPPORTED:
 * no gnuplot. */
bool lu_plot_render(const GString *script, const char *path, GError **error);
