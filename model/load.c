/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The book-keeping of an open-loop load. Each connection has two queues in order of id: requests
 * that were sent and await their reply, and requests that are due but wait because the connection
 * is down. A request that timed out stays in the first, because its reply, should it come after
 * all, must still be consumed from the stream.
 */
#include <math.h>
#include <string.h>
#include "model/churn.h"
#include "model/load.h"
#include "model/workload.h"
#include "record/of-service.h"

enum conn_state { CONN_NEW, CONN_UP, CONN_DOWN, CONN_TRYING };

struct entry {
	uint64_t id;
	int64_t intended_ns, sent_ns;
	bool ever_sent, expired;
};

struct conn {
	enum conn_state state;
	int64_t ok_ns;	      /* of its last correct reply; INT64_MIN: none. Guarded by progress */
	GQueue sent, waiting; /* of struct entry */
	/* The first of sent that has not timed out, NULL: none. There are many before it when a
	 * service has been down for long, and they need not be looked at. */
	GList *live;
};

struct lu_load {
	struct lu_load_config config;
	const struct lu_workload *workload;
	void *client;
	struct lu_timeline *timeline;
	const char *source; /* of its events */
	struct conn *conns;
	struct lu_churn *churn; /* NULL: none */
	int64_t start_ns;
	uint64_t next;
	size_t outstanding; /* neither answered nor lost */
	bool stopped;
	GMutex progress; /* guards what is below */
	uint64_t ok_count;
	int64_t ok_last_ns;
};

struct lu_load *lu_load_new(const struct lu_load_config *config, const struct lu_workload *workload,
			    void *client, struct lu_timeline *timeline)
{
	struct lu_load *load = g_new0(struct lu_load, 1);

	load->config = *config;
	load->workload = workload;
	load->client = client;
	load->timeline = timeline;
	load->source = lu_source_of("client", config->service);
	load->conns = g_new0(struct conn, config->connections);
	for (unsigned c = 0; c < config->connections; c++)
		load->conns[c].ok_ns = INT64_MIN;
	if (config->churn_hz > 0)
		load->churn = lu_churn_new(
			&(struct lu_churn_config){config->churn_hz, config->timeout_ns,
						  config->connections, config->service},
			workload, client, timeline);
	g_mutex_init(&load->progress);
	return load;
}

void lu_load_free(struct lu_load *load)
{
	if (!load)
		return;
	for (unsigned c = 0; c < load->config.connections; c++) {
		g_queue_clear_full(&load->conns[c].sent, g_free);
		g_queue_clear_full(&load->conns[c].waiting, g_free);
	}
	g_mutex_clear(&load->progress);
	lu_churn_free(load->churn);
	g_free(load->conns);
	g_free(load);
}

void lu_load_start(struct lu_load *load, int64_t t_ns)
{
	load->start_ns = t_ns;
	if (load->churn)
		lu_churn_start(load->churn, t_ns);
}

struct lu_churn *lu_load_churn(const struct lu_load *load)
{
	return load->churn;
}

unsigned lu_load_connections(const struct lu_load *load)
{
	return load->config.connections;
}

int64_t lu_load_intended(const struct lu_load *load, uint64_t id)
{
	return load->start_ns + (int64_t)llround((double)id * 1e9 / load->config.rate_hz);
}

uint64_t lu_load_next(const struct lu_load *load)
{
	return load->next;
}

static void send_entry(struct lu_load *load, unsigned conn, struct entry *entry, int64_t t_ns,
		       GByteArray *out)
{
	struct conn *c = &load->conns[conn];

	entry->sent_ns = t_ns;
	entry->ever_sent = true;
	g_queue_push_tail(&c->sent, entry);
	if (!c->live)
		c->live = c->sent.tail;
	load->workload->request(load->client, entry->id, conn, out);
}

unsigned lu_load_take(struct lu_load *load, int64_t t_ns, GByteArray *out)
{
	struct entry *entry = g_new0(struct entry, 1);
	unsigned conn = load->next % load->config.connections;
	struct conn *c = &load->conns[conn];

	entry->id = load->next++;
	entry->intended_ns = lu_load_intended(load, entry->id);
	load->outstanding++;
	if (c->state == CONN_DOWN || c->state == CONN_TRYING || !g_queue_is_empty(&c->waiting))
		g_queue_push_tail(&c->waiting, entry);
	else
		send_entry(load, conn, entry, t_ns, out);
	return conn;
}

unsigned lu_load_flush(struct lu_load *load, unsigned conn, int64_t t_ns, unsigned max,
		       GByteArray *out)
{
	struct conn *c = &load->conns[conn];
	unsigned n;

	for (n = 0; n < max && !g_queue_is_empty(&c->waiting); n++)
		send_entry(load, conn, g_queue_pop_head(&c->waiting), t_ns, out);
	return n;
}

