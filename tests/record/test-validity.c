/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict on a run: each criterion on a record that just misses it and on one that meets it. */
#include "tests/kit/cmocka-all.h"
#include "record/validity.h"
#include "tests/record/record.h"

/* Baseline from 1000 to 2000, requests every 10 ms answered after 1 ms, a pause of 500 ms at 2500,
 * and the end at 5000: sound. */
static struct lu_timeline *upgraded(void)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 2500, 3000, 10, 3000, 0);
	record_steady(t, 3000, 5000, 10, 1, 0);
	return t;
}

static void record_sent(struct lu_timeline *t, int64_t intended_ms, int64_t sent_ms,
			int64_t arrival_ms, int conn)
{
	lu_timeline_add(t, arrival_ms * MS, "client", "reply", 0,
			json_pack("{s:I, s:I, s:i, s:b}", "intended_ns",
				  (json_int_t)(intended_ms * MS), "sent_ns",
				  (json_int_t)(sent_ms * MS), "conn", conn, "ok", 1));
}

/* Takes value. */
static void record_cpu(struct lu_timeline *t, int64_t ms, json_t *value)
{
	json_object_set_new(value, "ns", json_integer(250 * MS));
	lu_timeline_add(t, ms * MS, "host", "cpu", 0, value);
}

/* The same each 250 ms from 1250 to 5000; takes value. */
static void record_cpus(struct lu_timeline *t, json_t *value)
{
	for (int64_t ms = 1250; ms <= 5000; ms += 250)
		record_cpu(t, ms, json_deep_copy(value));
	json_decref(value);
}

/* A host with nothing else to do. */
static json_t *quiet(void)
{
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:s}", "cpus", 2, "busy_ns",
			 (json_int_t)(100 * MS), "own_ns", (json_int_t)(90 * MS), "steal_ns",
			 (json_int_t)0, "pressure_ns", (json_int_t)(10 * MS), "wait_ns",
			 (json_int_t)(5 * MS), "waiter", "client");
}

/* The verdict's document; frees the record. */
static json_t *judge_as(struct lu_timeline *t, bool simulated)
{
	lu_timeline_sort(t);
	struct lu_metrics metrics = lu_metrics_compute(t);
	json_t *doc = lu_validity_to_json(t, &metrics, simulated);

	lu_timeline_free(t);
	return doc;
}

/* Expects these reasons, "a,b", and the verdict that goes with them. */
static void assert_reasons_as(struct lu_timeline *t, bool simulated, const char *expected)
{
	json_t *doc = judge_as(t, simulated), *reason;
	g_autoptr(GString) found = g_string_new(NULL);
	size_t i;

	json_array_foreach(json_object_get(doc, "reasons"), i, reason)
	{
		g_string_append_printf(found, "%s%s", i ? "," : "",
				       json_string_value(json_object_get(reason, "key")));
		assert_true(*json_string_value(json_object_get(reason, "what")));
		assert_true(*json_string_value(json_object_get(reason, "advice")));
	}
	assert_string_equal(found->str, expected);
	assert_string_equal(json_string_value(json_object_get(doc, "verdict")),
			    *expected ? "suspect" : "sound");
	json_decref(doc);
}

static void assert_reasons(struct lu_timeline *t, const char *expected)
{
	record_cpus(t, quiet());
	assert_reasons_as(t, false, expected);
}

static void test_sound(void **state)
{
	assert_reasons(upgraded(), "");
}

/* 100 requests/s are asked for, and every nth is answered, at last. */
static struct lu_timeline *backlog(int64_t took_ms)
{
	struct lu_timeline *t = record_new();

	for (int64_t ms = 1000, done = 1000; ms < 5000; ms += 10) {
		done = MAX(done, ms) + took_ms;
		record_reply(t, ms, done, 0, true, NULL);
	}
	return t;
}

