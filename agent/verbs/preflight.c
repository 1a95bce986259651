/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be known of the service before it is frozen (agent/preflight/).
 *
 * preflight {late: bool?} → processes, descriptors, mappings, state_bytes (what CRIU writes of its
 *     memory), findings: [{rule, fate: "refused"|"lost"|"changed", what}], more (how many findings
 *     there are beyond those), passing (how many of them may be gone in a moment), look_ns.
 *     "refused": CRIU refuses the dump or cannot restore it; "lost": not in the checkpoint, and CRIU
 *     says nothing; "changed": the same of an attribute. The service goes on, and what it may be
 *     about to take, an event or a datagram, counts only when it is there for 200 ms. late: only
 *     what can come to hold at any time, and neither mappings nor state_bytes; for a service that
 *     has been frozen.
 */
#include "agent/loop.h"
#include "agent/preflight/preflight.h"
#include "agent/service.h"
#include "agent/verb.h"

#define AGAIN_NS INT64_C(20000000)
#define TIMES	 10

static struct {
	struct request *request; /* that waits for what passes to be gone */
	unsigned times;
} job;

/* NULL: no service runs. */
static json_t *look(const struct request *request)
{
	const struct preflight_how how = {arg_bool(request, "late", false), service_stopped()};
	int64_t begin = now_ns();
	json_t *result = service_pid() ? preflight_look(service_pid(), &how) : NULL;

	if (result)
		json_object_set_new(result, "look_ns", json_integer(now_ns() - begin));
	return result;
}

static void look_again(void *data)
{
	struct request *request = job.request;
	json_t *result;

	verb_turn(request);
	result = look(request);

	if (result && !service_stopped() && ++job.times < TIMES &&
	    json_integer_value(json_object_get(result, "passing"))) {
		json_decref(result);
		loop_at(now_ns() + AGAIN_NS, look_again, NULL);
		return;
	}
	job.request = NULL;
	if (result)
		reply_ok(request, result);
	else
		reply_error(request, "failed", "preflight: %s", service_none());
}

static void preflight(struct request *request)
{
	if (job.request) {
		reply_error(request, "usage", "preflight: another one looks already");
		return;
	}
	job.request = request;
	job.times = 0;
	look_again(NULL);
}

const struct lu_agent_verbs lu_agent_verbs_preflight = {
	"preflight",
	{
		{"preflight", preflight},
		{},
	},
};
