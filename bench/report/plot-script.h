/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gnuplot script as text, and gnuplot run on it: data goes in blocks of the script, so there are
 * no temporary files. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Colours that the colour-blind tell apart (Okabe and Ito, 2008), one a phase kind and on. */
const char *lu_plot_colour(unsigned index);
#define LU_PLOT_INK  "#222222"
#define LU_PLOT_BLUE "#0072B2"
#define LU_PLOT_RED  "#D00000"
#define LU_PLOT_GREY "#8C8C8C"

/* Append text as a gnuplot string: 'quoted', taken literally. */
void lu_plot_quote(GString *script, const char *text);
/*
 * Begin a script for that picture: the terminal by the suffix of path (.svg, .png, .pdf), sizes in
 * units of a 1000-wide canvas, and a style shared by all. LU_ERROR_USAGE: another suffix.
 */
bool lu_plot_begin(GString *script, const char *path, unsigned width, unsigned height,
		   GError **error);
/* Run it and write the picture to path (beside, then renamed). LU_ERROR_UNSUPPORTED: no gnuplot. */
bool lu_plot_render(const GString *script, const char *path, GError **error);
