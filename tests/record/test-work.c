/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work beside requests: values worked out by hand. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <stdbool.h>
#include "record/of-service.h"
#include "record/work.h"

#define MS INT64_C(1000000)

static void add(struct lu_timeline *timeline, int64_t t_ms, const char *source, const char *kind,
		json_t *value)
{
	lu_timeline_add(timeline, t_ms * MS, source, kind, 0, value);
}

static void told(struct lu_timeline *timeline, int64_t t_ms, int conn, bool ok, json_int_t units)
{
	add(timeline, t_ms, "client", "reply",
	    json_pack("{s:I, s:i, s:b, s:I}", "intended_ns", (json_int_t)(t_ms * MS), "conn", conn,
		      "ok", (int)ok, "units", units));
}

static void reply(struct lu_timeline *timeline, int64_t t_ms, int conn, json_int_t units)
{
	told(timeline, t_ms, conn, true, units);
}

/* 1000 units a second in the first second, 500 more in the first half than in the second. */
static struct lu_timeline *baseline(void)
{
	struct lu_timeline *timeline = lu_timeline_new();

	add(timeline, 0, "engine", "baseline-begin", NULL);
	reply(timeline, 0, 0, 0);
	reply(timeline, 500, 0, 550);
	reply(timeline, 750, 0, 775);
	reply(timeline, 1000, 0, 1000);
	add(timeline, 1001, "engine", "trigger", NULL);
	return timeline;
}

static int64_t figure(const json_t *work, const char *name)
{
	assert_true(json_is_integer(json_object_get(work, name)));
	return json_integer_value(json_object_get(work, name));
}

/* In four seconds after it 1500 units: 1.5 s of work, so 2.5 s were taken. */
static void test_stolen(void **state)
{
	struct lu_timeline *timeline = baseline();
	json_t *work;

	reply(timeline, 4000, 0, 1500);
	reply(timeline, 5000, 0, 2500);
	work = lu_work_to_json(timeline);
	assert_true(json_real_value(json_object_get(work, "rate_hz")) == 1000.0);
	assert_int_equal(figure(work, "done"), 1500);
	assert_int_equal(figure(work, "stolen_ns"), 2500 * MS);
	/* halves: 0 … 500 ms 1100/s, 500 … 1000 ms 900/s: a fifth of four seconds */
	assert_int_equal(figure(work, "stolen_floor_ns"), 800 * MS);
	assert_int_equal(figure(work, "lost"), 0);
	assert_int_equal(figure(work, "lost_ns"), 0);
	json_decref(work);
	lu_timeline_free(timeline);
}

/* It fell back by 300 and by 100 units on one connection; the other one saw 300 of that. */
static void test_lost(void **state)
{
	struct lu_timeline *timeline = baseline();
	json_t *work;

	reply(timeline, 1100, 1, 1100);
	reply(timeline, 1200, 0, 1100);
	reply(timeline, 2000, 0, 800);
	reply(timeline, 2001, 1, 800);
	reply(timeline, 2100, 0, 900);
	reply(timeline, 3000, 0, 800);
	work = lu_work_to_json(timeline);
	assert_int_equal(figure(work, "lost"), 400);
	assert_int_equal(figure(work, "lost_ns"), 400 * MS);
	assert_int_equal(figure(work, "done"), -200);
	assert_int_equal(figure(work, "stolen_ns"), 2200 * MS);
	json_decref(work);
	lu_timeline_free(timeline);
}

/* Work before the baseline, at another rate; a wrong reply; replies of two connections, of which one
 * overtakes the other; a tenth of a second, where the halves of the baseline differ by a fifth. */
static void test_what_does_not_count(void **state)
{
	struct lu_timeline *timeline = lu_timeline_new();
	json_t *work;

	reply(timeline, 0, 0, 0);
	add(timeline, 1000, "engine", "baseline-begin", NULL);
	reply(timeline, 1000, 0, 100);
	reply(timeline, 1500, 0, 650);
	reply(timeline, 1750, 0, 875);
	reply(timeline, 2000, 0, 1100);
	add(timeline, 2001, "engine", "trigger", NULL);
	told(timeline, 2500, 0, false, 5);
	reply(timeline, 2999, 1, 2010);
	reply(timeline, 3000, 0, 2000);
	work = lu_work_to_json(timeline);
	assert_true(json_real_value(json_object_get(work, "rate_hz")) == 1000.0);
	assert_int_equal(figure(work, "done"), 900);
	assert_int_equal(figure(work, "stolen_floor_ns"), 200 * MS);
	assert_int_equal(figure(work, "stolen_ns"), 0);
	assert_int_equal(figure(work, "lost"), 0);
	json_decref(work);
	lu_timeline_free(timeline);
}

/* Three replies do not make two halves. */
static void test_too_few(void **state)
{
	struct lu_timeline *timeline = lu_timeline_new();

	add(timeline, 0, "engine", "baseline-begin", NULL);
	for (int i = 0; i < 3; i++)
		reply(timeline, i * 100, 0, i * 100);
	add(timeline, 500, "engine", "trigger", NULL);
	reply(timeline, 600, 0, 600);
	assert_null(lu_work_to_json(timeline));
	lu_timeline_free(timeline);
}

static void test_nothing_to_tell(void **state)
{
	struct lu_timeline *timeline = lu_timeline_new();

	assert_null(lu_work_to_json(timeline));
	add(timeline, 0, "engine", "baseline-begin", NULL);
	reply(timeline, 1, 0, 1);
	add(timeline, 2, "engine", "trigger", NULL);
	reply(timeline, 3, 0, 2);
	assert_null(lu_work_to_json(timeline));
	lu_timeline_free(timeline);
}

static void test_of_service(void **state)
{
	struct lu_timeline *timeline = lu_timeline_new(), *own;

	add(timeline, 1, "engine", "trigger", NULL);
	add(timeline, 2, "client:redis", "reply", json_pack("{s:b}", "ok", 1));
	add(timeline, 3, "client:tick", "reply", NULL);
	add(timeline, 4, "guest:redis", "claim", NULL);
	add(timeline, 5, "client:red", "reply", NULL);
	add(timeline, 6, "client:redis-2", "reply", NULL);
	own = lu_timeline_of_service(timeline, "redis");
	assert_int_equal(lu_timeline_count(own), 3);
	assert_string_equal(lu_timeline_at(own, 0)->source, "engine");
	assert_string_equal(lu_timeline_at(own, 1)->source, "client");
	assert_true(json_is_true(json_object_get(lu_timeline_at(own, 1)->value, "ok")));
	assert_string_equal(lu_timeline_at(own, 2)->source, "guest");
	assert_string_equal(lu_source_of("client", "redis"), "client:redis");
	assert_string_equal(lu_source_of("client", NULL), "client");
	lu_timeline_free(own);
	own = lu_timeline_of_service(timeline, "nobody");
	assert_int_equal(lu_timeline_count(own), 1);
	lu_timeline_free(own);
	lu_timeline_free(timeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stolen),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_what_does_not_count),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_nothing_to_tell),
		cmocka_unit_test(test_of_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
