/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks as the service sees them: read by a process that has entered its time namespace
 * (time_namespaces(7)), so that what the kernel adds to them there is in them.
 *
 * service.clocks {} → monotonic_ns, boottime_ns, realtime_ns (since 1970), own: it is in a time
 *     namespace other than the agent's
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/service.h"
#include "agent/verb.h"

#define NS_PER_S     1000000000LL
#define NAMESPACE    "/proc/%d/ns/time"
#define OUR_OWN	     "/proc/self/ns/time"
#define NUMBERS_BASE 10

static long long read_ns(clockid_t clock)
{
	struct timespec ts = {0};

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* A kernel without such namespaces has one time for all. */
static bool enter(pid_t pid)
{
	char path[40];
	int fd;
	bool ok;

	if (access(OUR_OWN, F_OK) < 0 && errno == ENOENT)
		return true;
	snprintf(path, sizeof(path), NAMESPACE, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ok = fd >= 0 && setns(fd, CLONE_NEWTIME) == 0;
	if (!ok)
		dprintf(STDERR_FILENO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static int read_in_namespace(void *pid)
{
	if (!enter(*(pid_t *)pid))
		return 1;
	return dprintf(STDOUT_FILENO, "%lld %lld %lld", read_ns(CLOCK_MONOTONIC),
		       read_ns(CLOCK_BOOTTIME), read_ns(CLOCK_REALTIME)) < 0;
}

static bool in_own_namespace(pid_t pid)
{
	struct stat its, ours;
	char path[40];

	snprintf(path, sizeof(path), NAMESPACE, (int)pid);
	return stat(path, &its) == 0 && stat(OUR_OWN, &ours) == 0 && its.st_ino != ours.st_ino;
}

static void ended(void *data, int status, const char *output)
{
	struct request *request = data;
	char *end;

	if (!status_ok(status)) {
		reply_error(request, "failed", "service.clocks: %s", output);
		return;
	}
	long long monotonic = strtoll(output, &end, NUMBERS_BASE);
	long long boottime = strtoll(end, &end, NUMBERS_BASE);
	long long realtime = strtoll(end, &end, NUMBERS_BASE);

	reply_ok(request,
		 json_pack("{s:I, s:I, s:I, s:b}", "monotonic_ns", (json_int_t)monotonic,
			   "boottime_ns", (json_int_t)boottime, "realtime_ns", (json_int_t)realtime,
			   "own", (int)in_own_namespace(service_pid())));
}

static void service_clocks(struct request *request)
{
	pid_t pid = service_pid();

	if (!pid)
		reply_error(request, "failed", "service.clocks: %s", service_none());
	else if (child_call(read_in_namespace, &pid, ended, request) < 0)
		reply_error(request, "failed", "service.clocks: %s", strerror(errno));
}

const struct lu_agent_verbs lu_agent_verbs_clocks = {
	"clocks",
	{
		{"service.clocks", service_clocks},
		{},
	},
};