static void test_saturated(void **state)
{
	json_t *doc = judge_as(backlog(15), true);
	const json_t *figures = json_object_get(doc, "figures");

	/* One in 15 ms: by 2000, 66 of those that were intended until 1985. */
	assert_string_equal(json_string_value(json_object_get(doc, "verdict")), "suspect");
	assert_float_equal(json_number_value(json_object_get(figures, "asked_hz")), 100, 0.01);
	assert_float_equal(json_number_value(json_object_get(figures, "answered_hz")),
			   100 * 66 / 99.0, 0.01);
	json_decref(doc);
	assert_reasons_as(backlog(15), true, "saturated");
	assert_reasons_as(backlog(9), true, "");
}

/* A service that is far away is not slow: half of the baseline is under way all the time. */
static void test_long_latency_is_no_saturation(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 5000, 10, 400, 0);
	assert_reasons_as(t, true, "");
}

/* Nor is jitter: 300 to 500 ms. */
static void test_jitter_is_no_saturation(void **state)
{
	struct lu_timeline *t = record_new();

	for (int64_t ms = 1000; ms < 5000; ms += 10)
		record_reply(t, ms, ms + 300 + ms * 7 % 200, 0, true, NULL);
	assert_reasons_as(t, true, "");
}

static struct lu_timeline *slower_by(int64_t second_ms)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 1500, 5, 20, 0);
	record_steady(t, 1500, 2000, 5, second_ms, 0);
	record_steady(t, 2000, 5000, 5, 20, 0);
	return t;
}

static void test_drift_of_latency(void **state)
{
	assert_reasons(slower_by(32), "baseline-drift");
	assert_reasons(slower_by(28), "");		 /* a factor of 1.4 */
	assert_reasons(slower_by(12), "baseline-drift"); /* quicker is no better */
}

/* 1 ms more is beyond the factor, but below the interval of requests. */
static void test_drift_below_resolution(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 1500, 5, 1, 0);
	record_steady(t, 1500, 2000, 5, 2, 0);
	record_steady(t, 2000, 5000, 5, 1, 0);
	assert_reasons(t, "");
}

/* Every sixth request of the baseline's second half is lost. */
static void test_drift_of_goodput(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 1500, 5, 1, 0);
	for (int64_t ms = 1500; ms < 2000; ms += 5) {
		if (ms % 30 == 0)
			record_lost(t, ms, ms + 1, 0, "reset");
		else
			record_reply(t, ms, ms + 1, 0, true, NULL);
	}
	record_steady(t, 2000, 5000, 5, 1, 0);
	assert_reasons(t, "saturated,baseline-drift");
}

/* A gap of hiccup ms in the baseline, which sets the floor, and the pause of 500 ms. */
static struct lu_timeline *hiccup(int64_t hiccup_ms, int64_t pause_ms)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 1400, 10, 1, 0);
	record_burst(t, 1400, 1400 + hiccup_ms, 10, 1400 + hiccup_ms, 0);
	record_steady(t, 1400 + hiccup_ms, 2500, 10, 1, 0);
	record_burst(t, 2500, 2500 + pause_ms, 10, 2500 + pause_ms, 0);
	record_steady(t, 2500 + pause_ms, 5000, 10, 1, 0);
	return t;
}

static void test_noise_floor(void **state)
{
	/* Floors of 1.5 × 69 and 1.5 × 49 for a blackout of 499 ms. */
	assert_reasons(hiccup(60, 500), "noise-floor");
	/* Below twice the 40 ms that the schedule gives it is the client's rate that limits. */
	assert_reasons(hiccup(40, 500), "");
	/* 103.5 ms are 10.4 % of 999 and 9.9 % of 1049. */
	assert_reasons(hiccup(60, 1000), "noise-floor");
	assert_reasons(hiccup(60, 1050), "");
}

static void test_floor_hides_a_gap(void **state)
{
	assert_reasons(hiccup(200, 150), "floor-raised");
	assert_reasons(hiccup(200, 40), ""); /* no longer than the schedule's own floor */
}

/* Seven of eight connections are dark for dark ms, the first goes on: 10 ms between replies, less an
 * interval of 1 ms. */
