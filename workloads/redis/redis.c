/* SPDX-License-Identifier: GPL-2.0-or-later */
/* redis: the real redis-server with a dataset in memory, no disk, judged by workloads/kit/keyed.h. */
#include "workloads/kit/keyed.h"
#include "workloads/kit/resp.h"

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

/* An RDB file, as redis-server writes it by itself. Of an option that is given twice the second
 * counts. It listens while it still loads, and answers with errors. */
static char **redis_saving(const char *file)
{
	g_autofree char *dir = g_path_get_dirname(file);
	g_autofree char *name = g_path_get_basename(file);
	const char *const words[] = {"--dir",
				     dir,
				     "--dbfilename",
				     name,
				     "--shutdown-on-sigterm",
				     "save",
				     "--supervised",
				     "systemd",
				     NULL};

	return g_strdupv((char **)words);
}

/* A key costs Redis 7.0 about 100 bytes beyond its value (dictEntry, SDS headers, robj),
 * and jemalloc's size classes round the value up by at most a quarter; the program
 * itself has about 8 MiB. */
static uint64_t redis_state_bytes(const json_t *params)
{
	uint64_t value = (uint64_t)lu_param_int(params, "value_bytes");

	return lu_keyed_count(params) * (value + value / 4 + 128) + (12 << 20);
}

static void *redis_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_keyed_new(&lu_resp_codec, params, seed, connections);
}

static void *redis_service_new(const json_t *params, uint64_t seed)
{
	return lu_keyed_service_new(&lu_resp_codec);
}

static const struct lu_service_model model = {
	.new = redis_service_new,
	.free = lu_keyed_service_free,
	.serve = lu_keyed_serve,
	.damage = lu_keyed_damage,
};

static const struct lu_oracle oracles[] = {
	{"acknowledged-writes", "every acknowledged write is present at the end", true,
	 lu_keyed_judge_writes},
	{"dataset", "every other key still has the value it was populated with", true,
	 lu_keyed_judge_dataset},
	{"reads",
	 "no read returned a damaged value, or one older than a write acknowledged before it",
	 false, lu_keyed_judge_reads},
	{NULL},
};

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
	.saving = redis_saving,
	.tells_ready = true,
	.state_bytes = redis_state_bytes,
	.client_new = redis_client_new,
	.client_free = lu_keyed_free,
	.populate = lu_keyed_populate,
	.request = lu_keyed_request,
	.reply = lu_keyed_reply,
	.lost = lu_keyed_lost,
	.reconnected = lu_keyed_reconnected,
	.churn = lu_keyed_churn,
	.audit = lu_keyed_audit,
	.oracles = oracles,
	.model = &model,
	.class_of = lu_keyed_class,
};
