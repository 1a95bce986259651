/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redis: the real redis-server with a dataset in memory, no disk. Every value names the write it
 * came from, so each read can be judged: it must not be older than what was acknowledged when the
 * read was sent, nor newer than what was written. A key is written by one connection only, so its
 * writes have one order. A write whose connection was lost may or may not have happened: both are
 * right from then on. At the end the whole dataset is read back.
 */
#include <inttypes.h>
#include <string.h>
#include "iface/keyspace.h"
#include "iface/redis-service.h"
#include "iface/resp.h"
#include "iface/workload.h"

#define SECOND_NS    G_GINT64_CONSTANT(1000000000)
#define MAX_BULK     (1u << 20)
#define WINDOW_BYTES (1u << 20)
#define KEY_BYTES    12

struct key {
	uint32_t acked, issued; /* versions: 0 is what the dataset was populated with */
};

/* A request under way. */
struct op {
	bool write;
	uint64_t key;
	uint32_t version; /* written; of a read: acknowledged when it was sent */
};

struct redis_client {
	struct lu_keyspace space;
	unsigned connections, read_percent;
	struct key *keys;
	bool *reopened;	     /* by connection: the service behind it may have lost its memory */
	GHashTable *ops;     /* id → struct op */
	GHashTable *unknown; /* key << 32 | version: writes of unknown fate */
	uint8_t *value;	     /* scratch */
	uint64_t reads, reads_stale, reads_damaged, reads_missing, errors, malformed;
	uint64_t forgotten; /* reads that found nothing behind a reopened connection */
	uint64_t writes_acked;
	/* The audit: keys by what was found, apart for those that were written during the run. */
	bool audited;
	uint64_t audit_keys, written, written_bad, kept, kept_bad;
	int64_t dbsize;
	char *first_bad;
};

static const char *const key_choices[] = {"uniform", "zipf", NULL};

static const struct lu_param redis_params[] = {
	{"dataset_mb", LU_PARAM_INT, "64", 1, 16384, NULL, "size of all values, MiB"},
	{"value_bytes", LU_PARAM_INT, "1024", 64, 65536, NULL, "size of one value"},
	{"read_percent", LU_PARAM_INT, "80", 0, 100, NULL, "share of reads among requests, %"},
	{"keys", LU_PARAM_CHOICE, "uniform", 0, 0, key_choices, "popularity of keys"},
	{NULL},
};

static char **redis_argv(const json_t *params)
{
	static const char *const argv[] = {"/usr/bin/redis-server",
					   "--bind",
					   "0.0.0.0",
					   "--port",
					   "6379",
					   "--save",
					   "",
					   "--appendonly",
					   "no",
					   "--protected-mode",
					   "no",
					   "--daemonize",
					   "no",
					   "--databases",
					   "1",
					   "--loglevel",
					   "warning",
					   "--dir",
					   "/",
					   NULL};

	return g_strdupv((char **)argv);
}

static uint64_t key_count(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "dataset_mb") << 20) /
	       (uint64_t)lu_param_int(params, "value_bytes");
}

/* A key costs Redis 7.0 about 100 bytes beyond its value (dictEntry, SDS headers, robj), and
 * jemalloc's size classes round the value up by at most a quarter; the program itself has about 8
 * MiB. */
static uint64_t redis_state_bytes(const json_t *params)
{
	uint64_t value = (uint64_t)lu_param_int(params, "value_bytes");

	return key_count(params) * (value + value / 4 + 128) + (12 << 20);
}

static void *redis_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct redis_client *client = g_new0(struct redis_client, 1);

	lu_keyspace_init(&client->space, seed, key_count(params),
			 (size_t)lu_param_int(params, "value_bytes"),
			 g_str_equal(lu_param_str(params, "keys"), "zipf"));
	client->connections = connections;
	client->read_percent = (unsigned)lu_param_int(params, "read_percent");
	client->keys = g_new0(struct key, client->space.keys);
	client->reopened = g_new0(bool, connections);
	client->ops = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	client->unknown = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	client->value = g_malloc(client->space.value_bytes);
	return client;
}

static void redis_client_free(void *data)
{
	struct redis_client *client = data;

	g_hash_table_unref(client->ops);
	g_hash_table_unref(client->unknown);
	g_free(client->keys);
	g_free(client->reopened);
	g_free(client->value);
	g_free(client->first_bad);
	g_free(client);
}

static void append_key(uint64_t key, GByteArray *out)
{
	char name[32];
	int n = g_snprintf(name, sizeof(name), "k:%0*" PRIu64, KEY_BYTES - 2, key);

	lu_resp_append_bulk(out, name, (size_t)n);
}

static void append_get(uint64_t key, GByteArray *out)
{
	lu_resp_append_array(out, 2);
	lu_resp_append_bulk(out, "GET", 3);
	append_key(key, out);
}

static void append_set(struct redis_client *client, uint64_t key, uint64_t version, GByteArray *out)
{
	lu_keyspace_value(&client->space, key, version, client->value);
	lu_resp_append_array(out, 3);
	lu_resp_append_bulk(out, "SET", 3);
	append_key(key, out);
	lu_resp_append_bulk(out, client->value, client->space.value_bytes);
}

