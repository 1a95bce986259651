/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Curves of waits: the points that gnuplot is given, worked out by hand, and what is no histogram. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "bench/report/plot-waits.h"
#include "bench/report/waits.h"

static json_t *window(int n, const int *buckets, const int *counts, int unanswered)
{
	json_t *b = json_array(), *c = json_array();
	int all = 0;

	for (int i = 0; i < n; i++) {
		json_array_append_new(b, json_integer(buckets[i]));
		json_array_append_new(c, json_integer(counts[i]));
		all += counts[i];
	}
	return json_pack("{s:i, s:i, s:o, s:o}", "requests", all, "unanswered", unanswered,
			 "buckets", b, "counts", c);
}

/* Buckets below 64 are exact: 10 ns and 20 ns. */
static json_t *result(int at_10, int at_20, int unanswered)
{
	static const int buckets[] = {10, 20};
	const int counts[] = {at_10, at_20};

	return json_pack("{s:{s:{s:i, s:o, s:o, s:{s:{s:o}}}}}", "metrics", "latency",
			 "sub_buckets", 64, "baseline", window(1, buckets, counts, 0), "upgrade",
			 window(2, buckets, counts, unanswered), "by_class", "write", "upgrade",
			 window(1, buckets + 1, counts + 1, unanswered));
}

static json_t *group(const char *label, json_t *counted)
{
	return json_pack("{s:s, s:o}", "label", label, "counted", counted);
}

static void test_pooled(void **state)
{
	json_auto_t *results = json_pack("[o, o]", result(3, 1, 0), result(5, 1, 1));
	struct lu_waits *waits = lu_waits_new(results, "upgrade", NULL);
	const struct lu_waits_bucket *last =
		&g_array_index(waits->buckets, struct lu_waits_bucket, 1);

	assert_int_equal(waits->buckets->len, 2);
	assert_int_equal(waits->requests, 10);
	assert_int_equal(waits->unanswered, 1);
	assert_int_equal(waits->runs, 2);
	assert_int_equal(last->low_ns, 20);
	assert_int_equal(last->high_ns, 21);
	assert_int_equal(last->count, 2);
	lu_waits_free(waits);
}

/* A damaged file's buckets and counts, another division, no histogram at all. */
static void test_no_histograms(void **state)
{
	static const int buckets[] = {-1, 1 << 30, 5}, counts[] = {1, 1, -7};
	json_auto_t *results = json_pack(
		"[{s:{s:{s:i, s:o}}}, {s:{s:{s:i, s:o}}}, {}, {s:n}]", "metrics", "latency",
		"sub_buckets", 64, "upgrade", window(3, buckets, counts, -3), "metrics", "latency",
		"sub_buckets", 32, "upgrade", window(1, buckets + 2, buckets + 2, 0), "metrics");
	struct lu_waits *waits = lu_waits_new(results, "upgrade", NULL);

	assert_int_equal(waits->requests, 0);
	assert_int_equal(waits->unanswered, 0);
	lu_waits_free(waits);
}

static char *script_of(json_t *groups, const char *class, bool complement, GError **error)
{
	const struct lu_plot_waits plot = {groups, class, complement};
	GString *script = g_string_new(NULL);
	bool drawn = lu_plot_waits(script, &plot, error);

	return g_string_free(script, !drawn);
}

/* 8 of 10 waited 10 ns, 2 waited 20: all waited 10, a fifth 20, and none longer, which a
 * logarithmic axis cannot show: half of what one request is. */
static void test_points(void **state)
{
	json_auto_t *groups = json_pack("[o]", group("kexec", json_pack("[o]", result(8, 2, 1))));
	g_autofree char *ccdf = script_of(groups, NULL, true, NULL);
	g_autofree char *cdf = script_of(groups, NULL, false, NULL);
	g_autofree char *writes = script_of(groups, "write", true, NULL);

	assert_non_null(strstr(ccdf, "$after0 << EOD\n1e-08 1\n1.1e-08 0.2\n2e-08 0.2\n"
				     "2.1e-08 0.05\nEOD\n"));
	assert_non_null(strstr(ccdf, "$before0 << EOD\n1e-08 1\n1.1e-08 0.05\nEOD\n"));
	assert_non_null(strstr(ccdf, "\"kexec: 1 run, 10 requests, 1 not answered"));
	assert_non_null(strstr(cdf, "$after0 << EOD\n1e-08 0\n1.1e-08 0.8\n2e-08 0.8\n"
				    "2.1e-08 1\nEOD\n"));
	assert_non_null(strstr(writes, "$after0 << EOD\n2e-08 1\n2.1e-08 0.25\nEOD\n"));
}

static void test_nothing_to_draw(void **state)
{
	json_auto_t *empty = json_pack("[o]", group("kexec", json_array()));
	json_auto_t *many = json_array();
	g_autoptr(GError) none = NULL, all = NULL, class = NULL;

	for (int i = 0; i < 9; i++)
		json_array_append_new(many, group("x", json_pack("[o]", result(1, 1, 0))));
	assert_null(script_of(empty, NULL, true, &none));
	assert_non_null(strstr(none->message, "--with-suspect"));
	assert_null(script_of(many, NULL, true, &all));
	assert_non_null(strstr(all->message, "9 groups"));
	assert_null(script_of(many, "read", true, &class));
	assert_non_null(strstr(class->message, "\"read\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pooled),
		cmocka_unit_test(test_no_histograms),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_nothing_to_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
