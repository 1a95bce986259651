/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Malformed scenarios: one line that names file, key and what is allowed; exit status 2; nothing
 * else happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

static const struct malformed {
	const char *text;
	const char *key;     /* has to be in the message */
	const char *allowed; /* so has this */
} table[] = {
	{"", "line 1", ""},
	{"{", "line 1", ""},
	{"[]", "object", ""},
	{"{\"strategy\": \"kexec\",}", "line 1", ""},
	{"{\"strategy\": \"kexec\", \"strategy\": \"null\"}", "strategy", ""},
	{"{}", "strategy", "kexec"},
	{"{\"strategy\": 7}", "strategy", ""},
	{"{\"strategy\": \"kexecc\"}", "kexecc", "is not one of: "},
	{"{\"strategy\": \"null\", \"worklod\": \"tick\"}", "worklod", "workload"},
	{"{\"strategy\": \"null\", \"workload\": \"tock\"}", "tock", "tick"},
	{"{\"strategy\": \"null\", \"machine\": \"vax\"}", "vax", "x86-q35"},
	{"{\"strategy\": \"null\", \"machine\": \"../../etc\"}", "machine", ""},
	{"{\"strategy\": \"null\", \"guest\": \"xen\"}", "guest", "qemu"},
	{"{\"strategy\": \"null\", \"seed\": -1}", "seed", "0"},
	{"{\"strategy\": \"null\", \"seed\": 1.5}", "seed", ""},
	{"{\"strategy\": \"null\", \"accel\": \"hvf\"}", "accel", "tcg"},
	{"{\"strategy\": \"null\", \"memory_mb\": \"much\"}", "memory_mb", ""},
	{"{\"strategy\": \"null\", \"guest\": \"qemu\", \"memory_mb\": 16000000}", "memory_mb", ""},
	{"{\"strategy\": \"null\", \"client\": 5}", "client", ""},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": -5}}", "client.rate_hz", "100000"},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": 0}}", "client.rate_hz", "more than 0"},
	{"{\"strategy\": \"null\", \"client\": {\"connections\": 0}}", "client.connections",
	 "1024"},
	{"{\"strategy\": \"null\", \"client\": {\"conections\": 1}}", "conections", "connections"},
	{"{\"strategy\": \"null\", \"client\": {\"timeout_ms\": true}}", "client.timeout_ms", ""},
	{"{\"strategy\": \"null\", \"timeouts\": {\"boot_ms\": 0}}", "timeouts.boot_ms", "1"},
	{"{\"strategy\": \"pause\", \"strategy_params\": {\"ms\": -1}}", "ms", "600000"},
	{"{\"strategy\": \"pause\", \"strategy_params\": {\"sec\": 1}}", "sec", "ms"},
	{"{\"strategy\": \"kexec\", \"strategy_params\": {\"store\": \"tape\"}}", "store", "pmem"},
	{"{\"strategy\": \"kexec\", \"strategy_params\": []}", "strategy_params", ""},
	{"{\"strategy\": \"null\", \"workload_params\": {\"state_mb\": 0}}", "state_mb", "1"},
	{"{\"strategy\": \"null\", \"fault\": {\"phase\": \"LUNCH\"}}", "fault.phase", "SWITCH"},
	{"{\"strategy\": \"null\", \"fault\": {\"kind\": \"gremlin\"}}", "fault.kind", "panic"},
	{"{\"strategy\": \"null\", \"update\": {\"kind\": \"bios\"}}", "update.kind", "kernel"},
};

static void try_one(const struct world *world, const struct malformed *one)
{
	g_autofree char *path = world_file(world, "scenario.json", one->text);
	/* Some would run if they were not refused: those that do not say which
	 * guest do so simulated. */
	struct output output = strstr(one->text, "\"guest\"")
				       ? lubench(world, "run", path, NULL)
				       : lubench(world, "run", "--guest=sim", path, NULL);

	if (output.status != 2 || lines(output.err) != 1 || *output.out ||
	    !strstr(output.err, "scenario.json") || !strstr(output.err, one->key) ||
	    !strstr(output.err, one->allowed))
		fail_msg("%s: status %d, said: %s%s", one->text, output.status, output.err,
			 output.out);
	output_clear(&output);
}

static void test_malformed(void **state)
{
	const struct world *world = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
		try_one(world, &table[i]);
	g_autoptr(GPtrArray) runs = folder(world->runs);

	assert_int_equal(runs->len, 0);
}

static void test_flags(void **state)
{
	static const char *const flags[][2] = {
		{"--rate=-3", "client.rate_hz"},
		{"--rate=fast", "client.rate_hz"},
		{"--connections=x", "connections"},
		{"--param=ms", "ms"},
		{"--param=colour=red", "colour"},
		{"--set=client.tempo=3", "tempo"},
		{"--set=nothing", "--set"},
		{"--fault=LUNCH", "fault.phase"},
		{"--fault=SWITCH:gremlin", "fault.kind"},
		{"--memory=99999999", "memory_mb"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		struct output output = lubench(*state, "run", "--guest=sim", "--strategy=pause",
					       flags[i][0], NULL);

		if (output.status != 2 || lines(output.err) != 1 ||
		    !strstr(output.err, flags[i][1]))
			fail_msg("%s: status %d, said: %s", flags[i][0], output.status, output.err);
		output_clear(&output);
	}
}

static void test_huge_and_absent_files(void **state)
{
	const struct world *world = *state;
	g_autofree char *huge = g_strnfill(2 << 20, ' ');
	g_autofree char *path = world_file(world, "huge.json", huge);
	struct output output = lubench(world, "run", path, NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "huge.json"));
	output_clear(&output);
	output = lubench(world, "run", "no-such-scenario", NULL);
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "no-such-scenario"));
	output_clear(&output);
	output = lubench(world, "run", world->dir, NULL);
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_huge_and_absent_files),
	};

	return cmocka_run_group_tests_name("bench-malformed", tests, world_setup, world_teardown);
}