static struct lu_timeline *mostly_dark(int64_t dark_ms)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 5000, 10, 1, 0);
	for (int conn = 1; conn < 8; conn++) {
		record_steady(t, 1000 + conn, 2500, 10, 1, conn);
		record_burst(t, 2500 + conn, 2500 + dark_ms, 10, 2500 + dark_ms + conn, conn);
		record_steady(t, 2500 + dark_ms + conn, 5000, 10, 1, conn);
	}
	return t;
}

static void test_another_connection_contradicts(void **state)
{
	assert_reasons(mostly_dark(1800), "connection-darker");
	assert_reasons(mostly_dark(90), "");
}

/* In each hundred requests three are sent late. */
static struct lu_timeline *late_client(int64_t late_ms)
{
	struct lu_timeline *t = record_new();

	for (int64_t i = 0; i < 400; i++) {
		int64_t ms = 1000 + 10 * i, sent = ms + (i % 33 == 7 ? late_ms : 0);

		record_sent(t, ms, sent, sent + 1, 0);
	}
	return t;
}

static void test_client_late(void **state)
{
	assert_reasons(late_client(11), "client-late");
	assert_reasons(late_client(10), ""); /* an interval */
}

/* What waits for its connection waits for the service, not for the client's thread. */
static void test_closed_connection_is_no_lag(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	lu_timeline_add(t, 2499 * MS, "client", "conn", 0, json_pack("{s:s}", "state", "reset"));
	for (int64_t ms = 2500; ms < 3000; ms += 10)
		record_sent(t, ms, 3001, 3002, 0);
	lu_timeline_add(t, 3000 * MS, "client", "conn", 0, json_pack("{s:s}", "state", "up"));
	record_steady(t, 3010, 5000, 10, 1, 0);
	assert_reasons(t, "");
}

static json_t *quiet_but(const char *key, int64_t ms)
{
	json_t *value = quiet();

	json_object_set_new(value, key, json_integer(ms * MS));
	return value;
}

static void assert_cpu(json_t *each, const char *expected)
{
	struct lu_timeline *t = upgraded();

	record_cpus(t, each);
	assert_reasons_as(t, false, expected);
}

static void test_cpu(void **state)
{
	assert_cpu(quiet_but("wait_ns", 25), "");
	assert_cpu(quiet_but("wait_ns", 26), "cpu-short");
	assert_cpu(quiet_but("steal_ns", 25), ""); /* of 500 ms, on two CPUs */
	assert_cpu(quiet_but("steal_ns", 26), "cpu-stolen");
	/* Of all tasks of the host, which has CPUs to spare. */
	assert_cpu(quiet_but("pressure_ns", 240), "");
}

/* Busy neighbours, although no thread of the run waits long: 450 of 500 ms are not full. */
static json_t *busy_for(int64_t busy_ms, int64_t pressure_ms)
{
	json_t *value = quiet_but("busy_ns", busy_ms);

	json_object_set_new(value, "pressure_ns", json_integer(pressure_ms * MS));
	return value;
}

static void test_full_host(void **state)
{
	json_t *own = busy_for(490, 240);

	assert_cpu(busy_for(451, 63), "cpu-short");
	assert_cpu(busy_for(450, 63), "");
	assert_cpu(busy_for(451, 62), ""); /* full, but nobody waits */
	/* The run's own work: others use 0.44 of 2 CPUs. */
	json_object_set_new(own, "own_ns", json_integer(380 * MS));
	assert_cpu(own, "");
}

static void test_pressure_where_threads_do_not_tell(void **state)
{
	json_t *each = quiet_but("pressure_ns", 63);

	json_object_del(each, "wait_ns");
	assert_cpu(each, "cpu-short");
	each = quiet_but("pressure_ns", 62);
	json_object_del(each, "wait_ns");
	assert_cpu(each, "");
}

/* Two samples more around the blackout of 499 ms, in which a thread waited for so long. */
static struct lu_timeline *waits_in_the_blackout(int64_t first_ms, int64_t second_ms)
{
	struct lu_timeline *t = upgraded();

	record_cpus(t, quiet());
	record_cpu(t, 2750, quiet_but("wait_ns", first_ms));
	record_cpu(t, 3000, quiet_but("wait_ns", second_ms));
	return t;
}

