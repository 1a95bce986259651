/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the host, whatever the machine: programs, files, memory. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/check.h"
#include "bench/cli.h"
#include "host/child.h"
#include "qemu/vm/accel.h"

#define GUEST_MARGIN_MB 512

void lu_check_free(struct lu_check *check)
{
	g_free(check->name);
	g_free(check->detail);
	g_free(check->advice);
	g_free(check);
}

void lu_check_add(GPtrArray *checks, const char *name, bool needed, bool ok, char *detail,
		  const char *advice)
{
	struct lu_check *check = g_new0(struct lu_check, 1);

	check->name = g_strdup(name);
	check->ok = ok;
	check->needed = needed;
	check->detail = detail;
	check->advice = ok ? NULL : g_strdup(advice);
	g_ptr_array_add(checks, check);
}

static char *first_line(char *text)
{
	char *newline = text ? strchr(text, '\n') : NULL;

	if (newline)
		*newline = '\0';
	return text;
}

void lu_check_program(GPtrArray *checks, const char *program, unsigned within_s, bool needed,
		      const char *advice)
{
	const char *argv[] = {program, "--version", NULL};
	const struct lu_child child = {.argv = argv, .timeout_s = within_s};
	struct lu_child_result result = {};
	g_autoptr(GError) error = NULL;
	bool ok = lu_child_run(&child, &result, &error);
	char *out;

	if (!ok)
		out = g_strdup(error->message);
	else if ((ok = result.status == 0))
		out = g_steal_pointer(&result.out);
	else
		out = g_strdup_printf("%s --version: exit status %d", program, result.status);
	lu_child_result_clear(&result);
	lu_check_add(checks, program, needed, ok, first_line(out), advice);
}

/* The nearest folder above path that exists. Caller frees. */
static char *existing_parent(const char *path)
{
	char *dir = g_strdup(path);

	while (!g_file_test(dir, G_FILE_TEST_IS_DIR)) {
		char *up = g_path_get_dirname(dir);

		g_free(dir);
		dir = up;
	}
	return dir;
}

/* Results are written to an unnamed file (O_TMPFILE) and linked when complete; not every file
 * system can. */
static void check_tmpfile(GPtrArray *checks)
{
	g_autofree char *runs = lu_cli_runs_dir();
	g_autofree char *dir = existing_parent(runs);
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	lu_check_add(checks, "O_TMPFILE", true, fd >= 0,
		     fd >= 0 ? g_strdup(dir) : g_strdup_printf("%s: %s", dir, g_strerror(errno)),
		     "set XDG_DATA_HOME to a writable folder on ext4, xfs, btrfs or tmpfs");
	if (fd >= 0)
		close(fd);
}

static unsigned available_mb(void)
{
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents("/proc/meminfo", &text, NULL, NULL))
		return 0;
	line = strstr(text, "MemAvailable:");
	return line ? (unsigned)(g_ascii_strtoull(line + strlen("MemAvailable:"), NULL, 10) / 1024)
		    : 0;
}

void lu_check_memory(GPtrArray *checks, const struct lu_machine *machine, bool needed)
{
	g_autofree char *name = g_strdup_printf("%s memory", machine->name);
	g_autofree char *advice = g_strdup_printf("free memory: a guest needs its own %u MB and %u "
						  "MB for QEMU; --memory makes the guest smaller",
						  machine->memory_mb, GUEST_MARGIN_MB);
	unsigned free_mb = available_mb();

	lu_check_add(checks, name, needed, free_mb >= machine->memory_mb + GUEST_MARGIN_MB,
		     g_strdup_printf("%u MB available, the guest needs %u MB", free_mb,
				     machine->memory_mb),
		     advice);
}

/* Its absence is no failure: everything runs under TCG, slower. */
static void check_kvm(GPtrArray *checks)
{
	const char *why;
	bool ok = lu_accel_kvm_works(&why);

	lu_check_add(checks, "KVM", false, ok, g_strdup(why),
		     "nothing to do: guests run under TCG, slower but otherwise the same");
}

void lu_check_host(GPtrArray *checks)
{
	lu_check_program(checks, "apt-get", LU_CHECK_VERSION_S, true,
			 "lubench fetches guests' packages with apt: use Debian 12 or later");
	lu_check_program(checks, "gnuplot", LU_CHECK_VERSION_S, false,
			 "apt-get install gnuplot-nox (for lubench plot)");
	check_tmpfile(checks);
	check_kvm(checks);
}
