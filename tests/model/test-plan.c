/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans: which scenarios are accepted, what is made of them, what is said of the rest. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "model/layout.h"
#include "model/plan.h"
#include "model/strategy.h"
#include "model/workload.h"

#define MACHINES  LU_SOURCE_DIR "/machines"
#define SCENARIOS LU_SOURCE_DIR "/scenarios"

static struct lu_plan *plan_of(const char *text, unsigned host_mb, GError **error)
{
	json_t *scenario = lu_scenario_parse(text, strlen(text), "s.json", error);
	struct lu_plan *plan =
		scenario ? lu_plan_new(scenario, "s.json", MACHINES, host_mb, error) : NULL;

	json_decref(scenario);
	return plan;
}

static void test_defaults(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = plan_of("{\"strategy\": \"null\"}", 0, &error);

	assert_null(error);
	assert_string_equal(plan->strategy->name, "null");
	assert_string_equal(plan->machine->name, "x86-q35");
	assert_int_equal(plan->guest, LU_GUEST_QEMU);
	assert_int_equal(plan->connections, 8);
	assert_true(plan->rate_hz == 200);
	assert_int_equal(plan->baseline_ns, 3000000000);
	assert_int_equal(plan->memory_mb, plan->machine->memory_mb);
	assert_int_equal(plan->cpus, 1);
	assert_null(plan->fault_phase);
	assert_int_equal(strlen(plan->hash), 64);
	lu_plan_free(plan);
}

/* Who does not say what changes means what the strategy is for. */
static void test_default_update(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *kexec = plan_of("{\"strategy\": \"kexec\"}", 0, &error);
	struct lu_plan *migrate = plan_of("{\"strategy\": \"migrate\"}", 0, &error);

	assert_null(error);
	assert_string_equal(kexec->update_kind, "kernel");
	assert_string_equal(migrate->update_kind, "vmm");
	lu_plan_free(kexec);
	lu_plan_free(migrate);
	assert_null(plan_of("{\"strategy\": \"migrate\", \"update\": {\"kind\": \"kernel\"}}", 0,
			    &error));
	assert_non_null(strstr(error->message, "allowed: vmm"));
}

/* Who names no workload gets one that the strategy carries, and --param and sweeps know it. */
static void test_default_workload(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *scenario = json_pack("{s:s}", "strategy", "livepatch");
	struct lu_plan *plan = plan_of("{\"strategy\": \"livepatch\"}", 0, &error);

	assert_null(error);
	assert_true(lu_plan_feasible(plan, &error));
	assert_string_equal(plan->workload->name, lu_strategy_workload(plan->strategy));
	assert_string_equal(lu_scenario_workload(scenario), plan->workload->name);
	assert_true(lu_scenario_set_param(scenario, "size_mb=4", &error));
	assert_non_null(json_object_get(json_object_get(scenario, "workload_params"), "size_mb"));
	json_object_set_new(scenario, "workload", json_string("redis"));
	assert_string_equal(lu_scenario_workload(scenario), "redis");
	json_decref(scenario);
	lu_plan_free(plan);
}

/* The first size that the check takes is the first that a guest can be laid out with. */
static void test_least_memory(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_layout layout;
	struct lu_plan *plan;

	assert_null(plan_of("{\"strategy\": \"kexec\", \"memory_mb\": 511}", 0, &error));
	assert_int_equal(error->code, LU_ERROR_USAGE);
	assert_non_null(strstr(error->message, "memory_mb: 511"));
	assert_non_null(strstr(error->message, "allowed: 512 or more"));
	g_clear_error(&error);
	plan = plan_of("{\"strategy\": \"kexec\", \"memory_mb\": 512}", 0, &error);
	assert_null(error);
	assert_true(lu_layout_make(&layout, plan->machine, 512, plan->needs->store_mb, NULL));
	assert_false(lu_layout_make(&layout, plan->machine, 511, plan->needs->store_mb, NULL));
	lu_plan_free(plan);
	/* The store on a disk needs no place in memory. */
	plan = plan_of("{\"strategy\": \"kexec\", \"memory_mb\": 511, \"strategy_params\": "
		       "{\"store\": \"disk\"}}",
		       0, &error);
	assert_null(error);
	lu_plan_free(plan);
}

