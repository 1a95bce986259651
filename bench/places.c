/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of data, agents and saved runs; properties of this host. */
#include <string.h>
#include <sys/sysinfo.h>
#include "bench/cli.h"
#include "model/machine.h"

char *lu_cli_exe_dir(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *exe = g_file_read_link("/proc/self/exe", &error);

	if (!exe)
		return g_get_current_dir();
	return g_path_get_dirname(exe);
}

static char *existing(char *dir)
{
	if (g_file_test(dir, G_FILE_TEST_IS_DIR))
		return dir;
	g_free(dir);
	return NULL;
}

char *lu_cli_guest_dir(void)
{
	g_autofree char *exe = lu_cli_exe_dir();
	char *installed = existing(g_canonicalize_filename("../libexec/lubench", exe));

	return installed ? installed : g_steal_pointer(&exe);
}

char *lu_cli_data_dir(const char *which)
{
	const char *own = g_getenv("LUBENCH_DATA_DIR");

	/* A folder given by the user is not checked here, so that messages name it. */
	if (own && *own)
		return g_build_filename(own, which, NULL);
	g_autofree char *exe = lu_cli_exe_dir();
	char *installed = existing(g_build_filename(exe, "..", "share", "lubench", which, NULL));

	return installed ? installed : g_build_filename(LUBENCH_SOURCE_DIR, which, NULL);
}

const char *lu_cli_default_machine(void)
{
	static char *name;
	g_autofree char *dir = lu_cli_data_dir("machines");

	if (!name)
		name = lu_machine_default(dir, NULL);
	return name;
}

char *lu_cli_data_file(const char *which, const char *given)
{
	if (strchr(given, '/') || g_str_has_suffix(given, ".json") ||
	    g_file_test(given, G_FILE_TEST_IS_REGULAR))
		return g_strdup(given);
	g_autofree char *dir = lu_cli_data_dir(which);
	g_autofree char *file = g_strconcat(given, ".json", NULL);

	return g_build_filename(dir, file, NULL);
}

char *lu_cli_sweeps_dir(void)
{
	return g_build_filename(g_get_user_data_dir(), "lubench", "sweeps", NULL);
}

char *lu_cli_runs_dir(void)
{
	return g_build_filename(g_get_user_data_dir(), "lubench", "runs", NULL);
}

unsigned lu_cli_host_memory_mb(void)
{
	struct sysinfo info;

	if (sysinfo(&info) != 0)
		return 0;
	return (unsigned)(info.totalram * info.mem_unit >> 20);
}