/* Over the run it is little. With 5 ms of each of three other samples, less the 2 % that are usual,
 * of five: 249 and 250 ms. */
static void test_cpu_in_the_blackout(void **state)
{
	assert_reasons_as(waits_in_the_blackout(130, 129), false, "");
	assert_reasons_as(waits_in_the_blackout(130, 130), false, "cpu-short");
}

static void test_clocks(void **state)
{
	struct lu_timeline *t = upgraded();

	record_cpus(t, quiet());
	record_cpu(t, 2750, quiet_but("step_ns", -10));
	record_cpu(t, 3750, quiet_but("suspended_ns", 10));
	assert_reasons_as(t, false, "clock-step,host-suspended");
	t = upgraded();
	record_cpus(t, quiet());
	record_cpu(t, 2750, quiet_but("step_ns", 9));
	assert_reasons_as(t, false, "");
}

static void assert_not_checked(struct lu_timeline *t, size_t n, const char *first)
{
	json_t *doc = judge_as(t, false), *list = json_object_get(doc, "not_checked");

	assert_int_equal(json_array_size(list), n);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "key")),
			    first);
	json_decref(doc);
}

/* What a record lacks is said, and nothing is made of it. */
static void test_what_is_lacking(void **state)
{
	struct lu_timeline *t = upgraded();

	assert_not_checked(upgraded(), 3, "cpu-short"); /* of an earlier version */
	record_cpus(t, json_pack("{s:i}", "cpus", 2));
	assert_not_checked(t, 1, "cpu-short");
	t = record_new();
	record_steady(t, 1000, 5000, 50, 1, 0);
	record_cpus(t, quiet());
	assert_not_checked(t, 1, "baseline-drift");
}

/* A virtual clock knows no host that could disturb it. */
static void test_simulated(void **state)
{
	assert_reasons_as(hiccup(60, 500), true, "");
	assert_reasons_as(mostly_dark(1800), true, "");
}

static void test_unknown(void **state)
{
	json_t *doc = judge_as(lu_timeline_new(), false);
	struct lu_timeline *t = lu_timeline_new();

	assert_string_equal(json_string_value(json_object_get(doc, "verdict")), "unknown");
	json_decref(doc);
	record_engine(t, "baseline-begin", 1000);
	record_steady(t, 1000, 2000, 10, 1, 0);
	record_engine(t, "end", 2000);
	doc = judge_as(t, false);
	assert_string_equal(json_string_value(json_object_get(doc, "verdict")), "unknown");
	json_decref(doc);
}

/* Samples that nobody could have taken change nothing. */
static void test_damaged_samples(void **state)
{
	struct lu_timeline *t = upgraded();

	record_cpus(t, quiet());
	lu_timeline_add(t, 3000 * MS, "host", "cpu", 0,
			json_pack("{s:I, s:I, s:I, s:I, s:s}", "ns", (json_int_t)INT64_MAX, "cpus",
				  (json_int_t)INT64_MIN, "wait_ns", (json_int_t)INT64_MAX,
				  "step_ns", (json_int_t)INT64_MIN, "busy_ns", "much"));
	lu_timeline_add(t, 3000 * MS, "host", "cpu", 0, json_string("none"));
	assert_reasons_as(t, false, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_saturated),
		cmocka_unit_test(test_long_latency_is_no_saturation),
		cmocka_unit_test(test_jitter_is_no_saturation),
		cmocka_unit_test(test_drift_of_latency),
		cmocka_unit_test(test_drift_below_resolution),
		cmocka_unit_test(test_drift_of_goodput),
		cmocka_unit_test(test_noise_floor),
		cmocka_unit_test(test_floor_hides_a_gap),
		cmocka_unit_test(test_another_connection_contradicts),
		cmocka_unit_test(test_client_late),
		cmocka_unit_test(test_closed_connection_is_no_lag),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_full_host),
		cmocka_unit_test(test_pressure_where_threads_do_not_tell),
		cmocka_unit_test(test_cpu_in_the_blackout),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_what_is_lacking),
		cmocka_unit_test(test_simulated),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_damaged_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