/* The least memory of a plan, as its refusal says. */
static unsigned least_mb(unsigned initramfs_mb)
{
	g_autofree char *text = g_strdup_printf("{\"strategy\": \"cold\", \"memory_mb\": 64, "
						"\"update\": {\"initramfs_mb\": %u}}",
						initramfs_mb);
	g_autoptr(GError) error = NULL;
	const char *least;

	assert_null(plan_of(text, 0, &error));
	least = strstr(error->message, "allowed: ");
	assert_non_null(least);
	return (unsigned)g_ascii_strtoull(least + strlen("allowed: "), NULL, 10);
}

/* The next kernel's own: counted twice in memory, and only where one is booted. */
static void test_initramfs(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_int_equal(least_mb(192) - least_mb(64), 2 * 128);
	struct lu_plan *plan =
		plan_of("{\"strategy\": \"cold\", \"update\": {\"initramfs_mb\": 64}}", 0, &error);

	assert_null(error);
	assert_int_equal(plan->initramfs_mb, 64);
	lu_plan_free(plan);
	assert_null(plan_of("{\"strategy\": \"cold\", \"update\": {\"initramfs_mb\": 1000}}", 0,
			    &error));
	assert_non_null(strstr(error->message, "memory_mb: 1024"));
	g_clear_error(&error);
	assert_null(plan_of("{\"strategy\": \"migrate\", \"update\": {\"initramfs_mb\": 1}}", 0,
			    &error));
	assert_non_null(strstr(error->message, "update.initramfs_mb"));
}

static void test_cpus(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = plan_of("{\"strategy\": \"null\", \"cpus\": 16}", 0, &error);

	assert_null(error);
	assert_int_equal(plan->cpus, 16);
	assert_int_equal(json_integer_value(json_object_get(plan->doc, "cpus")), 16);
	lu_plan_free(plan);
}

/* A plan, read as a scenario, is the same plan: nothing is left implicit. */
static void test_plan_is_a_scenario(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan =
		plan_of("{\"strategy\": \"pause\", \"strategy_params\": {\"ms\": 50}, "
			"\"fault\": {\"phase\": \"FREEZE\"}, \"seed\": 7, "
			"\"client\": {\"rate_hz\": 0.1e3}}",
			0, &error);

	assert_null(error);
	struct lu_plan *again = lu_plan_new(plan->doc, "again", MACHINES, 0, &error);

	assert_null(error);
	assert_string_equal(plan->hash, again->hash);
	assert_true(json_equal(plan->doc, again->doc));
	assert_string_equal(again->fault_kind, "error");
	lu_plan_free(plan);
	lu_plan_free(again);
}

static void test_hash(void **state)
{
	struct lu_plan *a = plan_of("{\"strategy\": \"null\", \"seed\": 1}", 0, NULL);
	struct lu_plan *b =
		plan_of("{\"client\": {\"rate_hz\": 200.0}, \"strategy\": \"null\"}", 0, NULL);
	struct lu_plan *c = plan_of("{\"strategy\": \"null\", \"seed\": 2}", 0, NULL);
	struct lu_plan *d = lu_plan_with_seed(a, 2);

	assert_string_equal(a->hash, b->hash);
	assert_string_not_equal(a->hash, c->hash);
	assert_string_equal(c->hash, d->hash);
	assert_int_equal(d->seed, 2);
	assert_string_equal(d->machine->name, a->machine->name);
	lu_plan_free(a);
	lu_plan_free(b);
	lu_plan_free(c);
	lu_plan_free(d);
}

static bool has_word(const GPtrArray *words, const char *word)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)words, word, g_str_equal, NULL);
}