static unsigned window(const struct redis_client *client)
{
	return (unsigned)CLAMP(WINDOW_BYTES / client->space.value_bytes, 4, 512);
}

/* An emulated guest takes some ten MB/s. */
static int64_t whole_timeout(const struct redis_client *client)
{
	return (60 + (int64_t)((client->space.keys * client->space.value_bytes) >> 20)) * SECOND_NS;
}

static void populate_request(void *data, uint64_t i, GByteArray *out)
{
	append_set(data, i, 0, out);
}

static ssize_t populate_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, MAX_BULK, &resp);

	return n > 0 && resp.type != '+' ? -1 : n;
}

static bool redis_populate(void *data, struct lu_exchange *exchange)
{
	struct redis_client *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys,
		.window = window(client),
		.timeout_ns = whole_timeout(client),
		.data = client,
		.request = populate_request,
		.reply = populate_reply,
	};
	return true;
}

/* The key of that popularity which this connection may write; false: more connections than keys,
 * none is left for it. */
static bool own_key(const struct redis_client *client, unsigned conn, uint64_t *key)
{
	if (conn >= client->space.keys)
		return false;
	*key = *key - *key % client->connections + conn;
	if (*key >= client->space.keys)
		*key -= client->connections;
	return true;
}

static void redis_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct redis_client *client = data;
	struct op *op = g_new0(struct op, 1);
	const struct lu_keyspace *space = &client->space;

	op->key = lu_keyspace_pick(space, lu_keyspace_draw(space, id, 1));
	op->write = lu_keyspace_draw(space, id, 0) % 100 >= client->read_percent;
	op->write = op->write && own_key(client, conn, &op->key);
	if (op->write) {
		op->version = ++client->keys[op->key].issued;
		append_set(client, op->key, op->version, out);
	} else {
		op->version = client->keys[op->key].acked;
		append_get(op->key, out);
	}
	g_hash_table_replace(client->ops, g_memdup2(&id, sizeof(id)), op);
}

static uint64_t write_name(uint64_t key, uint32_t version)
{
	return key << 32 | version;
}

enum finding { FOUND, MISSING, DAMAGED, STALE };

/* Is that value right for a key whose write `floor` was acknowledged before it was asked for? */
static enum finding judge_value(struct redis_client *client, uint64_t key, uint32_t floor,
				const struct lu_resp *resp)
{
	uint64_t version, name;

	if (resp->type == '_')
		return MISSING;
	if (!lu_keyspace_check(&client->space, key, resp->bytes, resp->len, &version) ||
	    version > client->keys[key].issued)
		return DAMAGED;
	name = write_name(key, (uint32_t)version);
	if (version < floor && !g_hash_table_contains(client->unknown, &name))
		return STALE;
	return FOUND;
}

static void reply_to_read(struct redis_client *client, const struct op *op, unsigned conn,
			  const struct lu_resp *resp, struct lu_reply *reply)
{
	client->reads++;
	switch (judge_value(client, op->key, op->version, resp)) {
	case FOUND:
		reply->ok = true;
		break;
	case MISSING:
		/* A service that started over is right to know nothing; the audit tells what that
		 * cost. */
		if (client->reopened[conn]) {
			client->forgotten++;
			reply->ok = true;
			break;
		}
		client->reads_missing++;
		reply->why = "value missing";
		break;
	case DAMAGED:
		client->reads_damaged++;
		reply->why = "value damaged";
		break;
	case STALE:
		client->reads_stale++;
		reply->why = "older than an acknowledged write";
		break;
	}
}

static void note_unknown(struct redis_client *client, const struct op *op)
{
	uint64_t name = write_name(op->key, op->version);

	if (op->write)
		g_hash_table_add(client->unknown, g_memdup2(&name, sizeof(name)));
}

static void reply_to_write(struct redis_client *client, const struct op *op,
			   const struct lu_resp *resp, struct lu_reply *reply)
{
	struct key *key = &client->keys[op->key];

	reply->ok = resp->len == 2 && memcmp(resp->bytes, "OK", 2) == 0;
	if (!reply->ok) {
		reply->why = "write not acknowledged";
		note_unknown(client, op);
		return;
	}
	client->writes_acked++;
	key->acked = MAX(key->acked, op->version);
}

static ssize_t redis_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			   struct lu_reply *reply)
{
	struct redis_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, MAX_BULK, &resp);
	bool fits;

	if (n == 0)
		return 0;
	if (n < 0 || !op) {
		client->malformed++;
		return -1;
	}
	fits = op->write ? resp.type == '+' : resp.type == '$' || resp.type == '_';
	if (fits && op->write) {
		reply_to_write(client, op, &resp, reply);
	} else if (fits) {
		reply_to_read(client, op, conn, &resp, reply);
	} else {
		client->errors++;
		reply->why = resp.type == '-' ? "error reply" : "reply of another kind";
		note_unknown(client, op);
	}
	g_hash_table_remove(client->ops, &id);
	return n;
}

