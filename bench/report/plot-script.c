/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a gnuplot script, and running gnuplot on it. */
#include "bench/report/plot-script.h"
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include "record/error.h"

#define FONT "DejaVu Sans"

const char *lu_plot_colour(unsigned index)
{
	static const char *const colours[] = {"#56B4E9", "#E69F00", "#F0E442", "#D55E00",
					      "#CC79A7", "#009E73", "#999999", "#0072B2"};

	return colours[index % G_N_ELEMENTS(colours)];
}

void lu_plot_quote(GString *script, const char *text)
{
	g_string_append_c(script, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			g_string_append_c(script, '\'');
		/* A newline in a quoted string would end the command. */
		g_string_append_c(script, *text == '\n' ? ' ' : *text);
	}
	g_string_append_c(script, '\'');
}

static const struct terminal {
	const char *suffix, *name, *unit;
	double scale; /* units a pixel */
	const char *font;
} terminals[] = {
	{".svg", "svg background '#ffffff' dynamic", "", 1, FONT ",13"},
	{".png", "pngcairo background '#ffffff'", "", 1.6, FONT ",13"},
	{".pdf", "pdfcairo background '#ffffff'", "cm", 0.026, FONT ",9"},
};

bool lu_plot_begin(GString *script, const char *path, unsigned width, unsigned height,
		   GError **error)
{
	const struct terminal *terminal = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(terminals); i++)
		if (g_str_has_suffix(path, terminals[i].suffix))
			terminal = &terminals[i];
	if (!terminal) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--output: \"%s\": allowed are names that end in .svg, .png or .pdf",
			    path);
		return false;
	}
	g_string_append_printf(script, "set terminal %s size %g%s,%g%s font '%s'%s noenhanced\n",
			       terminal->name, width * terminal->scale, terminal->unit,
			       height * terminal->scale, terminal->unit, terminal->font,
			       strcmp(terminal->suffix, ".png") == 0 ? " fontscale 1.35" : "");
	g_string_append(script, "set encoding utf8\n"
				"set border 3 lc rgb '" LU_PLOT_INK "' lw 1\n"
				"set tics nomirror out textcolor rgb '" LU_PLOT_INK "'\n"
				"set grid ytics lc rgb '#DDDDDD' lt 1 lw 0.6\n");
	return true;
}

static bool write_picture(GBytes *picture, const char *path, GError **error)
{
	gsize size;
	const char *data = g_bytes_get_data(picture, &size);

	if (size)
		return g_file_set_contents(path, data, (gssize)size, error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: gnuplot wrote no picture", path);
	return false;
}

bool lu_plot_render(const GString *script, const char *path, GError **error)
{
	g_autoptr(GSubprocess) gnuplot =
		g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
					 G_SUBPROCESS_FLAGS_STDERR_PIPE,
				 NULL, "gnuplot", NULL);
	g_autoptr(GBytes) in = g_bytes_new(script->str, script->len), out = NULL, messages = NULL;

	if (!gnuplot) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "gnuplot is not installed: apt-get install gnuplot-nox");
		return false;
	}
	if (!g_subprocess_communicate(gnuplot, in, NULL, &out, &messages, error))
		return false;
	if (g_subprocess_get_successful(gnuplot))
		return write_picture(out, path, error);
	gsize size;
	const char *text = g_bytes_get_data(messages, &size);

	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "gnuplot: %.*s", (int)MIN(size, 400),
		    text ? text : "failed");
	return false;
}
