/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every probe on this host: without an upgrade its resource is the same, and once it is broken on
 * purpose that is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include "workloads/probe/table.h"

#define PROGRAM LU_BUILD_DIR "/probe-native"

/* Lines "NAME VERDICT WHY"; to g_strfreev. */
static char **run(const char *probe, const char *spoil, int *status)
{
	g_autofree char *base = g_dir_make_tmp("probes-XXXXXX", NULL);
	g_autofree char *dir = g_build_filename(base, "run", NULL);
	const char *argv[] = {PROGRAM, "--probe", probe,    "--spoil", spoil,
			      "--dir", dir,	  "--disk", base,      NULL};
	const char *clean[] = {"rm", "-rf", base, NULL};
	g_autofree char *out = NULL;
	char **lines;

	/* probes that become another user write there, too */
	assert_int_equal(g_chmod(base, 0755), 0);
	assert_true(
		g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, NULL, status, NULL));
	assert_true(g_spawn_sync(NULL, (char **)clean, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				 NULL, NULL, NULL));
	lines = g_strsplit(g_strchomp(out), "\n", -1);
	return lines;
}

static bool says(const char *line, const char *name, const char *verdict)
{
	g_autofree char *head = g_strdup_printf("%s %s", name, verdict);

	return g_str_has_prefix(line, head);
}

static void all_say(const char *spoil, const char *verdict, int expected)
{
	int status;
	g_auto(GStrv) lines = run("all", spoil, &status);
	unsigned missing = 0, n = 0, wrong = 0;

	for (; lu_probe_entries[n].name; n++) {
		assert_non_null(lines[n]);
		missing += says(lines[n], lu_probe_entries[n].name, "missing");
		if (says(lines[n], lu_probe_entries[n].name, "missing"))
			print_message("%s\n", lines[n]);
		else if (!says(lines[n], lu_probe_entries[n].name, verdict) && ++wrong)
			print_error("%s, expected %s\n", lines[n], verdict);
	}
	assert_null(lines[n]);
	assert_int_equal(wrong, 0);
	assert_true(missing <= n / 3);
	assert_int_equal(WEXITSTATUS(status), expected);
}

static void test_same(void **state)
{
	all_say("off", "same", 0);
}

static void test_spoilt(void **state)
{
	all_say("on", "lost", 1);
}

static void test_unknown(void **state)
{
	int status;
	g_auto(GStrv) lines = run("no-such-probe", "off", &status);

	assert_int_equal(WEXITSTATUS(status), 2);
	assert_null(lines[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
