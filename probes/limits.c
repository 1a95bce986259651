/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process is granted: getrlimit(2), oom_score_adj in proc(5), prctl(2), cgroups(7). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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
	"Limits",
	{
		{"rlimits", "resource limits", "getrlimit(2)", 0, rlimits_set_up, rlimits_verify,
		 rlimits_spoil},
		{"oom-score", "OOM score", "proc(5): oom_score_adj", 0, oom_set_up, oom_verify,
		 oom_spoil},
		{"thp-disable", "no transparent huge pages", "prctl(2): PR_SET_THP_DISABLE", 0,
		 thp_set_up, thp_verify, thp_spoil},
		{"cgroup", "cgroup v2", "cgroups(7)", PROBE_GUEST, cgroup_set_up, cgroup_verify,
		 cgroup_spoil, .lacks = "CONFIG_CGROUPS"},
		{},
	},
};