static bool has_kmod(const struct lu_needs *needs, const char *name)
{
	for (guint i = 0; i < needs->kmods->len; i++)
		if (g_str_equal(((struct lu_kmod *)needs->kmods->pdata[i])->name, name))
			return true;
	return false;
}

/* What the strategy wants, what its workload wants, and what follows from both. */
static void test_needs(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *kexec = plan_of("{\"strategy\": \"kexec\", \"workload\": \"oltp\", "
					"\"strategy_params\": {\"store\": \"disk\"}}",
					0, &error);
	struct lu_plan *swap =
		plan_of("{\"strategy\": \"hotswap\", \"workload\": \"block\"}", 0, &error);
	const struct lu_needs *needs = kexec->needs;

	assert_null(error);
	assert_true(lu_plan_feasible(kexec, NULL) && lu_plan_feasible(swap, NULL));
	assert_string_equal(needs->store, "disk");
	assert_true(has_word(needs->features, "criu") && has_word(needs->features, "ext4"));
	assert_true(has_word(needs->programs, "oltp") && has_word(needs->programs, "mke2fs"));
	assert_int_equal(needs->data_mb, 64);
	assert_int_equal(needs->kmods->len, 0);
	assert_true(has_kmod(swap->needs, "lu_block") && has_kmod(swap->needs, "lu_block_v2"));
	assert_int_equal(swap->needs->data_mb, 0);
	lu_plan_free(kexec);
	lu_plan_free(swap);
}

/* Two copies change apart from each other. */
static void test_needs_copy(void **state)
{
	struct lu_needs *needs = lu_needs_new(), *copy;

	lu_needs_feature(needs, "net");
	lu_needs_kmod(needs, "lu_block", "a=1");
	copy = lu_needs_copy(needs);
	lu_needs_feature(copy, "ext4");
	lu_needs_kmod(copy, "lu_block", "b=2");
	assert_int_equal(needs->features->len, 1);
	assert_string_equal(((struct lu_kmod *)needs->kmods->pdata[0])->params, "a=1");
	lu_needs_free(needs);
	assert_true(has_word(copy->features, "net") && has_word(copy->features, "ext4"));
	assert_string_equal(((struct lu_kmod *)copy->kmods->pdata[0])->params, "a=1 b=2");
	lu_needs_free(copy);
}

/* Such a plan is made all the same: that it is refused is the result of its run. */
static void test_refusal(void **state)
{
	g_autoptr(GError) error = NULL, again = NULL, of_seed = NULL;
	struct lu_plan *plan =
		plan_of("{\"strategy\": \"hotswap\", \"workload\": \"tick\"}", 0, NULL);
	struct lu_plan *other = lu_plan_with_seed(plan, 2);

	assert_false(lu_plan_feasible(plan, NULL));
	assert_false(lu_plan_feasible(plan, &error));
	assert_false(lu_plan_feasible(plan, &again));
	assert_false(lu_plan_feasible(other, &of_seed));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
	assert_non_null(strstr(error->message, "uses no component"));
	assert_string_equal(error->message, again->message);
	assert_string_equal(error->message, of_seed->message);
	assert_int_equal(plan->needs->programs->len, 0);
	lu_plan_free(plan);
	assert_int_equal(other->needs->kmods->len, 0);
	lu_plan_free(other);
}

