/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a process is scheduled: nice(2), ioprio_set(2), sched(7), sched_setaffinity(2), prctl(2). */
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes/kit/probe.h"

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

const struct lu_probes lu_probes_scheduling = {
	"Scheduling",
	{
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
		{"timer-slack", "timer slack", "prctl(2): PR_SET_TIMERSLACK", 0, slack_set_up,
		 slack_verify, slack_spoil},
		{},
	},
};