static struct entry *pop_sent(struct conn *c)
{
	if (c->live && c->live == c->sent.head)
		c->live = c->live->next;
	return g_queue_pop_head(&c->sent);
}

static void add_conn_event(struct lu_load *load, unsigned conn, int64_t t_ns, const char *state)
{
	lu_timeline_add(load->timeline, t_ns, load->source, "conn", conn,
			json_pack("{s:s}", "state", state));
}

static const char *class_of(const struct lu_load *load, const struct entry *entry, unsigned conn)
{
	const struct lu_workload *workload = load->workload;

	return workload->class_of ? workload->class_of(load->client, entry->id, conn) : NULL;
}

static json_t *entry_value(const struct lu_load *load, const struct entry *entry, unsigned conn)
{
	json_t *value = json_pack("{s:I, s:i, s:s*}", "intended_ns", (json_int_t)entry->intended_ns,
				  "conn", (int)conn, "class", class_of(load, entry, conn));

	if (entry->ever_sent)
		json_object_set_new(value, "sent_ns", json_integer(entry->sent_ns));
	return value;
}

static void add_reply_event(struct lu_load *load, unsigned conn, const struct entry *entry,
			    const struct lu_reply *reply, int64_t t_ns)
{
	json_t *value = entry_value(load, entry, conn);

	const char *version = load->config.of_app ? reply->app : reply->version;

	json_object_set_new(value, "ok", json_boolean(reply->ok));
	if (version)
		json_object_set_new(value, "version", json_string(version));
	if (reply->module[0])
		json_object_set_new(value, "module",
				    json_pack("[s, s]", reply->module[0],
					      reply->module[1] ?: reply->module[0]));
	if (reply->works)
		json_object_set_new(value, "units", json_integer((json_int_t)reply->units));
	if (!reply->ok)
		json_object_set_new(value, "why", json_string(reply->why ?: "wrong contents"));
	lu_timeline_add(load->timeline, t_ns, load->source, "reply", (int64_t)entry->id, value);
}

/* Each request becomes exactly one event: a reply or a loss. */
static void add_lost_event(struct lu_load *load, unsigned conn, struct entry *entry, int64_t t_ns,
			   const char *reason)
{
	json_t *value;

	if (entry->expired)
		return;
	entry->expired = true;
	load->outstanding--;
	value = entry_value(load, entry, conn);
	json_object_set_new(value, "reason", json_string(reason));
	lu_timeline_add(load->timeline, t_ns, load->source, "lost", (int64_t)entry->id, value);
}

static void tell_lost(struct lu_load *load, unsigned conn, const struct entry *entry)
{
	if (load->workload->lost)
		load->workload->lost(load->client, entry->id, conn);
}

static void count_ok(struct lu_load *load, unsigned conn, int64_t t_ns)
{
	g_mutex_lock(&load->progress);
	load->conns[conn].ok_ns = t_ns;
	load->ok_count++;
	load->ok_last_ns = t_ns;
	g_mutex_unlock(&load->progress);
}

static void answered(struct lu_load *load, unsigned conn, struct entry *entry,
		     const struct lu_reply *reply, int64_t t_ns)
{
	if (!entry->expired) {
		add_reply_event(load, conn, entry, reply, t_ns);
		load->outstanding--;
		if (reply->ok)
			count_ok(load, conn, t_ns);
	}
	if (load->conns[conn].state == CONN_TRYING) {
		load->conns[conn].state = CONN_UP;
		add_conn_event(load, conn, t_ns, "up");
	}
	g_free(entry);
}

/* The stream cannot be parsed any further: the request at its head got a wrong reply, and it is
 * unknown whether it was carried out. */
static ssize_t broken(struct lu_load *load, unsigned conn, int64_t t_ns)
{
	struct entry *entry = pop_sent(&load->conns[conn]);
	const struct lu_reply reply = {.ok = false, .why = "broken protocol"};

	if (entry) {
		tell_lost(load, conn, entry);
		answered(load, conn, entry, &reply, t_ns);
	}
	return -1;
}

ssize_t lu_load_received(struct lu_load *load, unsigned conn, const uint8_t *buf, size_t len,
			 int64_t t_ns)
{
	struct conn *c = &load->conns[conn];
	size_t used = 0;

	while (used < len) {
		struct entry *entry = g_queue_peek_head(&c->sent);
		struct lu_reply reply = {0};
		ssize_t n;

		if (!entry)
			return broken(load, conn, t_ns);
		n = load->workload->reply(load->client, entry->id, conn, buf + used, len - used,
					  &reply);
		if (n < 0 || (size_t)n > len - used)
			return broken(load, conn, t_ns);
		if (n == 0)
			break;
		used += (size_t)n;
		pop_sent(c);
		answered(load, conn, entry, &reply, t_ns);
	}
	return (ssize_t)used;
}

