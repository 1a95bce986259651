/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a QEMU other than the machine's own. */
#include "qemu/migration/other-qemu.h"
#include <string.h>
#include <stdbool.h>
#include "host/child.h"
#include "record/error.h"

#define VERSION_S 10 /* for a program to say its version */

/* "QEMU emulator version 7.2.22 (Debian …)"; NULL when it does not say. Caller frees. */
static char *version_of(const char *program)
{
	const char *argv[] = {program, "--version", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = VERSION_S};
	struct lu_child_result result = {};
	char *line = NULL;

	if (lu_child_run(&child, &result, NULL) && result.status == 0 && strchr(result.out, '\n'))
		line = g_strndup(result.out, strcspn(result.out, "\n"));
	lu_child_result_clear(&result);
	return line;
}

static char *other_in(const char *dir_path, const char *own, const char *version)
{
	g_autoptr(GDir) dir = g_dir_open(dir_path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(dir_path, name, NULL);

		if (!g_str_has_prefix(name, own) || !g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
			continue;
		g_autofree char *its = version_of(path);

		if (its && g_str_has_prefix(its, "QEMU") && strcmp(its, version) != 0)
			return g_steal_pointer(&path);
	}
	return NULL;
}

static char *find_other(const char *own)
{
	const char *path = g_getenv("PATH");
	g_auto(GStrv) dirs = g_strsplit(path ? path : "", ":", -1);
	g_autofree char *version = version_of(own);
	char *found = NULL;

	for (char **dir = dirs; version && *dir && !found; dir++)
		found = other_in(*dir, own, version);
	return found;
}

char *lu_other_qemu(const char *own, const char *wanted, GError **error)
{
	bool any = strcmp(wanted, "other") == 0;
	char *path = any ? find_other(own) : g_find_program_in_path(wanted);

	if (!path && any)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "target_qemu: no other version of %s on PATH", own);
	else if (!path)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "target_qemu: no %s on PATH",
			    wanted);
	return path;
}