/* Each is refused with one line that begins with the file's name and contains the rest. */
static const struct {
	const char *scenario, *message;
	int code;
} wrong[] = {
	{"", "s.json: line 1", LU_ERROR_USAGE},
	{"{", "s.json: line 1", LU_ERROR_USAGE},
	{"[]", "allowed: one JSON object", LU_ERROR_USAGE},
	{"{\"seed\": 1, \"seed\": 2}", "duplicate", LU_ERROR_USAGE},
	{"{}", "strategy: missing", LU_ERROR_USAGE},
	{"{\"strategy\": 5}", "s.json: strategy: 5 is wrong", LU_ERROR_USAGE},
	{"{\"strategy\": \"magic\"}", "'magic' is not one of", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"workload\": \"x\"}", "'x' is not one of", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"machine\": \"x86-q36\"}",
	 "'x86-q36' is not known (did you mean 'x86-q35'?); allowed: ", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"machine\": \"../x\"}", "s.json: machine: ", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"sed\": 1}", "unknown key 'sed' (did you mean 'seed'?)",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"seed\": -1}", "s.json: seed: -1 is wrong; allowed: 0 to ",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"seed\": 99999999999999999999}", "too big", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": -5}}",
	 "s.json: client.rate_hz: -5 is wrong; allowed: more than 0, at most 100000",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": \"200\"}}", "client.rate_hz: \"200\"",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": {\"connections\": 1025}}", "allowed: 1 to 1024",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": {\"rate\": 5}}",
	 "s.json: client: unknown key 'rate'", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": 5}", "s.json: client: must be an object",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": 1, \"baseline_ms\": 2000}}",
	 "client.baseline_ms: 2000 ms at 1 Hz hold 2.0 requests", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"memory_mb\": 10240}",
	 "memory_mb: 10240 does not fit this host, which has 4096; allowed: up to 3072",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"machine\": \"ppc64-pseries\", \"memory_mb\": 1000}",
	 "allowed: multiples of 256", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"machine\": \"ppc64-pseries\", \"memory_mb\": 8}",
	 "memory_mb: 8 is too little for ppc64-pseries", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"workload\": \"block\", \"workload_params\": {\"size_mb\": "
	 "512}}",
	 "memory_mb: 1024 is too little for workload block with a state of 1025 MiB; allowed: 1217 "
	 "or more",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"cpus\": 17}", "cpus: 17 is wrong; allowed: 0 to 16",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"guest\": \"xen\"}", "allowed: qemu or sim", LU_ERROR_USAGE},
	{"{\"strategy\": \"pause\", \"fault\": {\"phase\": \"SWITCH\"}}",
	 "fault.phase: strategy pause has no SWITCH; allowed: ", LU_ERROR_USAGE},
	{"{\"strategy\": \"pause\", \"fault\": {\"phase\": \"FREEZE\", \"kind\": \"fire\"}}",
	 "fault.kind: \"fire\" is wrong; allowed: ", LU_ERROR_USAGE},
	{"{\"strategy\": \"pause\", \"strategy_params\": {\"ms\": -1}}",
	 "s.json: strategy_params.ms: -1 is wrong", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"update\": {\"to\": \"a b\"}}", "update.to: \"a b\" is wrong",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"update\": {\"to\": \"../linux\"}}",
	 "update.to: \"../linux\" is wrong; allowed: 1 to 64 letters, digits and . _ + -, or an "
	 "absolute path",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"update\": {\"to\": \"/a\\nb\"}}",
	 "update.to: ", LU_ERROR_USAGE},
	{"{\"strategy\": \"null\", \"guest\": \"sim\", \"update\": {\"from\": \"/linux\"}}",
	 "update.from: /linux: a kernel built from source runs on a real guest only",
	 LU_ERROR_USAGE},
	{"{\"strategy\": \"kexec\", \"update\": {\"kind\": \"vmm\"}}",
	 "update.kind: strategy kexec cannot carry an update of kind vmm; allowed: kernel",
	 LU_ERROR_REFUSED},
	{"{\"strategy\": \"null\", \"update\": {\"kind\": \"colour\"}}", "update.kind: \"colour\"",
	 LU_ERROR_USAGE},
};

static void test_wrong(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(plan_of(wrong[i].scenario, 4096, &error));
		assert_non_null(error);
		if (!strstr(error->message, wrong[i].message))
			print_error("%s: %s\n", wrong[i].scenario, error->message);
		assert_non_null(strstr(error->message, wrong[i].message));
		assert_true(g_str_has_prefix(error->message, "s.json: "));
		assert_null(strchr(error->message, '\n'));
		assert_int_equal(error->code, wrong[i].code);
	}
}

