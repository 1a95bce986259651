/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Client and oracles of workload probe against its model: whole, damaged, missing, malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"
#include "workloads/probe/table.h"

#define CONNS 3

extern const struct lu_workload lu_workload_probe;

static struct drive *fresh(const char *params)
{
	return drive_new(&lu_workload_probe, params, CONNS);
}

static void test_whole(void **state)
{
	drive_whole(fresh("{\"probe\": \"pipe-data\"}"), "probe");
	drive_whole(fresh("{\"probe\": \"epoll+fifo\"}"), "probe");
	drive_whole(fresh("{\"probe\": \"all\"}"), "probe");
}

static void test_lost(void **state)
{
	static const char *const params[] = {"{\"probe\": \"epoll\"}",
					     "{\"probe\": \"epoll\", \"spoil\": true}"};

	for (size_t i = 0; i < 2; i++) {
		struct drive *d = fresh(params[i]);

		drive_requests(d, 9, CONNS);
		if (i == 0)
			assert_true(d->workload->model->damage(d->service, "corrupt"));
		assert_true(drive_audit(d));
		drive_expect(d, LU_FAIL, "probe");
		drive_expect(d, LU_PASS, "order");
		drive_free(d);
	}
}

static void test_counter_goes_back(void **state)
{
	static const char *const kinds[] = {"reset-counter", "lose-write"};

	for (size_t i = 0; i < 2; i++) {
		struct drive *d = fresh("{}");

		drive_requests(d, 9, CONNS);
		assert_true(d->workload->model->damage(d->service, kinds[i]));
		drive_requests(d, 3, CONNS);
		drive_expect(d, LU_FAIL, "order");
		drive_free(d);
	}
}

/* Replies of a service that was started again are right, but it is another one. */
static void test_connections_lost(void **state)
{
	struct drive *d = fresh("{}");

	drive_requests(d, 9, CONNS);
	d->workload->model->restart(d->service);
	for (unsigned c = 0; c < CONNS; c++)
		d->workload->reconnected(d->client, c);
	assert_int_equal(drive_requests(d, 9, CONNS), 9);
	assert_true(drive_audit(d));
	drive_expect(d, LU_PASS, "order");
	drive_expect(d, LU_FAIL, "probe");
	drive_free(d);
}

/* It holds such a resource, too; but not the one that was to be carried over. */
static void test_started_again(void **state)
{
	struct drive *d = fresh("{}");

	drive_requests(d, 9, CONNS);
	d->workload->model->restart(d->service);
	assert_true(drive_audit(d));
	drive_expect(d, LU_FAIL, "probe");
	drive_free(d);
}

static void test_damages_known(void **state)
{
	drive_knows_its_damages(fresh("{}"));
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {"R\n",     "R 1 2\n", "R 1 2 v x\n", "R x 2 v\n",
					    "S 0 v\n", "\n",	  "R 1 -2 v\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		drive_rejects(fresh("{}"), lines[i]);
}

/* An exchange's answer that a hostile guest makes up. */
static ssize_t answer(struct drive *d, bool audit, const char *line)
{
	struct lu_exchange exchange = {0};

	assert_true(audit ? d->workload->audit(d->client, &exchange)
			  : d->workload->populate(d->client, &exchange));
	return exchange.reply(exchange.data, 0, (const uint8_t *)line, strlen(line));
}

static void test_answers(void **state)
{
	static const char *const bad[] = {"A 0 same\n",
					  "A 1 0000000000000000 same\n",
					  "A 0 0000000000000000 samesame\n",
					  "A 0 zz00000000000000 same\n",
					  "A 0 0000000000000000 lost \xff\n",
					  "S 0 0000000000000000 same\n",
					  "A 0 000000000000000000 same\n",
					  "\n"};
	struct drive *d = fresh("{}");

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_int_equal(answer(d, true, bad[i]), -1);
	assert_int_equal(answer(d, true, "A 0 0000"), 0);
	drive_free(d);
}

/* What cannot be had is neither kept nor lost. */
static void test_missing(void **state)
{
	struct drive *d = fresh("{}");
	json_auto_t *report = NULL;
	const json_t *one;

	assert_true(answer(d, false, "S 0 00000000000000ab missing no such call\n") > 0);
	assert_true(answer(d, true, "A 0 00000000000000ab missing no such call\n") > 0);
	drive_expect(d, LU_WAIVED, "probe");
	report = d->workload->report(d->client);
	one = json_array_get(json_object_get(report, "probes"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "was")), "missing");
	assert_string_equal(json_string_value(json_object_get(one, "why")), "no such call");
	drive_free(d);
}

/* Names are unique, and each says what it is and where that is documented. */
static void test_table(void **state)
{
	size_t n = 0;

	for (const struct lu_probe_entry *entry = lu_probe_entries; entry->name; entry++, n++) {
		assert_string_equal(lu_probe_names[n], entry->name);
		assert_true(*entry->title && *entry->see && *entry->family);
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(lu_probe_names[i], entry->name);
	}
	assert_true(n >= 40);
	assert_string_equal(lu_probe_names[n], "all");
	assert_null(lu_probe_names[n + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_counter_goes_back),
		cmocka_unit_test(test_started_again),
		cmocka_unit_test(test_damages_known),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_connections_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
