/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redis: the real redis-server with a dataset in memory, no disk. Every value names the write it
 * came from, so each read can be judged: it must not be older than what was acknowledged when the
 * read was sent, nor newer than what was written. A key is written by one connection only, so its
 * writes have one order. A write whose connection was lost may or may not have happened: both are
 * correct from then on. At the end the whole dataset is read back.
 */
#include "workloads/redis/service.h"
#include "workloads/redis/client.h"

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

/* A key costs Redis 7.0 about 100 bytes beyond its value (dictEntry, SDS headers, robj),
 * and jemalloc's size classes round the value up by at most a quarter; the program
 * itself has about 8 MiB. */
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

static void populate_request(void *data, uint64_t i, GByteArray *out)
{
	redis_append_set(data, i, 0, out);
}

static ssize_t populate_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct lu_resp resp;
	ssize_t n = lu_resp_parse(buf, len, REDIS_MAX_BULK, &resp);

	return n > 0 && resp.type != '+' ? -1 : n;
}

static bool redis_populate(void *data, struct lu_exchange *exchange)
{
	struct redis_client *client = data;

	*exchange = (struct lu_exchange){
		.count = client->space.keys,
		.window = redis_window(client),
		.timeout_ns = redis_whole_timeout(client),
		.data = client,
		.request = populate_request,
		.reply = populate_reply,
	};
	return true;
}

static const struct lu_program redis_server = {
	"redis-server", "/usr/bin/redis-server", {"redis-server", "redis-tools"}};

const struct lu_workload lu_workload_redis = {
	.name = "redis",
	.summary = "the real redis-server: every value read proves which write it came from",
	.params = redis_params,
	.program = "redis-server",
	.packaged = &redis_server,
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
