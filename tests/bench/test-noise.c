/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What doctor --noise measures and makes of it. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include "bench/noise.h"
#include "host/io.h"

static int64_t whole(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* The figures are this host's; how they follow from each other is not. */
static void test_measured(void **state)
{
	struct lu_noise noise = lu_noise_measure(100 * LU_NS_PER_MS);
	json_auto_t *doc = lu_noise_to_json(&noise);
	json_t *rate;
	int64_t worst_ns = whole(doc, "timer_max_ns") + whole(doc, "stop_max_ns");
	size_t i;

	assert_true(worst_ns > 0);
	assert_true(whole(doc, "timer_p50_ns") <= whole(doc, "timer_p99_ns"));
	assert_true(json_array_size(json_object_get(doc, "rates")) > 1);
	json_array_foreach(json_object_get(doc, "rates"), i, rate)
	{
		double hz = json_number_value(json_object_get(rate, "rate_hz"));
		int64_t interval_ns = (int64_t)(1e9 / hz), floor_ns = whole(rate, "floor_ns");

		assert_int_equal(floor_ns, MAX((interval_ns + worst_ns) * 3 / 2, 4 * interval_ns));
		assert_int_equal(whole(rate, "resolves_ns"),
				 floor_ns < 8 * interval_ns ? floor_ns : 10 * floor_ns);
	}
	lu_noise_clear(&noise);
}

static const struct lu_noise quiet = {
	.timer_p99_ns = 5 * LU_NS_PER_MS,
	.timer_max_ns = 6 * LU_NS_PER_MS,
	.stop_max_ns = 2 * LU_NS_PER_MS,
	.stop_share = 0.1,
	.steal_share = 0.05,
};

/* At 200/s, 5 ms apart: the schedule alone gives 20 ms. */
static void test_floor(void **state)
{
	struct lu_noise noise = quiet;

	assert_int_equal(lu_noise_floor(&noise, 200), 20 * LU_NS_PER_MS);
	assert_int_equal(lu_noise_resolves(&noise, 200), 20 * LU_NS_PER_MS);
	noise.stop_max_ns = 15 * LU_NS_PER_MS; /* 1.5 × (5 + 6 + 15) */
	assert_int_equal(lu_noise_floor(&noise, 200), 39 * LU_NS_PER_MS);
	assert_int_equal(lu_noise_resolves(&noise, 200), 39 * LU_NS_PER_MS);
	noise.stop_max_ns = 17 * LU_NS_PER_MS; /* twice the schedule's, and more */
	assert_int_equal(lu_noise_floor(&noise, 200), 42 * LU_NS_PER_MS);
	assert_int_equal(lu_noise_resolves(&noise, 200), 420 * LU_NS_PER_MS);
}

static void expect_reasons(struct lu_noise noise, const char *reasons)
{
	g_autofree char *found = lu_noise_reasons(&noise, 200);

	assert_int_equal(g_strcmp0(found, reasons), 0);
}

/* Each where a run would be suspect, and just below. */
static void test_reasons(void **state)
{
	struct lu_noise noise = quiet;

	expect_reasons(noise, NULL);
	noise.timer_p99_ns++;
	expect_reasons(noise, "client-late");
	noise.stop_share = 0.11;
	noise.steal_share = 0.06;
	expect_reasons(noise, "client-late, cpu-short, cpu-stolen");
	noise.timer_p99_ns = noise.timer_p50_ns;
	expect_reasons(noise, "cpu-short, cpu-stolen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measured),
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
