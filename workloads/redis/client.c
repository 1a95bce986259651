/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to Redis, and the checks that a value permits by itself. */
#include <inttypes.h>
#include "workloads/redis/client.h"

#define SECOND_NS    G_GINT64_CONSTANT(1000000000)
#define WINDOW_BYTES (1u << 20)
#define KEY_BYTES    12

static void append_key(uint64_t key, GByteArray *out)
{
	char name[32];
	int n = g_snprintf(name, sizeof(name), "k:%0*" PRIu64, KEY_BYTES - 2, key);

	lu_resp_append_bulk(out, name, (size_t)n);
}

void redis_append_get(uint64_t key, GByteArray *out)
{
	lu_resp_append_array(out, 2);
	lu_resp_append_bulk(out, "GET", 3);
	append_key(key, out);
}

void redis_append_set(struct redis_client *client, uint64_t key, uint64_t version, GByteArray *out)
{
	lu_keyspace_value(&client->space, key, version, client->value);
	lu_resp_append_array(out, 3);
	lu_resp_append_bulk(out, "SET", 3);
	append_key(key, out);
	lu_resp_append_bulk(out, client->value, client->space.value_bytes);
}

unsigned redis_window(const struct redis_client *client)
{
	return (unsigned)CLAMP(WINDOW_BYTES / client->space.value_bytes, 4, 512);
}

/* An emulated guest handles some ten MB/s. */
int64_t redis_whole_timeout(const struct redis_client *client)
{
	return (60 + (int64_t)((client->space.keys * client->space.value_bytes) >> 20)) * SECOND_NS;
}

uint64_t redis_write_name(uint64_t key, uint32_t version)
{
	return key << 32 | version;
}

enum redis_finding redis_judge_value(struct redis_client *client, uint64_t key, uint32_t floor,
				     const struct lu_resp *resp)
{
	uint64_t version, name;

	if (resp->type == '_')
		return REDIS_MISSING;
	if (!lu_keyspace_check(&client->space, key, resp->bytes, resp->len, &version) ||
	    version > client->keys[key].issued)
		return REDIS_DAMAGED;
	name = redis_write_name(key, (uint32_t)version);
	if (version < floor && !g_hash_table_contains(client->unknown, &name))
		return REDIS_STALE;
	return REDIS_FOUND;
}
