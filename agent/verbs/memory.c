/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a restore has left for later.
 *
 * memory.wait {} → wait_ns, own_bytes, left_bytes (agent/criu/settle.h): all memory of the restored
 *     service is its own, so that the checkpoint can be freed. failed when it did not come: the
 *     service has then been killed, since it would have read zeros.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include "agent/child.h"
#include "agent/criu/lazy-pages.h"
#include "agent/criu/settle.h"
#include "agent/group.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define LOWEST 19

static struct {
	struct request *request;
	int64_t begin_ns;
} wait;

struct sum {
	struct settled settled;
	bool ok;
};

static bool settle_one(void *data, pid_t pid)
{
	struct sum *sum = data;
	struct settled one;

	sum->ok = settle(pid, STORE_MEMORY, &one);
	sum->settled.own_bytes += one.own_bytes;
	sum->settled.left_bytes += one.left_bytes;
	return sum->ok;
}

/* In a process of its own, at the lowest priority, since it takes as long as copying all. */
static int settle_all(void *data)
{
	struct sum sum = {.ok = true};

	setpriority(PRIO_PROCESS, 0, LOWEST);
	group_each(service_pid(), settle_one, &sum);
	if (sum.ok)
		printf("%llu %llu\n", (unsigned long long)sum.settled.own_bytes,
		       (unsigned long long)sum.settled.left_bytes);
	else
		printf("%s\n", strerror(errno));
	fflush(stdout);
	return !sum.ok;
}

static void settled(void *data, int status, const char *output)
{
	struct request *request = wait.request;
	long long own = 0, left = 0;

	wait.request = NULL;
	/* NOLINTNEXTLINE(cert-err34-c): as printed above */
	if (!status_ok(status) || sscanf(output, "%lld %lld", &own, &left) != 2)
		reply_error(request, "failed", "memory.wait: %s", output);
	else
		reply_ok(request, json_pack("{s:I, s:I, s:I}", "wait_ns",
					    (json_int_t)(now_ns() - wait.begin_ns), "own_bytes",
					    (json_int_t)own, "left_bytes", (json_int_t)left));
}

static void came(const char *why)
{
	struct request *request = wait.request;

	if (!why && child_call(settle_all, NULL, settled, NULL) >= 0)
		return;
	wait.request = NULL;
	reply_error(request, "failed", "memory.wait: %s", why ? why : "cannot fork");
}

static void memory_wait(struct request *request)
{
	if (wait.request) {
		reply_error(request, "usage", "memory.wait: somebody waits already");
		return;
	}
	wait.request = request;
	wait.begin_ns = now_ns();
	lazy_pages_wait(came);
}

const struct lu_agent_verbs lu_agent_verbs_memory = {
	"memory",
	{
		{"memory.wait", memory_wait},
		{},
	},
};
