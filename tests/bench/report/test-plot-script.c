/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reaches gnuplot is what the script says: no file or variable of the user's, and texts as they
 * are. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/report/plot-script.h"

struct folder {
	char *path;
};

static char *in(const struct folder *folder, const char *name)
{
	return g_build_filename(folder->path, name, NULL);
}

static int setup(void **state)
{
	struct folder *folder = g_new0(struct folder, 1);

	folder->path = g_dir_make_tmp("plot-XXXXXX", NULL);
	*state = folder;
	return folder->path ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = {".gnuplot", "gnuplot", "a.svg"};
	struct folder *folder = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = in(folder, names[i]);

		g_unlink(path);
	}
	g_rmdir(folder->path);
	g_free(folder->path);
	g_free(folder);
	return 0;
}

static void need_gnuplot(void)
{
	g_autofree char *gnuplot = g_find_program_in_path("gnuplot");

	if (!gnuplot)
		skip();
}

/* A picture with that label, as SVG; caller frees. */
static char *picture_of(const struct folder *folder, const char *label)
{
	g_autoptr(GString) script = g_string_new(NULL);
	g_autofree char *path = in(folder, "a.svg");
	g_autoptr(GError) error = NULL;
	char *svg = NULL;

	assert_true(lu_plot_begin(script, path, 400, 300, &error));
	g_string_append(script, "set label ");
	lu_plot_quote(script, label);
	g_string_append(script, " at 0,0\nplot [-1:1] x notitle\n");
	if (!lu_plot_render(script, path, &error))
		fail_msg("%s: %s", label, error->message);
	assert_true(g_file_get_contents(path, &svg, NULL, NULL));
	return svg;
}

static void test_no_startup_file(void **state)
{
	const struct folder *folder = *state;
	g_autofree char *startup = in(folder, ".gnuplot");

	need_gnuplot();
	assert_true(
		g_file_set_contents(startup, "set label 'mine' at 0,0\nprint 'mine'\n", -1, NULL));
	g_setenv("HOME", folder->path, TRUE);
	g_setenv("GNUTERM", "nonsense", TRUE);
	g_setenv("GNUPLOT_FONTPATH", "/nonsense", TRUE);
	g_autofree char *svg = picture_of(folder, "ours");

	assert_non_null(strstr(svg, "ours"));
	assert_null(strstr(svg, "mine"));
}

static void test_odd_labels(void **state)
{
	static const struct {
		const char *label, *in_svg;
	} odd[] = {
		{"'quoted' it's", ">&apos;quoted&apos; it&apos;s<"},
		{"\"double\"", "double"},
		{"back\\nslash \\", ">back\\nslash \\<"},
		{"two\nlines\r\033[31m", ">two lines  [31m<"},
		{"{/Bold x}_2^3 @a", ">{/Bold x}_2^3 @a<"},
		{"`touch oops`", ">`touch oops`<"},
		{"100 %d %s", ">100 %d %s<"},
	};

	need_gnuplot();
	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autofree char *svg = picture_of(*state, odd[i].label);
		g_auto(GStrv) parts = g_strsplit(svg, "'", -1);
		g_autofree char *text = g_strjoinv("&apos;", parts);

		if (!strstr(text, odd[i].in_svg))
			fail_msg("%s is not in the picture as %s", odd[i].label, odd[i].in_svg);
	}
	assert_int_equal(access("oops", F_OK), -1);
}

static void test_error_is_told(void **state)
{
	g_autoptr(GString) script = g_string_new("no such command\n");
	g_autoptr(GError) error = NULL;
	g_autofree char *path = in(*state, "a.svg");

	need_gnuplot();
	assert_false(lu_plot_render(script, path, &error));
	assert_non_null(strstr(error->message, "gnuplot: "));
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_startup_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_odd_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_error_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
