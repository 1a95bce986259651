/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy image on a real guest: an image is made, streamed and jumped into; a disk that is not
 * what it remembers is refused, and what breaks by force is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define MS INT64_C(1000000)

static const char *const oracles[] = {"version", "connections",	 "replies",   "order",
				      "state",	 "disk-as-seen", "disk-sound"};

static int64_t claim(const struct run *run, const char *name)
{
	json_t *claims = json_object_get(json_object_get(run->result, "metrics"), "claims");

	assert_true(json_is_integer(json_object_get(claims, name)));
	return json_integer_value(json_object_get(claims, name));
}

static struct run good(const char *options)
{
	struct run run = run_good(options);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s: %s", options, oracles[i], run_verdict(&run, oracles[i]));
	return run;
}

/* All of it lies in the blackout, and cannot take less than the flash. */
static void test_streamed(void **state)
{
	struct run run = good("--strategy=image --param flash=emmc");

	assert_true(claim(&run, "image.stream_ns") > 200 * MS);
	assert_true(run_metric(&run, "blackout_ns") > claim(&run, "image.stream_ns"));
	run_clear(&run);
}

/* The machine runs long before the last of its memory is there. */
static void test_lazy(void **state)
{
	struct run run = good("--strategy=image --param lazy=on --param flash=own "
			      "--param flash_mb_s=20 --param flash_latency_us=500");

	assert_true(claim(&run, "image.stream_ns") > 3000 * MS);
	assert_true(claim(&run, "image.waited_ns") > 0);
	assert_true(claim(&run, "image.devices_ns") < claim(&run, "image.stream_ns"));
	run_clear(&run);
}

static void test_refused(void **state)
{
	struct run run = run_lubench("--strategy=image --param disk=changed");

	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_non_null(strstr(run_text(&run, "reason"), "cached in the memory image is stale"));
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	assert_string_equal(run_verdict(&run, "replies"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "pass");
	run_clear(&run);
}

static void test_forced(void **state)
{
	struct run run = run_lubench("--strategy=image --param disk=changed --param force=on");

	assert_string_equal(run_text(&run, "outcome"), "ok");
	assert_int_equal(run.status, 1);
	assert_string_equal(run_verdict(&run, "disk-as-seen"), "fail");
	assert_string_equal(run_verdict(&run, "disk-sound"), "fail");
	assert_string_equal(run_verdict(&run, "state"), "pass");
	run_clear(&run);
}

/* CRIU has locked no connection of its own: undone after the dump, the service is
 * reached on all of them. */
static void test_rolled_back(void **state)
{
	struct run run;

	if (left_to_full("a fault in PRESERVE"))
		return;
	run = run_lubench("--strategy=image --fault=PRESERVE");
	assert_string_equal(run_text(&run, "outcome"), "failed");
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	assert_string_equal(run_verdict(&run, "state"), "pass");
	assert_int_equal(run_metric(&run, "connections_reset"), 0);
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streamed),    cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_refused),	    cmocka_unit_test(test_forced),
		cmocka_unit_test(test_rolled_back),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