void lu_load_conn_try(struct lu_load *load, unsigned conn)
{
	struct conn *c = &load->conns[conn];

	if (c->state == CONN_DOWN && load->workload->reconnected)
		load->workload->reconnected(load->client, conn);
	c->state = CONN_TRYING;
}

void lu_load_conn_up(struct lu_load *load, unsigned conn, int64_t t_ns)
{
	lu_load_conn_try(load, conn);
	load->conns[conn].state = CONN_UP;
	add_conn_event(load, conn, t_ns, "up");
}

void lu_load_conn_down(struct lu_load *load, unsigned conn, int64_t t_ns, const char *reason)
{
	struct conn *c = &load->conns[conn];
	struct entry *entry;

	if (c->state != CONN_DOWN)
		add_conn_event(load, conn, t_ns, reason);
	c->state = CONN_DOWN;
	while ((entry = pop_sent(c))) {
		tell_lost(load, conn, entry);
		add_lost_event(load, conn, entry, t_ns, reason);
		g_free(entry);
	}
}

void lu_load_conn_retry(struct lu_load *load, unsigned conn)
{
	struct conn *c = &load->conns[conn];
	struct entry *entry;

	c->state = CONN_DOWN;
	c->live = NULL;
	while ((entry = g_queue_pop_tail(&c->sent))) {
		tell_lost(load, conn, entry);
		if (entry->expired)
			g_free(entry);
		else
			g_queue_push_head(&c->waiting, entry);
	}
}

static void expire_conn(struct lu_load *load, unsigned conn, int64_t t_ns)
{
	struct conn *c = &load->conns[conn];
	int64_t oldest = t_ns - load->config.timeout_ns;
	struct entry *entry;

	for (; c->live && (entry = c->live->data)->intended_ns <= oldest; c->live = c->live->next)
		add_lost_event(load, conn, entry, t_ns, "timeout");
	while ((entry = g_queue_peek_head(&c->waiting)) && entry->intended_ns <= oldest) {
		add_lost_event(load, conn, entry, t_ns, "refused");
		g_free(g_queue_pop_head(&c->waiting));
	}
}

void lu_load_expire(struct lu_load *load, int64_t t_ns)
{
	for (unsigned c = 0; c < load->config.connections; c++)
		expire_conn(load, c, t_ns);
}

static int64_t expiry_of(const struct lu_load *load, const GList *first)
{
	const struct entry *entry = first ? first->data : NULL;

	return entry ? entry->intended_ns + load->config.timeout_ns : INT64_MAX;
}

int64_t lu_load_next_expiry(const struct lu_load *load)
{
	int64_t next = INT64_MAX;

	for (unsigned c = 0; c < load->config.connections; c++) {
		next = MIN(next, expiry_of(load, load->conns[c].live));
		next = MIN(next, expiry_of(load, load->conns[c].waiting.head));
	}
	return next;
}

void lu_load_stop(struct lu_load *load)
{
	load->stopped = true;
	if (load->churn)
		lu_churn_stop(load->churn);
}

bool lu_load_stopped(const struct lu_load *load)
{
	return load->stopped;
}

size_t lu_load_outstanding(const struct lu_load *load)
{
	return load->outstanding + (load->churn ? lu_churn_outstanding(load->churn) : 0);
}

static void end_queue(struct lu_load *load, unsigned conn, GQueue *queue, bool was_sent,
		      int64_t t_ns)
{
	struct entry *entry;

	while ((entry = g_queue_pop_head(queue))) {
		if (was_sent)
			tell_lost(load, conn, entry);
		add_lost_event(load, conn, entry, t_ns, "end");
		g_free(entry);
	}
}

void lu_load_end(struct lu_load *load, int64_t t_ns)
{
	for (unsigned c = 0; c < load->config.connections; c++) {
		load->conns[c].live = NULL;
		end_queue(load, c, &load->conns[c].sent, true, t_ns);
		end_queue(load, c, &load->conns[c].waiting, false, t_ns);
	}
	if (load->churn)
		lu_churn_end(load->churn, t_ns);
}

uint64_t lu_load_ok_count(struct lu_load *load, int64_t *last_ns)
{
	uint64_t count;

	g_mutex_lock(&load->progress);
	count = load->ok_count;
	if (last_ns)
		*last_ns = load->ok_last_ns;
	g_mutex_unlock(&load->progress);
	return count;
}

unsigned lu_load_proven(struct lu_load *load, int64_t since_ns)
{
	unsigned proven = 0;

	g_mutex_lock(&load->progress);
	for (unsigned i = 0; i < load->config.connections; i++)
		proven += load->conns[i].ok_ns > since_ns;
	g_mutex_unlock(&load->progress);
	return proven;
}
