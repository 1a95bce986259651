/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates on x86-q35 with a few of the catalogue's updates: the kernel decides, and what it
 * decides is known of these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include "tests/runs/run.h"

static char *cells(const char *csv)
{
	static const char command[] = LU_BUILD_DIR "/lubench";
	const char *argv[] = {command,	   "updates", "--quiet",  "--csv",	    csv, "fix_one",
			      "new_field", "notrace", "refcount", "user_interface", NULL};
	g_autofree char *out = NULL, *err = NULL;
	g_autoptr(GError) error = NULL;
	char *text = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
			  &status, &error))
		fail_msg("%s", error->message);
	if (status || !g_file_get_contents(csv, &text, NULL, &error))
		fail_msg("status %d: %s", status, err);
	return text;
}

static void check(const char *text, const char *update, const char *mechanism, const char *result)
{
	g_auto(GStrv) rows = g_strsplit(text, "\r\n", -1);
	g_autofree char *head = g_strconcat(update, ",", NULL);
	g_autofree char *due = g_strdup_printf(",%s,\"%s\",", mechanism, result);

	for (size_t i = 0; rows[i]; i++)
		if (g_str_has_prefix(rows[i], head) && strstr(rows[i], due))
			return;
	fail_msg("%s by %s should be %s:\n%s", update, mechanism, result, text);
}

static void test_cells(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-updates-XXXXXX", NULL);
	g_autofree char *csv = g_build_filename(dir, "cells.csv", NULL);
	g_autofree char *text = cells(csv);

	check(text, "fix_one", "hotswap", "carried");
	check(text, "fix_one", "livepatch", "carried");
	check(text, "fix_one", "reload", "carried, state lost");
	check(text, "fix_one", "kexec", "carried, state lost");
	check(text, "new_field", "livepatch", "carried");
	check(text, "refcount", "hotswap", "carried");
	check(text, "notrace", "livepatch", "refused");
	check(text, "notrace", "hotswap", "carried");
	check(text, "user_interface", "hotswap", "refused");
	check(text, "user_interface", "livepatch", "carried");
	g_remove(csv);
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells)};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
