/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service with keys under load: reads and writes, each judged against what was acknowledged. */
#include <string.h>
#include "workloads/kit/keyed.h"

/* The key of that popularity that this connection may write. */
static uint64_t own_key(const struct lu_keyed *client, unsigned conn, uint64_t key)
{
	key = key - key % client->connections + conn;
	return key < client->space.keys ? key : key - client->connections;
}

/* With more connections than keys, some have none to write; passing ones never have. */
static bool is_write(const struct lu_keyed *client, uint64_t id, unsigned conn)
{
	return conn < MIN(client->space.keys, client->connections) &&
	       lu_keyspace_draw(&client->space, id, 0) % 100 >= client->read_percent;
}

const char *lu_keyed_class(void *client, uint64_t id, unsigned conn)
{
	return is_write(client, id, conn) ? "write" : "read";
}

void lu_keyed_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct lu_keyed *client = data;
	struct lu_keyed_request *op = g_new0(struct lu_keyed_request, 1);
	const struct lu_keyspace *space = &client->space;

	op->key = lu_keyspace_pick(space, lu_keyspace_draw(space, id, 1));
	op->write = is_write(client, id, conn);
	if (op->write) {
		op->key = own_key(client, conn, op->key);
		op->version = ++client->keys[op->key].issued;
		lu_keyed_append(client, LU_KEYED_SET, op->key, op->version, out);
	} else {
		op->version = client->keys[op->key].acked;
		lu_keyed_append(client, LU_KEYED_GET, op->key, 0, out);
	}
	g_hash_table_replace(client->ops, g_memdup2(&id, sizeof(id)), op);
}

static void reply_to_read(struct lu_keyed *client, const struct lu_keyed_request *op, unsigned conn,
			  const struct lu_keyed_answer *answer, struct lu_reply *reply)
{
	client->reads++;
	switch (lu_keyed_find(client, op->key, op->version, answer)) {
	case LU_KEYED_IS_RIGHT:
		reply->ok = true;
		break;
	case LU_KEYED_IS_MISSING:
		/* A service that started over cannot know it; the audit shows what was lost. */
		if (client->reopened[conn]) {
			client->forgotten++;
			reply->ok = true;
			break;
		}
		client->reads_missing++;
		reply->why = "value missing";
		break;
	case LU_KEYED_IS_DAMAGED:
		client->reads_damaged++;
		reply->why = "value damaged";
		break;
	case LU_KEYED_IS_STALE:
		client->reads_stale++;
		reply->why = "older than an acknowledged write";
		break;
	}
}

static void note_unknown(struct lu_keyed *client, const struct lu_keyed_request *op)
{
	uint64_t name = lu_keyed_write_name(op->key, op->version);

	if (op->write)
		g_hash_table_add(client->unknown, g_memdup2(&name, sizeof(name)));
}

static void reply_to_write(struct lu_keyed *client, const struct lu_keyed_request *op,
			   struct lu_reply *reply)
{
	struct lu_keyed_key *key = &client->keys[op->key];

	reply->ok = true;
	client->writes_acked++;
	key->acked = MAX(key->acked, op->version);
}

ssize_t lu_keyed_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		       struct lu_reply *reply)
{
	struct lu_keyed *client = data;
	const struct lu_keyed_request *op = g_hash_table_lookup(client->ops, &id);
	enum lu_keyed_op kind = op && op->write ? LU_KEYED_SET : LU_KEYED_GET;
	struct lu_keyed_answer answer = {0};
	ssize_t n = client->codec->parse(kind, buf, len, LU_KEYED_MAX_VALUE, &answer);

	if (n == 0)
		return 0;
	if (n < 0 || !op) {
		client->malformed++;
		return -1;
	}
	if (op->write && answer.kind == LU_KEYED_STORED) {
		reply_to_write(client, op, reply);
	} else if (!op->write &&
		   (answer.kind == LU_KEYED_VALUE || answer.kind == LU_KEYED_MISSING)) {
		reply_to_read(client, op, conn, &answer, reply);
	} else {
		client->errors++;
		reply->why =
			answer.kind == LU_KEYED_ERROR ? "error reply" : "reply of another kind";
		note_unknown(client, op);
	}
	g_hash_table_remove(client->ops, &id);
	return n;
}

void lu_keyed_lost(void *data, uint64_t id, unsigned conn)
{
	struct lu_keyed *client = data;
	const struct lu_keyed_request *op = g_hash_table_lookup(client->ops, &id);

	if (!op)
		return;
	note_unknown(client, op);
	g_hash_table_remove(client->ops, &id);
}

void lu_keyed_reconnected(void *data, unsigned conn)
{
	struct lu_keyed *client = data;

	client->reopened[conn] = true;
}

void lu_keyed_churn(void *data, unsigned count)
{
	struct lu_keyed *client = data;

	client->reopened = g_renew(bool, client->reopened, client->connections + count);
	memset(client->reopened + client->connections, 0, count * sizeof(bool));
}
