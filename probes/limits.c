/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process is granted and how it is scheduled: getrlimit(2), nice(2), sched(7), ioprio_set(2),
 * cgroups(7), oom_score_adj in proc(5); and what it has around it: umask(2), environ(7),
 * personality(2), the working directory, the root, ioperm(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes/kit/probe.h"

static void rlimits_set_up(const struct lu_probe *probe)
{
	for (int i = 0; i < 3; i++) {
		static const __rlimit_resource_t which[] = {RLIMIT_NOFILE, RLIMIT_CORE,
							    RLIMIT_STACK};
		const struct rlimit limit = {200 + (rlim_t)i * 12345, 300 + (rlim_t)i * 23456};

		probe_must(setrlimit(which[i], &limit), "setrlimit");
	}
}

static void rlimits_verify(const struct lu_probe *probe)
{
	static const __rlimit_resource_t which[] = {RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_STACK};

	for (int i = 0; i < 3; i++) {
		struct rlimit is;

		probe_must(getrlimit(which[i], &is), "getrlimit");
		probe_same("a limit", (long long)is.rlim_cur, 200 + (long long)i * 12345);
		probe_same("its highest value", (long long)is.rlim_max, 300 + (long long)i * 23456);
	}
}

static void rlimits_spoil(const struct lu_probe *probe)
{
	const struct rlimit limit = {100, 100};

	setrlimit(RLIMIT_CORE, &limit);
}

static void nice_set_up(const struct lu_probe *probe)
{
	probe_must(setpriority(PRIO_PROCESS, 0, 7), "setpriority");
	probe_must(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
			   IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6)),
		   "ioprio_set");
}

static void nice_verify(const struct lu_probe *probe)
{
	probe_same("its niceness", getpriority(PRIO_PROCESS, 0), 7);
	if (probe->arg)
		probe_same("its priority for disks", syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0),
			   IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
}

static void nice_spoil(const struct lu_probe *probe)
{
	setpriority(PRIO_PROCESS, 0, 8);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 1));
}

static void policy_set_up(const struct lu_probe *probe)
{
	const struct sched_param param = {.sched_priority = (int)probe->other};

	probe_must(sched_setscheduler(0, (int)probe->arg, &param), "sched_setscheduler");
}

static void policy_verify(const struct lu_probe *probe)
{
	struct sched_param is;

	probe_same("its policy", sched_getscheduler(0), probe->arg);
	probe_must(sched_getparam(0, &is), "sched_getparam");
	probe_same("its priority", is.sched_priority, probe->other);
}

static void policy_spoil(const struct lu_probe *probe)
{
	const struct sched_param param = {0};

	sched_setscheduler(0, SCHED_OTHER, &param);
}

static cpu_set_t cpus;

static void affinity_set_up(const struct lu_probe *probe)
{
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	probe_must(sched_setaffinity(0, sizeof(cpus), &cpus), "sched_setaffinity");
}

static void affinity_verify(const struct lu_probe *probe)
{
	cpu_set_t is;

	probe_must(sched_getaffinity(0, sizeof(is), &is), "sched_getaffinity");
	probe_same_bytes("its processors", &is, &cpus, sizeof(is));
}

/* Another set, as far as this program knows: with one processor there is no other. */
static void affinity_spoil(const struct lu_probe *probe)
{
	CPU_SET(5, &cpus);
}

static void oom_set_up(const struct lu_probe *probe)
{
	probe_write_file("/proc/self/oom_score_adj", "321");
}

static void oom_verify(const struct lu_probe *probe)
{
	char text[16];

	probe_read_file("/proc/self/oom_score_adj", text, sizeof(text));
	probe_same("its OOM score", strtol(text, NULL, 10), 321);
}

static void oom_spoil(const struct lu_probe *probe)
{
	probe_write_file("/proc/self/oom_score_adj", "400");
}

static void slack_set_up(const struct lu_probe *probe)
{
	probe_must(prctl(PR_SET_TIMERSLACK, 123456), "PR_SET_TIMERSLACK");
}

static void slack_verify(const struct lu_probe *probe)
{
	probe_same("its timer slack, ns", prctl(PR_GET_TIMERSLACK), 123456);
}

static void slack_spoil(const struct lu_probe *probe)
{
	prctl(PR_SET_TIMERSLACK, 1);
}

static void thp_set_up(const struct lu_probe *probe)
{
	probe_must(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), "PR_SET_THP_DISABLE");
}

static void thp_verify(const struct lu_probe *probe)
{
	probe_same("PR_SET_THP_DISABLE", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
}

static void thp_spoil(const struct lu_probe *probe)
{
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}

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

/* Version 2. */
#define CGROUPS "/sys/fs/cgroup"

static void cgroup_set_up(const struct lu_probe *probe)
{
	char text[32];

	if (mount("cgroup2", CGROUPS, "cgroup2", 0, NULL) < 0 && errno != EBUSY)
		probe_lost("cgroup2: %s", strerror(errno));
	if (mkdir(CGROUPS "/probe", 0755) < 0 && errno != EEXIST)
		probe_lost("mkdir: %s", strerror(errno));
	snprintf(text, sizeof(text), "%d", (int)getpid());
	probe_write_file(CGROUPS "/probe/cgroup.procs", text);
}

static void cgroup_verify(const struct lu_probe *probe)
{
	char text[256];

	probe_read_file("/proc/self/cgroup", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	probe_check(strstr(text, "0::/probe") != NULL, "it is in %s, was in 0::/probe", text);
}

static void cgroup_spoil(const struct lu_probe *probe)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	probe_write_file(CGROUPS "/cgroup.procs", text);
}

const struct lu_probes lu_probes_limits = {
	"Limits, scheduling and surroundings",
	{
		{"rlimits", "resource limits", "getrlimit(2)", 0, rlimits_set_up, rlimits_verify,
		 rlimits_spoil},
		{"nice", "niceness", "nice(2)", 0, nice_set_up, nice_verify, nice_spoil},
		{"io-priority", "priority for disks", "ioprio_set(2)", 0, nice_set_up, nice_verify,
		 nice_spoil, .arg = 1},
		{"policy-fifo", "realtime scheduling", "sched(7): SCHED_FIFO", 0, policy_set_up,
		 policy_verify, policy_spoil, .arg = SCHED_FIFO, .other = 5},
		{"policy-batch", "batch scheduling", "sched(7): SCHED_BATCH", 0, policy_set_up,
		 policy_verify, policy_spoil, .arg = SCHED_BATCH},
		{"policy-idle", "idle scheduling", "sched(7): SCHED_IDLE", 0, policy_set_up,
		 policy_verify, policy_spoil, .arg = SCHED_IDLE},
		{"affinity", "processor affinity", "sched_setaffinity(2)", 0, affinity_set_up,
		 affinity_verify, affinity_spoil},
		{"oom-score", "OOM score", "proc(5): oom_score_adj", 0, oom_set_up, oom_verify,
		 oom_spoil},
		{"timer-slack", "timer slack", "prctl(2): PR_SET_TIMERSLACK", 0, slack_set_up,
		 slack_verify, slack_spoil},
		{"thp-disable", "no transparent huge pages", "prctl(2): PR_SET_THP_DISABLE", 0,
		 thp_set_up, thp_verify, thp_spoil},
		{"cgroup", "cgroup v2", "cgroups(7)", PROBE_GUEST, cgroup_set_up, cgroup_verify,
		 cgroup_spoil, .lacks = "CONFIG_CGROUPS"},
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
		 .lacks = "an architecture with I/O ports, CONFIG_X86_IOPL_IOPERM"},
		{},
	},
};
