/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a restore has left for later.
 *
 * memory.wait {} → wait_ns: all memory of the restored service is its own, so that the checkpoint can
 *     be freed. failed when it did not come (the service has then been killed, since it would have
 *     read zeros), and when the service has died meanwhile.
 */
#include "agent/criu/lazy-pages.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/verb.h"

static struct {
	struct request *request;
	int64_t begin_ns;
} wait;

static void came(const char *why)
{
	struct request *request = wait.request;

	wait.request = NULL;
	verb_turn(request);
	if (!why && !service_pid())
		why = service_none();
	if (why)
		reply_error(request, "failed", "memory.wait: %s", why);
	else
		reply_ok(request,
			 json_pack("{s:I}", "wait_ns", (json_int_t)(now_ns() - wait.begin_ns)));
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