static void redis_lost(void *data, uint64_t id, unsigned conn)
{
	struct redis_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);

	if (!op)
		return;
	note_unknown(client, op);
	g_hash_table_remove(client->ops, &id);
}

static void redis_reconnected(void *data, unsigned conn)
{
	struct redis_client *client = data;

	client->reopened[conn] = true;
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	struct redis_client *client = data;

	if (i < client->space.keys) {
		append_get(i, out);
		return;
	}
	lu_resp_append_array(out, 1);
	lu_resp_append_bulk(out, "DBSIZE", 6);
}

static void audit_key(struct redis_client *client, uint64_t key, const struct lu_resp *resp)
{
	static const char *const names[] = {"right", "missing", "damaged", "stale"};
	uint32_t acked = client->keys[key].acked;
	enum finding finding = judge_value(client, key, acked, resp);

	client->audit_keys++;
	*(acked ? &client->written : &client->kept) += 1;
	if (finding == FOUND)
		return;
	*(acked ? &client->written_bad : &client->kept_bad) += 1;
	if (!client->first_bad)
		client->first_bad = g_strdup_printf("key %" PRIu64 " is %s (write %u acknowledged)",
						    key, names[finding], acked);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct redis_client *client = data;
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, MAX_BULK, &resp);

	if (n <= 0)
		return n;
	if (i < client->space.keys && (resp.type == '$' || resp.type == '_')) {
		audit_key(client, i, &resp);
	} else if (i == client->space.keys && resp.type == ':') {
		client->dbsize = resp.integer;
		client->audited = true;
	} else {
		return -1;
	}
	return n;
}

static bool redis_audit(void *data, struct lu_exchange *exchange)
{
	struct redis_client *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys + 1,
		.window = window(client),
		.timeout_ns = whole_timeout(client),
		.data = client,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static char *audit_failure(const struct redis_client *client)
{
	if (client->audited)
		return g_strdup(client->first_bad ? "; first: " : "");
	return g_strdup_printf("; only %" PRIu64 " of %" PRIu64 " keys could be read back",
			       client->audit_keys, client->space.keys);
}

static enum lu_verdict judge_writes(void *data, char **evidence)
{
	struct redis_client *client = data;
	g_autofree char *failure = audit_failure(client);

	*evidence = g_strdup_printf("%" PRIu64 " writes acknowledged on %" PRIu64 " keys, %" PRIu64
				    " keys lost theirs, %u writes of unknown fate%s%s",
				    client->writes_acked, client->written, client->written_bad,
				    g_hash_table_size(client->unknown), failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->written_bad ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_dataset(void *data, char **evidence)
{
	struct redis_client *client = data;
	bool size_ok = client->dbsize == (int64_t)client->space.keys;
	g_autofree char *failure = audit_failure(client);

	*evidence = g_strdup_printf("%" PRIu64 " of %" PRIu64 " keys read back, %" PRIu64
				    " of the %" PRIu64
				    " not written since are wrong, DBSIZE %" PRId64 "%s%s",
				    client->audit_keys, client->space.keys, client->kept_bad,
				    client->kept, client->dbsize, failure,
				    client->audited && client->first_bad ? client->first_bad : "");
	return client->audited && !client->kept_bad && size_ok ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_reads(void *data, char **evidence)
{
	struct redis_client *client = data;
	uint64_t wrong = client->reads_stale + client->reads_damaged + client->reads_missing +
			 client->errors + client->malformed;

	*evidence = g_strdup_printf(
		"%" PRIu64 " reads: %" PRIu64 " stale, %" PRIu64 " damaged, %" PRIu64
		" missing; %" PRIu64 " found nothing behind a reopened connection; %" PRIu64
		" error replies, %" PRIu64 " malformed",
		client->reads, client->reads_stale, client->reads_damaged, client->reads_missing,
		client->forgotten, client->errors, client->malformed);
	return wrong ? LU_FAIL : LU_PASS;
}

static const struct lu_oracle redis_oracles[] = {
	{"acknowledged-writes", "every acknowledged write is there at the end", true, judge_writes},
	{"dataset", "every other key still has the value it was populated with", true,
	 judge_dataset},
	{"reads", "no read was damaged, or older than a write acknowledged before it", false,
	 judge_reads},
	{NULL},
};

const struct lu_workload lu_workload_redis = {
	.name = "redis",
	.summary = "the real redis-server: every value read proves which write it came from",
	.params = redis_params,
	.program = "redis-server",
	.port = 6379,
	.argv = redis_argv,
	.state_bytes = redis_state_bytes,
	.client_new = redis_client_new,
	.client_free = redis_client_free,
	.populate = redis_populate,
	.request = redis_request,
	.reply = redis_reply,
	.lost = redis_lost,
	.reconnected = redis_reconnected,
	.audit = redis_audit,
	.oracles = redis_oracles,
	.model = &lu_redis_service_model,
};
