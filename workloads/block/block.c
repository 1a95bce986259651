/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block: verified I/O on two RAM disks whose implementation can be swapped
 * (docs/design/hotswap.md). The service does the I/O and compares every block it reads with what it
 * last wrote there.
 */
#include <inttypes.h>
#include "workloads/kit/argv.h"
#include "workloads/kit/counted.h"

#define MODEL_CALL_NS 40000 /* what the model reports as its longest operation */

static const char *const spoils[] = {"none", "change", "answer", NULL};

static const struct lu_param block_params[] = {
	{"size_mb", LU_PARAM_INT, "8", 1, 512, NULL, "size of each of the two disks, MiB"},
	{"ops", LU_PARAM_INT, "16", 1, 65536, NULL, "block operations per request"},
	{"threads", LU_PARAM_INT, "1", 0, 16, NULL,
	 "worker threads per disk, besides the requests"},
	{"pace_us", LU_PARAM_INT, "2000", 0, 999999, NULL,
	 "pause of a worker thread after every 32 operations, us"},
	{"residency_us", LU_PARAM_INT, "0", 0, 10000000, NULL,
	 "how long a lingering write sleeps inside the driver's code, us; 0: no write lingers"},
	{"residency_every", LU_PARAM_INT, "64", 1, 1000000, NULL,
	 "every how many writes one lingers"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "error that the service makes once, after the first swap, to test the oracles"},
	{NULL},
};

static const char *const block_kmods[] = {"lu_swap", "lu_block_form", "lu_block_v1", "lu_block",
					  NULL};

static const struct lu_component block_component = {
	.name = "block",
	.instances = {"lublk0", "lublk1"},
	.versions = (const char *const[]){"v1", "v2", "v3", NULL},
	.patches = (const char *const[]){"fix", "crc", NULL},
	.direct = "straight_from=1",
	.devices = true,
};

static char *block_kmod_params(const json_t *params, const char *kmod)
{
	if (g_str_equal(kmod, "lu_block"))
		return g_strdup_printf("size_mb=%" PRId64, lu_param_int(params, "size_mb"));
	if (g_str_equal(kmod, "lu_block_form"))
		return g_strdup_printf("residency_us=%" PRId64 " residency_every=%" PRId64,
				       lu_param_int(params, "residency_us"),
				       lu_param_int(params, "residency_every"));
	return NULL;
}

static char **block_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/block", "--port",		  "7009",
					    "--state-file",   "/run/block.state", NULL};
	static const char *const names[] = {"ops", "threads", "pace_us", "spoil", NULL};

	return lu_argv_of(params, words, names);
}

static char **block_saving(const char *file)
{
	const char *const words[] = {"--state-file", file, NULL};

	return g_strdupv((char **)words);
}

static uint64_t block_state_bytes(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "size_mb") << 21) + (1 << 20);
}

enum { REQUESTS, OPERATIONS, LONGEST = 5 };

static const struct lu_count counts[] = {
	[REQUESTS] = {"requests"},
	[OPERATIONS] = {"block_operations"},
	{"errors", "blocks"},
	{"blocks with earlier contents", "blocks", "lose-write"},
	{"with other contents", "blocks", "corrupt"},
	[LONGEST] = {"longest_call_ns"},
	{},
};

/* A MiB of both disks is 512 blocks. */
static void serve(const json_t *params, bool audit, uint64_t *of)
{
	of[OPERATIONS] += audit ? (uint64_t)lu_param_int(params, "size_mb") << 9
				: (uint64_t)lu_param_int(params, "ops");
	of[LONGEST] = MODEL_CALL_NS;
}

static const struct lu_counted block_counted = {
	.component = &block_component,
	.letter = 'B',
	.counts = counts,
	.why = "the service did not read what it wrote",
	.serve = serve,
};

static void *block_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_counted_client_new(&block_counted, connections);
}

static void *block_service_new(const json_t *params, uint64_t seed)
{
	return lu_counted_service_new(&block_counted, params);
}

static enum lu_verdict judge_blocks(void *client, char **evidence)
{
	return lu_counted_judge(client, "blocks", evidence);
}

static const struct lu_oracle block_oracles[] = {
	{"order", "each reply answers its request", false, lu_counted_judge_order},
	{"blocks",
	 "every block read holds what was last written to it; at the end all are read back", false,
	 judge_blocks},
	{"disks", "the disks are not replaced by empty ones", true, lu_counted_judge_kept},
	{NULL},
};

static const struct lu_service_model block_model = {
	.new = block_service_new,
	LU_COUNTED_MODEL,
};

const struct lu_workload lu_workload_block = {
	.name = "block",
	.summary = "verified block I/O on two RAM disks with a swappable driver",
	.params = block_params,
	.program = "block",
	.port = 7009,
	.argv = block_argv,
	.kmods = block_kmods,
	.kmod_params = block_kmod_params,
	.component = &block_component,
	.saves = true,
	.saving = block_saving,
	.state_bytes = block_state_bytes,
	.client_new = block_client_new,
	LU_COUNTED_WORKLOAD,
	.report = lu_counted_report,
	.oracles = block_oracles,
	.model = &block_model,
};
