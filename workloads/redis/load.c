/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The redis workload under load: reads and writes, each judged against what was acknowledged. */
#include <string.h>
#include "workloads/redis/client.h"

/* The key of that popularity that this connection may write; false: with more connections than
 * keys, there may be none. */
static bool own_key(const struct redis_client *client, unsigned conn, uint64_t *key)
{
	if (conn >= client->space.keys)
		return false;
	*key = *key - *key % client->connections + conn;
	if (*key >= client->space.keys)
		*key -= client->connections;
	return true;
}

void redis_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct redis_client *client = data;
	struct op *op = g_new0(struct op, 1);
	const struct lu_keyspace *space = &client->space;

	op->key = lu_keyspace_pick(space, lu_keyspace_draw(space, id, 1));
	op->write = lu_keyspace_draw(space, id, 0) % 100 >= client->read_percent;
	op->write = op->write && own_key(client, conn, &op->key);
	if (op->write) {
		op->version = ++client->keys[op->key].issued;
		redis_append_set(client, op->key, op->version, out);
	} else {
		op->version = client->keys[op->key].acked;
		redis_append_get(op->key, out);
	}
	g_hash_table_replace(client->ops, g_memdup2(&id, sizeof(id)), op);
}

static void reply_to_read(struct redis_client *client, const struct op *op, unsigned conn,
			  const struct lu_resp *resp, struct lu_reply *reply)
{
	client->reads++;
	switch (redis_judge_value(client, op->key, op->version, resp)) {
	case REDIS_FOUND:
		reply->ok = true;
		break;
	case REDIS_MISSING:
		/* A service that started over cannot know it; the audit shows what was lost. */
		if (client->reopened[conn]) {
			client->forgotten++;
			reply->ok = true;
			break;
		}
		client->reads_missing++;
		reply->why = "value missing";
		break;
	case REDIS_DAMAGED:
		client->reads_damaged++;
		reply->why = "value damaged";
		break;
	case REDIS_STALE:
		client->reads_stale++;
		reply->why = "older than an acknowledged write";
		break;
	}
}

static void note_unknown(struct redis_client *client, const struct op *op)
{
	uint64_t name = redis_write_name(op->key, op->version);

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

ssize_t redis_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		    struct lu_reply *reply)
{
	struct redis_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, REDIS_MAX_BULK, &resp);
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

void redis_lost(void *data, uint64_t id, unsigned conn)
{
	struct redis_client *client = data;
	const struct op *op = g_hash_table_lookup(client->ops, &id);

	if (!op)
		return;
	note_unknown(client, op);
	g_hash_table_remove(client->ops, &id);
}

void redis_reconnected(void *data, unsigned conn)
{
	struct redis_client *client = data;

	client->reopened[conn] = true;
}
