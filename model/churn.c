/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections of one request each, by the slots in which they are. */
#include "model/churn.h"
#include <math.h>
#include "model/workload.h"
#include "record/of-service.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
/* Ids of its requests, out of the reach of those of the connections that stay. */
#define FIRST_ID (UINT64_C(1) << 62)

struct slot {
	bool taken, asked;
	uint64_t number;
	int64_t intended_ns;
	int64_t connected_ns; /* -1: not yet */
};

struct lu_churn {
	struct lu_churn_config config;
	const struct lu_workload *workload;
	void *client;
	struct lu_timeline *timeline;
	struct slot *slots;
	unsigned count, used, outstanding;
	int64_t start_ns;
	uint64_t next;
	bool stopped;
};

const char *lu_churn_end_name(enum lu_churn_end end)
{
	static const char *const names[LU_CHURN_ENDS] = {
		[LU_CHURN_ANSWERED] = "answered", [LU_CHURN_WRONG] = "wrong",
		[LU_CHURN_REFUSED] = "refused",	  [LU_CHURN_RESET] = "reset",
		[LU_CHURN_TIMEOUT] = "timeout",	  [LU_CHURN_UNFINISHED] = "unfinished",
		[LU_CHURN_HOST] = "host",
	};

	return names[end];
}

unsigned lu_churn_slots(double rate_hz, int64_t timeout_ns)
{
	return (unsigned)ceil(rate_hz * ((double)timeout_ns / NS_PER_S)) + 1;
}

struct lu_churn *lu_churn_new(const struct lu_churn_config *config,
			      const struct lu_workload *workload, void *client,
			      struct lu_timeline *timeline)
{
	struct lu_churn *churn = g_new0(struct lu_churn, 1);

	churn->config = *config;
	churn->workload = workload;
	churn->client = client;
	churn->timeline = timeline;
	churn->count = lu_churn_slots(config->rate_hz, config->timeout_ns);
	churn->slots = g_new0(struct slot, churn->count);
	workload->churn(client, churn->count);
	return churn;
}

void lu_churn_free(struct lu_churn *churn)
{
	if (!churn)
		return;
	g_free(churn->slots);
	g_free(churn);
}

void lu_churn_start(struct lu_churn *churn, int64_t t_ns)
{
	churn->start_ns = t_ns;
}

static int64_t intended(const struct lu_churn *churn, uint64_t number)
{
	return churn->start_ns +
	       (int64_t)llround((double)number * NS_PER_S / churn->config.rate_hz);
}

int64_t lu_churn_due(const struct lu_churn *churn)
{
	return churn->stopped ? INT64_MAX : intended(churn, churn->next);
}

unsigned lu_churn_open(struct lu_churn *churn)
{
	unsigned i = 0;

	while (i < churn->count && churn->slots[i].taken)
		i++;
	g_assert(i < churn->count);
	churn->slots[i] = (struct slot){
		.taken = true,
		.number = churn->next,
		.intended_ns = intended(churn, churn->next),
		.connected_ns = -1,
	};
	churn->next++;
	churn->outstanding++;
	churn->used = MAX(churn->used, i + 1);
	return i;
}

unsigned lu_churn_most(const struct lu_churn *churn)
{
	return churn->count;
}

unsigned lu_churn_used(const struct lu_churn *churn)
{
	return churn->used;
}

int64_t lu_churn_expiry(const struct lu_churn *churn, unsigned slot)
{
	const struct slot *s = &churn->slots[slot];

	return s->taken ? s->intended_ns + churn->config.timeout_ns : INT64_MAX;
}

void lu_churn_connected(struct lu_churn *churn, unsigned slot, int64_t t_ns)
{
	if (churn->slots[slot].connected_ns < 0)
		churn->slots[slot].connected_ns = t_ns;
}

static unsigned conn_of(const struct lu_churn *churn, unsigned slot)
{
	return churn->config.first_conn + slot;
}

void lu_churn_request(struct lu_churn *churn, unsigned slot, GByteArray *out)
{
	struct slot *s = &churn->slots[slot];

	if (churn->workload->reconnected)
		churn->workload->reconnected(churn->client, conn_of(churn, slot));
	churn->workload->request(churn->client, FIRST_ID + s->number, conn_of(churn, slot), out);
	s->asked = true;
}

static void ended(struct lu_churn *churn, unsigned slot, enum lu_churn_end end, int64_t t_ns)
{
	struct slot *s = &churn->slots[slot];
	json_t *value = json_pack("{s:I, s:s}", "intended_ns", (json_int_t)s->intended_ns, "end",
				  lu_churn_end_name(end));

	if (s->connected_ns >= 0)
		json_object_set_new(value, "connected_ns", json_integer(s->connected_ns));
	lu_timeline_add(churn->timeline, t_ns, lu_source_of("client", churn->config.service),
			"churn", (int64_t)s->number, value);
	s->taken = false;
	churn->outstanding--;
}

void lu_churn_failed(struct lu_churn *churn, unsigned slot, enum lu_churn_end end, int64_t t_ns)
{
	const struct slot *s = &churn->slots[slot];

	if (s->asked && churn->workload->lost)
		churn->workload->lost(churn->client, FIRST_ID + s->number, conn_of(churn, slot));
	if (end == LU_CHURN_RESET && s->connected_ns < 0)
		end = LU_CHURN_REFUSED;
	ended(churn, slot, end, t_ns);
}

bool lu_churn_received(struct lu_churn *churn, unsigned slot, const uint8_t *buf, size_t len,
		       int64_t t_ns)
{
	struct slot *s = &churn->slots[slot];
	uint64_t id = FIRST_ID + s->number;
	struct lu_reply reply = {0};
	ssize_t n;

	if (!s->asked) {
		lu_churn_failed(churn, slot, LU_CHURN_WRONG, t_ns);
		return true;
	}
	n = churn->workload->reply(churn->client, id, conn_of(churn, slot), buf, len, &reply);
	if (n == 0)
		return false;
	if (n < 0 || (size_t)n > len)
		lu_churn_failed(churn, slot, LU_CHURN_WRONG, t_ns);
	else
		ended(churn, slot,
		      reply.ok && (size_t)n == len ? LU_CHURN_ANSWERED : LU_CHURN_WRONG, t_ns);
	return true;
}

void lu_churn_stop(struct lu_churn *churn)
{
	churn->stopped = true;
}

unsigned lu_churn_outstanding(const struct lu_churn *churn)
{
	return churn->outstanding;
}

void lu_churn_end(struct lu_churn *churn, int64_t t_ns)
{
	for (unsigned i = 0; i < churn->used; i++)
		if (churn->slots[i].taken)
			lu_churn_failed(churn, i, LU_CHURN_UNFINISHED, t_ns);
}
