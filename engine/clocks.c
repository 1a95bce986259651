/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks as the service sees them. The service itself is not asked: what a program makes of its
 * clocks is its own affair, and it may not look at them at all. The guest's agent reads them in the
 * service's time namespace, while the load goes on as ever: before the upgrade and after it, never
 * in between, so that reading them costs no blackout.
 */
#include "engine/clocks.h"
#include "host/io.h"
#include "record/error.h"
#include "record/of-service.h"

#define CALL_NS (10 * LU_NS_PER_S)

struct answer {
	int64_t asked_ns, answered_ns;
	json_int_t monotonic_ns, boottime_ns, realtime_ns;
	int own;
};

/* The argument that says which service is meant; NULL: there is one. New reference. */
static json_t *about(const char *service)
{
	return service ? json_pack("{s:s}", "service", service) : NULL;
}

static bool ask(struct lu_guest *guest, const char *service, struct answer *answer, GError **error)
{
	json_auto_t *reply = NULL;

	answer->asked_ns = guest->ops->now(guest);
	if (!guest->ops->call(guest, "service.clocks", about(service), CALL_NS, &reply, error))
		return false;
	answer->answered_ns = guest->ops->now(guest);
	if (!json_unpack(reply, "{s:I, s:I, s:I, s:b}", "monotonic_ns", &answer->monotonic_ns,
			 "boottime_ns", &answer->boottime_ns, "realtime_ns", &answer->realtime_ns,
			 "own", &answer->own) &&
	    answer->monotonic_ns >= 0 && answer->monotonic_ns < LU_TIMELINE_MOST &&
	    answer->boottime_ns >= 0 && answer->boottime_ns < LU_TIMELINE_MOST &&
	    answer->realtime_ns >= 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "service.clocks: the guest's agent gave no times: monotonic_ns, boottime_ns "
		    "and realtime_ns of at least 0, and whether they are its own");
	return false;
}

/* Against the host's time of day halfway between question and answer. */
static void add_error(struct lu_guest *guest, const struct answer *answer, json_t *value)
{
	int64_t since_ns, wall_ns;

	if (!guest->ops->wall)
		return;
	wall_ns = guest->ops->wall(guest);
	since_ns = guest->ops->now(guest) - answer->answered_ns +
		   (answer->answered_ns - answer->asked_ns) / 2;
	json_object_set_new(value, "realtime_error_ns",
			    json_integer(answer->realtime_ns - (wall_ns - since_ns)));
}

bool lu_clocks_stamp(struct lu_guest *guest, const char *service, int64_t number, GError **error)
{
	struct answer answer;
	json_t *value;

	if (!ask(guest, service, &answer, error))
		return false;
	value = json_pack("{s:I, s:I, s:I, s:b}", "asked_ns", (json_int_t)answer.asked_ns,
			  "monotonic_ns", answer.monotonic_ns, "boottime_ns", answer.boottime_ns,
			  "own", answer.own);
	add_error(guest, &answer, value);
	lu_timeline_add(guest->timeline, answer.answered_ns, lu_source_of("guest", service),
			"clock", number, value);
	return true;
}

bool lu_census_stamp(struct lu_guest *guest, const char *service, int64_t number, GError **error)
{
	json_auto_t *reply = NULL;
	const json_t *count;

	if (!guest->ops->call(guest, "service.status", about(service), CALL_NS, &reply, error))
		return false;
	count = json_object_get(reply, "descriptors");
	if (json_is_integer(count) && json_integer_value(count) >= 0)
		lu_timeline_add(guest->timeline, guest->ops->now(guest),
				lu_source_of("guest", service), "census", number,
				json_pack("{s:I}", "descriptors", json_integer_value(count)));
	return true;
}
