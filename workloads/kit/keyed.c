/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of a service with keys: what it knows, and what a value shows by itself. */
#include <inttypes.h>
#include "workloads/kit/keyed.h"

#define SECOND_NS    G_GINT64_CONSTANT(1000000000)
#define WINDOW_BYTES (1u << 20)
#define KEY_BYTES    12

uint64_t lu_keyed_count(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "dataset_mb") << 20) /
	       (uint64_t)lu_param_int(params, "value_bytes");
}

struct lu_keyed *lu_keyed_new(const struct lu_keyed_codec *codec, const json_t *params,
			      uint64_t seed, unsigned connections)
{
	struct lu_keyed *client = g_new0(struct lu_keyed, 1);
	size_t value_bytes = (size_t)lu_param_int(params, "value_bytes");
	uint64_t keys = lu_keyed_count(params);

	client->codec = codec;
	lu_keyspace_init(&client->space, seed, keys, value_bytes,
			 g_str_equal(lu_param_str(params, "keys"), "zipf"));
	client->connections = connections;
	client->read_percent = (unsigned)lu_param_int(params, "read_percent");
	client->keys = g_new0(struct lu_keyed_key, keys);
	client->reopened = g_new0(bool, connections);
	client->ops = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	client->unknown = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	client->value = g_malloc(value_bytes);
	client->number = client->evicted = -1;
	return client;
}

void lu_keyed_free(void *data)
{
	struct lu_keyed *client = data;

	g_hash_table_unref(client->ops);
	g_hash_table_unref(client->unknown);
	g_free(client->keys);
	g_free(client->reopened);
	g_free(client->value);
	g_free(client->first_bad);
	g_free(client);
}

void lu_keyed_append(struct lu_keyed *client, enum lu_keyed_op op, uint64_t key, uint32_t version,
		     GByteArray *out)
{
	char name[32];
	struct lu_keyed_command command = {
		.op = op,
		.key = name,
		.key_len =
			(size_t)g_snprintf(name, sizeof(name), "k:%0*" PRIu64, KEY_BYTES - 2, key),
		.value = client->value,
		.value_len = client->space.value_bytes,
	};

	if (op == LU_KEYED_SET)
		lu_keyspace_value(&client->space, key, version, client->value);
	client->codec->request(&command, out);
}

unsigned lu_keyed_window(const struct lu_keyed *client)
{
	return (unsigned)CLAMP(WINDOW_BYTES / client->space.value_bytes, 4, 512);
}

/* An emulated guest handles some ten MB/s. */
int64_t lu_keyed_whole_timeout(const struct lu_keyed *client)
{
	return (60 + (int64_t)((client->space.keys * client->space.value_bytes) >> 20)) * SECOND_NS;
}

uint64_t lu_keyed_write_name(uint64_t key, uint32_t version)
{
	return key << 32 | version;
}

enum lu_keyed_finding lu_keyed_find(struct lu_keyed *client, uint64_t key, uint32_t floor,
				    const struct lu_keyed_answer *answer)
{
	uint64_t version, name;

	if (answer->kind == LU_KEYED_MISSING)
		return LU_KEYED_IS_MISSING;
	if (!lu_keyspace_check(&client->space, key, answer->value, answer->value_len, &version) ||
	    version > client->keys[key].issued)
		return LU_KEYED_IS_DAMAGED;
	name = lu_keyed_write_name(key, (uint32_t)version);
	if (version < floor && !g_hash_table_contains(client->unknown, &name))
		return LU_KEYED_IS_STALE;
	return LU_KEYED_IS_RIGHT;
}

static void populate_request(void *data, uint64_t i, GByteArray *out)
{
	lu_keyed_append(data, LU_KEYED_SET, i, 0, out);
}

static ssize_t populate_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct lu_keyed *client = data;
	struct lu_keyed_answer answer = {0};
	ssize_t n = client->codec->parse(LU_KEYED_SET, buf, len, LU_KEYED_MAX_VALUE, &answer);

	return n > 0 && answer.kind != LU_KEYED_STORED ? -1 : n;
}

bool lu_keyed_populate(void *data, struct lu_exchange *exchange)
{
	struct lu_keyed *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys,
		.window = lu_keyed_window(client),
		.timeout_ns = lu_keyed_whole_timeout(client),
		.data = client,
		.request = populate_request,
		.reply = populate_reply,
	};
	return true;
}
