/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: verified reads and writes of two devices, each behind a pool of requests to a server
 * with a latency, whose number and size of requests can be swapped
 * (docs/design/hotswap-pool.md). The service compares every record it reads with what it last
 * wrote there, and at the end the bytes that the server has carried out with those it asked for,
 * so that a lost or repeated request is always detected.
 */
#include <inttypes.h>
#include "workloads/kit/argv.h"
#include "workloads/kit/counted.h"

static const char *const spoils[] = {"none", "change", "again", "answer", NULL};

static const struct lu_param pool_params[] = {
	{"size_mb", LU_PARAM_INT, "8", 1, 256, NULL, "size of each of the two devices, MiB"},
	{"latency_us", LU_PARAM_INT, "2000", 0, 1000000, NULL,
	 "from a request to its answer by the server, us"},
	{"bytes", LU_PARAM_INT, "32768", 64, 262144, NULL,
	 "bytes that each operation reads or writes"},
	{"ops", LU_PARAM_INT, "1", 1, 1024, NULL, "operations per client request"},
	{"threads", LU_PARAM_INT, "4", 0, 64, NULL,
	 "worker threads per device, besides the requests"},
	{"pace_us", LU_PARAM_INT, "20000", 0, 999999, NULL,
	 "pause of a worker thread after every operation, us"},
	{"linger_us", LU_PARAM_INT, "0", 0, 10000000, NULL,
	 "how long a lingering call sleeps inside the pool's code, us; 0: no call lingers"},
	{"linger_every", LU_PARAM_INT, "64", 1, 1000000, NULL, "every how many calls one lingers"},
	{"patience_ms", LU_PARAM_INT, "20000", 10, 600000, NULL,
	 "time after which an unanswered operation is an error, ms"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "error that the service makes once, after the first swap, to test the oracles"},
	{NULL},
};

static const char *const pool_kmods[] = {"lu_swap", "lu_pool_front", "lu_pool_v1", "lu_pool", NULL};

static const struct lu_component pool_component = {
	.name = "pool",
	.instances = {"lupool0", "lupool1"},
	.versions = (const char *const[]){"v1", "v2", NULL},
};

static char *pool_kmod_params(const json_t *params, const char *kmod)
{
	static const char *const words[] = {"size_mb",	    "latency_us",  "linger_us",
					    "linger_every", "patience_ms", NULL};
	g_autoptr(GString) line = g_string_new(NULL);

	if (!g_str_equal(kmod, "lu_pool_front"))
		return NULL;
	for (size_t i = 0; words[i]; i++)
		g_string_append_printf(line, "%s%s=%" PRId64, i ? " " : "", words[i],
				       lu_param_int(params, words[i]));
	return g_strdup(line->str);
}

static char **pool_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/pool", "--port", "7011", NULL};
	static const char *const names[] = {"ops", "bytes", "threads", "pace_us", "spoil", NULL};

	return lu_argv_of(params, words, names);
}

/* The devices, and the buffers of requests on both sides and of the callers. */
static uint64_t pool_state_bytes(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "size_mb") << 21) +
	       4 * (uint64_t)lu_param_int(params, "bytes") *
		       ((uint64_t)lu_param_int(params, "threads") + 1) +
	       (8 << 20);
}

static const struct lu_count counts[] = {
	{"requests"},
	{"operations"},
	{"operations failed", "records"},
	{"records with earlier contents", "records", "lose-write"},
	{"with other contents", "records", "corrupt"},
	{"bytes carried out more or less often than requested", "requests", "lose-request"},
	{"requests repeated", "requests", "repeat-request"},
	{"answers to no request", "requests", "stray-answer"},
	{"longest_operation_ns"},
	{"operations_first_version"},
	{"us_first_version"},
	{"us_later_version"},
	{"server_requests"},
	{"server_requests_at_once"},
	{},
};

enum { OPERATIONS = 1, OPERATIONS_FIRST = 9, US_FIRST = 10, SERVER_REQUESTS = 12 };

/* In the model all operations take 4 ms, with the first version. */
static void serve(const json_t *params, bool audit, uint64_t *of)
{
	uint64_t ops = audit ? 0 : (uint64_t)lu_param_int(params, "ops");

	of[OPERATIONS] += ops;
	of[OPERATIONS_FIRST] += ops;
	of[US_FIRST] += ops * 4000;
	of[SERVER_REQUESTS] += ops;
}

static const struct lu_counted pool_counted = {
	.component = &pool_component,
	.letter = 'P',
	.counts = counts,
	.why = "the service did not read what it wrote, or an operation failed",
	.serve = serve,
};

static void *pool_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_counted_client_new(&pool_counted, connections);
}

static void *pool_service_new(const json_t *params, uint64_t seed)
{
	return lu_counted_service_new(&pool_counted, params);
}

static void put_mean(json_t *report, const char *name, json_int_t us, json_int_t ops)
{
	if (ops > 0)
		json_object_set_new(report, name, json_real((double)us / (double)ops));
}

/* The average time of an operation, with the first version of a device and with any other. */
static json_t *pool_report(void *client)
{
	json_t *report = lu_counted_report(client);
	json_int_t all = json_integer_value(json_object_get(report, "operations"));
	json_int_t first = json_integer_value(json_object_get(report, "operations_first_version"));

	put_mean(report, "mean_us_first_version",
		 json_integer_value(json_object_get(report, "us_first_version")), first);
	put_mean(report, "mean_us_later_version",
		 json_integer_value(json_object_get(report, "us_later_version")), all - first);
	return report;
}

static enum lu_verdict judge_records(void *client, char **evidence)
{
	return lu_counted_judge(client, "records", evidence);
}

static enum lu_verdict judge_requests(void *client, char **evidence)
{
	return lu_counted_judge(client, "requests", evidence);
}

static const struct lu_oracle pool_oracles[] = {
	{"order", "each reply answers its request", false, lu_counted_judge_order},
	{"records",
	 "every record read holds what was last written to it; at the end all are read back", false,
	 judge_records},
	{"requests", "no request to the server is lost or repeated", false, judge_requests},
	{"devices", "the devices are not replaced by empty ones", true, lu_counted_judge_kept},
	{NULL},
};

static const struct lu_service_model pool_model = {
	.new = pool_service_new,
	LU_COUNTED_MODEL,
};

const struct lu_workload lu_workload_pool = {
	.name = "pool",
	.summary =
		"verified I/O through two pools of requests whose number and size can be swapped",
	.params = pool_params,
	.program = "pool",
	.port = 7011,
	.argv = pool_argv,
	.kmods = pool_kmods,
	.kmod_params = pool_kmod_params,
	.component = &pool_component,
	.state_bytes = pool_state_bytes,
	.client_new = pool_client_new,
	LU_COUNTED_WORKLOAD,
	.report = pool_report,
	.oracles = pool_oracles,
	.model = &pool_model,
};
