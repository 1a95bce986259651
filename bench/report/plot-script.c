/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing a gnuplot script, and running gnuplot on it. */
#include "bench/report/plot-script.h"
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include "record/error.h"

#define FONT	   "DejaVu Sans"
#define PATIENCE_S 120 /* for one picture */

const char *lu_plot_colour(unsigned index)
{
	static const char *const colours[] = {"#56B4E9", "#E69F00", "#F0E442", "#D55E00",
					      "#CC79A7", "#009E73", "#999999", "#0072B2"};

	return colours[index % G_N_ELEMENTS(colours)];
}

const char *lu_plot_contrast(unsigned index)
{
	static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
					      "#E69F00", "#56B4E9", "#222222", "#8C8C8C"};

	return colours[index % G_N_ELEMENTS(colours)];
}

/* Between double quotes, since gnuplot 5.4 takes a text between single ones that begins with one for
 * three words. There it would run what is between back quotes. */
void lu_plot_quote(GString *script, const char *text)
{
	g_string_append_c(script, '"');
	for (; *text; text++) {
		if (strchr("\"\\`", *text))
			g_string_append_printf(script, "\\%03o", (unsigned)*text);
		else /* A newline would end the command. */
			g_string_append_c(script, g_ascii_iscntrl(*text) ? ' ' : *text);
	}
	g_string_append_c(script, '"');
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

/* A gnuplot of defaults: the user's start-up file and variables would be in the picture. */
static GSubprocess *start(GError **error)
{
	const char *argv[] = {"gnuplot", "-d", NULL};
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
		G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_auto(GStrv) names = g_listenv();
	GSubprocess *gnuplot;

	for (char **name = names; *name; name++)
		if (g_str_has_prefix(*name, "GNU") || g_str_has_prefix(*name, "FIT_"))
			g_subprocess_launcher_unsetenv(launcher, *name);
	gnuplot = g_subprocess_launcher_spawnv(launcher, argv, NULL);
	if (!gnuplot)
		g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "gnuplot is not here: apt-get install gnuplot-nox");
	return gnuplot;
}

struct drawing {
	GMainLoop *loop;
	GCancellable *late;
	GBytes *picture, *messages;
	GError *error;
};

static void drawn(GObject *gnuplot, GAsyncResult *result, gpointer data)
{
	struct drawing *drawing = data;

	g_subprocess_communicate_finish(G_SUBPROCESS(gnuplot), result, &drawing->picture,
					&drawing->messages, &drawing->error);
	g_main_loop_quit(drawing->loop);
}

static gboolean expired(gpointer data)
{
	struct drawing *drawing = data;

	g_cancellable_cancel(drawing->late);
	return G_SOURCE_REMOVE;
}

/* Feed it the script, and wait so long. */
static void draw(struct drawing *drawing, GSubprocess *gnuplot, const GString *script)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GBytes) in = g_bytes_new(script->str, script->len);
	g_autoptr(GSource) timer = g_timeout_source_new_seconds(PATIENCE_S);

	g_main_context_push_thread_default(context);
	drawing->loop = g_main_loop_new(context, FALSE);
	drawing->late = g_cancellable_new();
	g_source_set_callback(timer, expired, drawing, NULL);
	g_source_attach(timer, context);
	g_subprocess_communicate_async(gnuplot, in, drawing->late, drawn, drawing);
	g_main_loop_run(drawing->loop);
	g_source_destroy(timer);
	g_main_context_pop_thread_default(context);
	g_subprocess_force_exit(gnuplot);
	g_subprocess_wait(gnuplot, NULL, NULL);
}

static bool judge(const struct drawing *drawing, GSubprocess *gnuplot, const char *path,
		  GError **error)
{
	gsize size = 0;
	const char *text = drawing->messages ? g_bytes_get_data(drawing->messages, &size) : NULL;

	if (g_cancellable_is_cancelled(drawing->late))
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "gnuplot did not end within %d seconds", PATIENCE_S);
	else if (drawing->error)
		g_propagate_error(error, g_error_copy(drawing->error));
	else if (!g_subprocess_get_successful(gnuplot))
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "gnuplot: %.*s", (int)MIN(size, 400),
			    size ? text : "failed");
	else
		return write_picture(drawing->picture, path, error);
	return false;
}

bool lu_plot_render(const GString *script, const char *path, GError **error)
{
	struct drawing drawing = {};
	g_autoptr(GSubprocess) gnuplot = start(error);

	if (!gnuplot)
		return false;
	draw(&drawing, gnuplot, script);
	bool done = judge(&drawing, gnuplot, path, error);

	g_clear_pointer(&drawing.picture, g_bytes_unref);
	g_clear_pointer(&drawing.messages, g_bytes_unref);
	g_clear_error(&drawing.error);
	g_object_unref(drawing.late);
	g_main_loop_unref(drawing.loop);
	return done;
}