static void test_deep_nesting(void **state)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 100000; i++)
		g_string_append(deep, "[");
	assert_null(plan_of(deep->str, 0, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
}

static void test_every_example(void **state)
{
	g_autoptr(GDir) dir = g_dir_open(SCENARIOS, 0, NULL);
	const char *file;
	int count = 0;

	while ((file = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(SCENARIOS, file, NULL);
		g_autoptr(GError) error = NULL;
		json_t *scenario = lu_scenario_load(path, &error);
		struct lu_plan *plan =
			scenario ? lu_plan_new(scenario, path, MACHINES, 0, &error) : NULL;

		if (error)
			print_error("%s\n", error->message);
		assert_non_null(plan);
		lu_plan_free(plan);
		json_decref(scenario);
		count++;
	}
	assert_true(count >= 4);
}

/* An end of an update may be a kernel of one's own. */
static void test_tree(void **state)
{
	json_t *scenario =
		json_pack("{s:s, s:{s:s}}", "strategy", "kexec", "update", "to", "/src/linux");
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = lu_plan_new(scenario, "flags", MACHINES, 0, &error);

	assert_null(error);
	assert_null(lu_plan_tree(plan, false));
	assert_string_equal(lu_plan_kernel(plan, false), "previous");
	assert_string_equal(lu_plan_tree(plan, true), "/src/linux");
	lu_plan_free(plan);
	json_decref(scenario);
}

/* The link is perfect unless the scenario says otherwise, and the plan then looks as it did before
 * there was this key. */
static void test_network(void **state)
{
	json_t *scenario = json_pack("{s:s}", "strategy", "null");
	struct lu_plan *plan = lu_plan_new(scenario, "test", MACHINES, 0, NULL);

	assert_non_null(plan);
	assert_null(json_object_get(plan->doc, "network"));
	assert_true(plan->net_loss == 0 && !plan->net_delay_ns && !plan->net_rate_bps);
	lu_plan_free(plan);
	assert_true(lu_scenario_set(scenario, "network.loss_ppm", "10000", NULL));
	assert_true(lu_scenario_set(scenario, "network.delay_us", "20000", NULL));
	plan = lu_plan_new(scenario, "test", MACHINES, 0, NULL);
	assert_non_null(plan);
	assert_true(plan->net_loss == 0.01);
	assert_int_equal(plan->net_delay_ns, 20000000);
	assert_int_equal(plan->net_rate_bps, 0);
	lu_plan_free(plan);
	json_decref(scenario);
}

/* More than the network carries is not asked for unsaid. */
static void test_network_carries(void **state)
{
	static const char lossy[] = "{\"delay_us\": 20000, \"loss_ppm\": 10000}";
	json_t *scenario = json_pack("{s:s, s:s, s:o}", "strategy", "null", "workload", "http",
				     "network", json_loads(lossy, 0, NULL));
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = lu_plan_new(scenario, "test", MACHINES, 0, &error);

	assert_null(plan);
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	assert_string_equal(
		error->message,
		"test: network: a connection of workload http needs 819 kB/s and carries "
		"about 447; allowed: client.rate_hz up to 109 or replies of up to 17 kB, and half "
		"of that leaves room to catch up after a blackout");
	assert_true(lu_scenario_set_param(scenario, "chunk_kb=8", NULL));
	plan = lu_plan_new(scenario, "test", MACHINES, 0, NULL);
	assert_non_null(plan);
	lu_plan_free(plan);
	assert_true(lu_scenario_set(scenario, "network.rate_kbps", "10000", NULL));
	assert_null(lu_plan_new(scenario, "test", MACHINES, 0, NULL)); /* 156 kB/s each */
	json_decref(scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_plan_is_a_scenario),
		cmocka_unit_test(test_default_update),
		cmocka_unit_test(test_default_workload),
		cmocka_unit_test(test_least_memory),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_initramfs),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_needs_copy),
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_every_example),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_network_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
