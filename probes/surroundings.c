/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process has around it: umask(2), environ(7), personality(2), the working directory, the
 * root; and the ports of the machine: ioperm(2), which Landley names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static void umask_set_up(const struct lu_probe *probe)
{
	umask(0135);
}

static void umask_verify(const struct lu_probe *probe)
{
	probe_same("its umask", umask(0), 0135);
}

static void umask_spoil(const struct lu_probe *probe)
{
	umask(022);
}

/* As /proc shows it, from the stack. */
static char environment[8192];
static size_t environment_bytes;

static void environment_set_up(const struct lu_probe *probe)
{
	setenv("LUBENCH_PROBE", "in memory", 1);
	environment_bytes = probe_read_file("/proc/self/environ", environment, sizeof(environment));
}

static void environment_verify(const struct lu_probe *probe)
{
	char is[8192];

	probe_same("bytes of /proc/self/environ",
		   (long long)probe_read_file("/proc/self/environ", is, sizeof(is)),
		   (long long)environment_bytes);
	probe_same_bytes("/proc/self/environ", is, environment, environment_bytes);
	probe_check(!strcmp(getenv("LUBENCH_PROBE") ?: "", "in memory"), "a variable is gone");
}

static void environment_spoil(const struct lu_probe *probe)
{
	unsetenv("LUBENCH_PROBE");
}

static void personality_set_up(const struct lu_probe *probe)
{
	probe_must(personality(ADDR_NO_RANDOMIZE), "personality");
}

static void personality_verify(const struct lu_probe *probe)
{
	probe_same("its personality", personality(0xffffffff), ADDR_NO_RANDOMIZE);
}

static void personality_spoil(const struct lu_probe *probe)
{
	personality(0);
}

static const char *folder_of(const struct lu_probe *probe)
{
	return probe_disk(probe->name);
}

static void cwd_set_up(const struct lu_probe *probe)
{
	mkdir(folder_of(probe), 0755);
	probe_must(chdir(folder_of(probe)), "chdir");
	if (probe->arg)
		probe_must(rmdir(folder_of(probe)), "rmdir");
}

static void cwd_verify(const struct lu_probe *probe)
{
	char path[256] = "", was[300];

	probe_must(readlink("/proc/self/cwd", path, sizeof(path) - 1), "readlink");
	snprintf(was, sizeof(was), "%s%s", folder_of(probe), probe->arg ? " (deleted)" : "");
	probe_check(!strcmp(path, was), "it is %s, was %s", path, was);
}

static void cwd_spoil(const struct lu_probe *probe)
{
	probe_must(chdir("/"), "chdir");
}

static char inside[256];
static pid_t part;

static void root_take(void)
{
	probe_must(chroot(inside), "chroot");
	probe_must(chdir("/"), "chdir");
}

static _Noreturn void be_inside(void)
{
	root_take();
	probe_sleep_on();
}

static void root_set_up(const struct lu_probe *probe)
{
	snprintf(inside, sizeof(inside), "%s", folder_of(probe));
	mkdir(inside, 0755);
	part = probe_child(be_inside);
	probe_sleep_ms(50);
}

static void root_verify(const struct lu_probe *probe)
{
	char link[64], path[256] = "";

	snprintf(link, sizeof(link), "/proc/%d/root", (int)part);
	probe_must(readlink(link, path, sizeof(path) - 1), "readlink");
	probe_check(!strcmp(path, inside), "its root is %s, was %s", path, inside);
}

static void root_spoil(const struct lu_probe *probe)
{
	probe_kill(part);
}

/* A port of the machine that no driver writes to, where there are ports. */
#if __has_include(<sys/io.h>)
#include <sys/io.h>
#else
static int ioperm(unsigned long from, unsigned long n, int on)
{
	errno = ENOSYS;
	return -1;
}

static void outb(unsigned char value, unsigned short port)
{
}
#endif
#define PORT 0x80

static void ioperm_set_up(const struct lu_probe *probe)
{
	probe_must(ioperm(PORT, 1, 1), "ioperm");
}

/* An access that is not granted ends the process. */
static _Noreturn void touch_port(void)
{
	outb(0, PORT);
	_exit(0);
}

static void ioperm_verify(const struct lu_probe *probe)
{
	probe_same("how a child that writes to the port ends", probe_reap(probe_child(touch_port)),
		   0);
}

static void ioperm_spoil(const struct lu_probe *probe)
{
	ioperm(PORT, 1, 0);
}

const struct lu_probes lu_probes_surroundings = {
	"Surroundings",
	{
		{"umask", "umask", "umask(2)", 0, umask_set_up, umask_verify, umask_spoil},
		{"environment", "environment", "environ(7)", 0, environment_set_up,
		 environment_verify, environment_spoil},
		{"personality", "personality", "personality(2)", 0, personality_set_up,
		 personality_verify, personality_spoil},
		{"cwd", "working directory", "chdir(2)", PROBE_DISK, cwd_set_up, cwd_verify,
		 cwd_spoil},
		{"cwd-deleted", "working directory that was removed", "chdir(2), rmdir(2)",
		 PROBE_DISK, cwd_set_up, cwd_verify, cwd_spoil, .arg = 1},
		{"root", "root of a child", "chroot(2)", PROBE_DISK, root_set_up, root_verify,
		 root_spoil},
		{"io-ports", "right to I/O ports", "ioperm(2); Landley: I/O permissions", 0,
		 ioperm_set_up, ioperm_verify, ioperm_spoil,
		 .lacks = "I/O ports, and a kernel that grants them"},
		{},
	},
};
