/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates on x86-q35 with a few of the catalogue's updates: the kernel decides, and what it
 * decides is known of these. Each cell is a run, with a guest of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

/* Its standard output, on status 0. */
static char *lubench(const char *const *argv)
{
	g_autofree char *err = NULL;
	g_autoptr(GError) error = NULL;
	char *out = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
			  &status, &error))
		fail_msg("%s", error->message);
	if (status)
		fail_msg("status %d: %s", status, err);
	return out;
}

static void check(const char *text, const char *update, const char *mechanism, const char *result)
{
	g_auto(GStrv) rows = g_strsplit(text, "\r\n", -1);
	g_autofree char *head = g_strconcat(update, ",", NULL);
	const char *quote = strchr(result, ',') ? "\"" : "";
	g_autofree char *cell = g_strdup_printf(",%s,%s%s%s,", mechanism, quote, result, quote);

	for (size_t i = 0; rows[i]; i++)
		if (g_str_has_prefix(rows[i], head) && strstr(rows[i], cell))
			return;
	fail_msg("%s by %s should be %s:\n%s", update, mechanism, result, text);
}

/* One that is refused by one mechanism and carried by the others. */
static void check_notrace(const char *text)
{
	check(text, "notrace", "livepatch", "refused");
	check(text, "notrace", "hotswap", "carried");
	check(text, "notrace", "reload", "carried, state lost");
	check(text, "notrace", "kexec", "carried, state lost");
}

static void check_others(const char *text)
{
	check(text, "fix_one", "hotswap", "carried");
	check(text, "fix_one", "livepatch", "carried");
	check(text, "fix_one", "reload", "carried, state lost");
	check(text, "fix_one", "kexec", "carried, state lost");
	check(text, "new_field", "livepatch", "carried");
	check(text, "user_interface", "hotswap", "refused");
	check(text, "user_interface", "livepatch", "carried");
}

static void remove_all(const char *dir)
{
	g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
	const char *name;

	while (entries && (name = g_dir_read_name(entries))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			remove_all(path);
		g_remove(path);
	}
}

/* The second time nothing is left to try, and the table is the same: it comes from what is saved.
 * The table, and its cells in *text. */
static char *try_updates(const char *const *names, char **text)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-updates-XXXXXX", NULL);
	g_autofree char *csv = g_build_filename(dir, "cells.csv", NULL);
	g_autofree char *runs = g_build_filename(dir, "runs", NULL);
	const char *first[16] = {
		LU_BUILD_DIR "/lubench", "updates", "--quiet", "--csv", csv, "--output", runs};
	const char *again[] = {first[0], "updates", "--from", runs, NULL};
	g_autofree char *out = NULL, *read = NULL;

	for (size_t i = 0; names[i]; i++)
		first[7 + i] = names[i];
	out = lubench(first);
	read = lubench(again);
	assert_string_equal(out, read);
	assert_true(g_file_get_contents(csv, text, NULL, NULL));
	remove_all(dir);
	g_rmdir(dir);
	return g_steal_pointer(&out);
}

static void test_one(void **state)
{
	static const char *const names[] = {"notrace", NULL};
	g_autofree char *text = NULL, *out = try_updates(names, &text);

	check_notrace(text);
	assert_null(strstr(out, "the undo"));
}

static void test_others(void **state)
{
	static const char *const names[] = {"fix_one", "new_field", "user_interface", NULL};
	g_autofree char *text = NULL, *out = NULL;

	if (left_to_full("updates fix_one, new_field and user_interface"))
		return;
	out = try_updates(names, &text);
	check_others(text);
	assert_null(strstr(out, "the undo"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_one),
					   cmocka_unit_test(test_others)};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
