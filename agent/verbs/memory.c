/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a restore has left for later.
 *
 * memory.wait {} → wait_ns, alone_ns: all memory of the restored service is its own, so that the
 *     checkpoint can be freed. What nobody has touched is filled in only after alone_ns, when the
 *     service has worked off what had queued up (no thread of it runs or waits for a page), or after
 *     3 s. failed when its memory did not come (the service has then been killed, since it would
 *     have read zeros), and when the service has died meanwhile.
 */
#include "agent/criu/lazy-pages.h"
#include "agent/criu/touching.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/verb.h"

#define LOOK_NS	 10000000
#define ALONE_NS 3000000000
#define LOOKS	 10 /* so often in turn it has to be idle: the queue comes in parts */

static struct {
	struct request *request;
	int64_t begin_ns, alone_ns;
	unsigned timer, idle;
} wait;

static void came(const char *why)
{
	struct request *request = wait.request;

	wait.request = NULL;
	loop_cancel(wait.timer);
	wait.timer = 0;
	verb_turn(request);
	if (!why && !service_pid())
		why = service_none();
	if (why)
		reply_error(request, "failed", "memory.wait: %s", why);
	else
		reply_ok(request,
			 json_pack("{s:I, s:I}", "wait_ns", (json_int_t)(now_ns() - wait.begin_ns),
				   "alone_ns", (json_int_t)wait.alone_ns));
}

/* Alone until it has worked off the requests that queued up while it was away: until then each page
 * that nobody asks for delays one that it waits for. */
static void look(void *data)
{
	verb_turn(wait.request);
	wait.alone_ns = now_ns() - wait.begin_ns;
	wait.idle = service_pid() && service_touches(service_pid()) ? 0 : wait.idle + 1;
	wait.timer = 0;
	if (wait.idle < LOOKS && wait.alone_ns < ALONE_NS)
		wait.timer = loop_at(now_ns() + LOOK_NS, look, NULL);
	else
		lazy_pages_fill();
}

static void memory_wait(struct request *request)
{
	if (wait.request) {
		reply_error(request, "usage", "memory.wait: somebody waits already");
		return;
	}
	wait.request = request;
	wait.begin_ns = now_ns();
	wait.alone_ns = 0;
	wait.idle = 0;
	if (lazy_pages_runs())
		wait.timer = loop_at(wait.begin_ns + LOOK_NS, look, NULL);
	lazy_pages_wait(came);
}

const struct lu_agent_verbs lu_agent_verbs_memory = {
	"memory",
	{
		{"memory.wait", memory_wait},
		{},
	},
};
