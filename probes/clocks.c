/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clocks and chance: clock_gettime(2), vdso(7), getrandom(2), times(2). A clock goes on, from where
 * it was; CRIU restores offsets where the process is in a namespace of time (time_namespaces(7)),
 * and nothing otherwise.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "probes/kit/probe.h"

#define NS_PER_S  1000000000LL
#define FORWARD_S 600 /* no upgrade takes that long */
#define BUSY_NS	  50000000LL

static int64_t was;
static clockid_t whose;
static int fd;

static int64_t now_on(clockid_t clock)
{
	struct timespec ts;

	probe_must(clock_gettime(clock, &ts), "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void goes_on(const char *what, int64_t is)
{
	probe_check(is >= was, "%s went back by %.3f s", what, (double)(was - is) / 1e9);
	probe_check(is - was < FORWARD_S * NS_PER_S, "%s went ahead by %.0f s", what,
		    (double)(is - was) / 1e9);
}

static void clock_set_up(const struct lu_probe *probe)
{
	whose = (clockid_t)probe->arg;
	was = now_on(whose);
}

static void clock_verify(const struct lu_probe *probe)
{
	goes_on("it", now_on(whose));
}

static void clock_spoil(const struct lu_probe *probe)
{
	was += NS_PER_S * 100000;
}

/* What it has used of a processor. */
static void cpu_set_up(const struct lu_probe *probe)
{
	whose = (clockid_t)probe->arg;
	while (now_on(whose) < BUSY_NS)
		;
	was = now_on(whose);
}

static void usage_set_up(const struct lu_probe *probe)
{
	struct rusage usage;

	whose = CLOCK_PROCESS_CPUTIME_ID;
	cpu_set_up(&(struct lu_probe){.arg = CLOCK_PROCESS_CPUTIME_ID});
	probe_must(getrusage(RUSAGE_SELF, &usage), "getrusage");
	was = usage.ru_minflt;
	probe_check(was > 0, "it has had no page fault");
}

static void usage_verify(const struct lu_probe *probe)
{
	struct rusage usage;

	probe_must(getrusage(RUSAGE_SELF, &usage), "getrusage");
	probe_check(usage.ru_minflt >= was, "its page faults are %ld, were %lld", usage.ru_minflt,
		    (long long)was);
}

/* When a process began, as /proc shows it: a supervisor knows processes by pid and that time. */
static int64_t start_of(pid_t pid)
{
	char path[64] = "/proc/self/stat", text[1024], *at;

	probe_read_file(path, text, sizeof(text));
	at = strrchr(text, ')');
	for (int i = 0; at && i < 20; i++)
		at = strchr(at + 1, ' ');
	return at ? strtoll(at, NULL, 10) : -1;
}

static void start_set_up(const struct lu_probe *probe)
{
	was = start_of(getpid());
}

static void start_verify(const struct lu_probe *probe)
{
	probe_same("its start time, ticks", start_of(getpid()), was);
}

/* The C library has its address, and that of the functions in it. */
static void vdso_set_up(const struct lu_probe *probe)
{
	was = (int64_t)getauxval(AT_SYSINFO_EHDR);
	probe_check(was != 0, "there is no vDSO");
	for (int i = 0; i < 100; i++)
		now_on(CLOCK_MONOTONIC);
}

static int64_t by_call(void)
{
	struct timespec ts;

	probe_must(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts), "clock_gettime");
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* It reads the new kernel's clock: by the vDSO as by a call. */
static void vdso_verify(const struct lu_probe *probe)
{
	int64_t before = by_call(), is = now_on(CLOCK_MONOTONIC), after = by_call();

	probe_same("its address", (int64_t)getauxval(AT_SYSINFO_EHDR), was);
	probe_check(is >= before && is <= after, "the vDSO's clock is another than the kernel's");
	probe_check(now_on(CLOCK_REALTIME) > 0, "it has no time");
}

static void vdso_spoil(const struct lu_probe *probe)
{
	was++;
}

/* Two copies of a process must not draw the same numbers. The kernel's are its own. */
static unsigned char drawn[32];

static void random_set_up(const struct lu_probe *probe)
{
	probe_must(getrandom(drawn, sizeof(drawn), 0), "getrandom");
	fd = (int)probe_must(open("/dev/urandom", O_RDONLY), "/dev/urandom");
}

static void random_verify(const struct lu_probe *probe)
{
	unsigned char is[32], other[32];

	probe_must(getrandom(is, sizeof(is), 0), "getrandom");
	probe_same("bytes of /dev/urandom", read(fd, other, sizeof(other)), sizeof(other));
	probe_check(memcmp(is, drawn, sizeof(is)) && memcmp(is, other, sizeof(is)),
		    "the same numbers come again");
}

const struct lu_probes lu_probes_clocks = {
	"Clocks and random numbers",
	{
		{"clock-monotonic", "CLOCK_MONOTONIC goes on", "clock_gettime(2)", 0, clock_set_up,
		 clock_verify, clock_spoil, .arg = CLOCK_MONOTONIC},
		{"clock-boottime", "CLOCK_BOOTTIME goes on", "clock_gettime(2)", 0, clock_set_up,
		 clock_verify, clock_spoil, .arg = CLOCK_BOOTTIME},
		{"clock-realtime", "CLOCK_REALTIME goes on", "clock_gettime(2)", 0, clock_set_up,
		 clock_verify, clock_spoil, .arg = CLOCK_REALTIME},
		{"clock-process", "CPU time of the process goes on", "clock_getcpuclockid(3)", 0,
		 cpu_set_up, clock_verify, clock_spoil, .arg = CLOCK_PROCESS_CPUTIME_ID},
		{"clock-thread", "CPU time of a thread goes on", "clock_gettime(2)", 0, cpu_set_up,
		 clock_verify, clock_spoil, .arg = CLOCK_THREAD_CPUTIME_ID},
		{"usage", "resource usage goes on", "getrusage(2)", 0, usage_set_up, usage_verify,
		 clock_spoil},
		{"start-time", "start time of a process", "proc(5): stat", 0, start_set_up,
		 start_verify, vdso_spoil},
		{"vdso", "vDSO", "vdso(7)", 0, vdso_set_up, vdso_verify, vdso_spoil,
		 .lacks = "a vDSO"},
		{"random", "random numbers differ after the upgrade", "getrandom(2)", 0,
		 random_set_up, random_verify},
		{},
	},
};
