/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every probe on this host, family by family: without an upgrade its resource is the same, and once
 * it is broken on purpose that is noticed. Missing may only be what the probe's table says that a
 * machine may be without. */
#include <string.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include "tests/kit/cmocka-all.h"
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

/* All probes at once, whole and broken on purpose: they mostly sleep. */
static struct {
	const char *spoil, *verdict;
	int status, expected;
	char **lines;
} runs[] = {{"off", "same", 0, 0, NULL}, {"on", "lost", 0, 1, NULL}};

static int run_all(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(runs); i++)
		runs[i].lines = run("all", runs[i].spoil, &runs[i].status);
	return 0;
}

static int forget_all(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(runs); i++)
		g_strfreev(runs[i].lines);
	return 0;
}

static bool says(const char *line, const char *name, const char *verdict)
{
	g_autofree char *head = g_strdup_printf("%s %s", name, verdict);

	return g_str_has_prefix(line, head);
}

/* This process has all there are, as in a guest: what it is refused is refused to everybody. */
static bool has_all_capabilities(void)
{
	g_autofree char *status = NULL, *last = NULL;
	const char *effective;

	assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
	assert_true(g_file_get_contents("/proc/sys/kernel/cap_last_cap", &last, NULL, NULL));
	effective = strstr(status, "CapEff:");
	assert_non_null(effective);
	return g_ascii_strtoull(effective + strlen("CapEff:"), NULL, 16) ==
	       (2ULL << g_ascii_strtoull(last, NULL, 10)) - 1;
}

/* Why a resource may be missing here; NULL: it may not. */
static const char *excuse(const struct lu_probe_entry *entry, const char *line)
{
	bool denied = g_str_has_suffix(line, "Operation not permitted") ||
		      g_str_has_suffix(line, "Permission denied");

	if (entry->guest && g_str_has_suffix(line, "tried in guests only"))
		return "a kernel of its own";
	if (denied && !has_all_capabilities())
		return "a privilege that this process does not have";
	return entry->lacks;
}

/* Whether the line is as it should be; missing resources are printed with their excuse. */
static bool is_right(const struct lu_probe_entry *entry, const char *line, const char *verdict)
{
	const char *why;

	if (says(line, entry->name, verdict))
		return true;
	why = says(line, entry->name, "missing") ? excuse(entry, line) : NULL;
	if (why)
		print_message("%s (%s)\n", line, why);
	else
		print_error("%s, expected %s\n", line, verdict);
	return why != NULL;
}

static void test_family(void **state)
{
	const char *family = *state;
	unsigned wrong = 0, n = 0;

	for (size_t r = 0; r < G_N_ELEMENTS(runs); r++)
		for (guint i = 0; lu_probe_entries[i].name; i++) {
			if (!g_str_equal(lu_probe_entries[i].family, family))
				continue;
			assert_true(i < g_strv_length(runs[r].lines));
			wrong += !is_right(&lu_probe_entries[i], runs[r].lines[i], runs[r].verdict);
			n++;
		}
	assert_true(n > 0);
	assert_int_equal(wrong, 0);
}

/* A line for each, the status of the worst, and most of them to be had. */
static void test_all(void **state)
{
	guint n = 0, missing = 0;

	while (lu_probe_entries[n].name)
		n++;
	for (size_t r = 0; r < G_N_ELEMENTS(runs); r++) {
		assert_int_equal(g_strv_length(runs[r].lines), n);
		assert_int_equal(WEXITSTATUS(runs[r].status), runs[r].expected);
	}
	for (guint i = 0; i < n; i++)
		missing += says(runs[0].lines[i], lu_probe_entries[i].name, "missing");
	assert_true(missing <= n / 3);
}

static void test_unknown(void **state)
{
	int status;
	g_auto(GStrv) lines = run("no-such-probe", "off", &status);

	assert_int_equal(WEXITSTATUS(status), 2);
	assert_null(lines[0]);
}

/* Titles, in the order of the table. */
static GPtrArray *families(void)
{
	GPtrArray *titles = g_ptr_array_new();

	for (const struct lu_probe_entry *entry = lu_probe_entries; entry->name; entry++)
		if (!g_ptr_array_find_with_equal_func(titles, entry->family, g_str_equal, NULL))
			g_ptr_array_add(titles, (gpointer)entry->family);
	return titles;
}

/* A file of the folder, a family of the table. */
static void test_folder(void **state)
{
	g_autoptr(GDir) dir = g_dir_open(LU_SOURCE_DIR "/probes", 0, NULL);
	g_autoptr(GPtrArray) titles = families();
	const char *name;
	guint files = 0;

	while ((name = g_dir_read_name(dir)))
		files += g_str_has_suffix(name, ".c");
	assert_int_equal(titles->len, files);
}

int main(void)
{
	g_autoptr(GPtrArray) titles = families();
	const struct CMUnitTest fixed[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_folder),
	};
	g_autofree struct CMUnitTest *tests =
		g_new0(struct CMUnitTest, G_N_ELEMENTS(fixed) + titles->len);

	memcpy(tests, fixed, sizeof(fixed));
	for (guint i = 0; i < titles->len; i++)
		tests[G_N_ELEMENTS(fixed) + i] = (struct CMUnitTest){
			.name = titles->pdata[i],
			.test_func = test_family,
			.initial_state = titles->pdata[i],
		};
	return _cmocka_run_group_tests("probes", tests, G_N_ELEMENTS(fixed) + titles->len, run_all,
				       forget_all);
}
