/* SPDX-License-Identifier: GPL-2.0-or-later */
/* catalog's client and oracles against its model: updated, damaged, started over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 2

extern const struct lu_workload lu_workload_catalog;

static struct drive *fresh(void)
{
	return drive_new(&lu_workload_catalog, "{\"update\": \"new_field\"}", CONNS);
}

static void update(struct drive *d)
{
	d->workload->model->swapped(d->service, 0, "new_field");
}

static int64_t reported(const struct drive *d, const char *name)
{
	json_auto_t *report = d->workload->report(d->client);

	return json_integer_value(json_object_get(report, name));
}

static void test_whole(void **state)
{
	drive_whole(fresh(), "items answers kernel");
}

/* Any number of gets changes no answer. */
static void test_updated(void **state)
{
	struct drive *d = fresh();

	assert_int_equal(drive_requests(d, 50, CONNS), 50);
	update(d);
	assert_int_equal(drive_requests(d, 50, CONNS), 50);
	assert_true(drive_audit(d));
	drive_expect(d, LU_PASS, "order before items answers kernel");
	assert_int_equal(reported(d, "items_kept"), 6);
	drive_free(d);
}

struct damage {
	const char *kind, *fails, *holds;
	unsigned right; /* of twelve gets */
};

static void check_damage(const struct damage *damage)
{
	struct drive *d = fresh();

	update(d);
	assert_true(d->workload->model->damage(d->service, damage->kind));
	assert_int_equal(drive_requests(d, 12, CONNS), damage->right);
	assert_true(drive_audit(d));
	drive_expect(d, LU_FAIL, damage->fails);
	drive_expect(d, LU_PASS, damage->holds);
	drive_free(d);
}

/* What is not there is no wrong reply: a strategy may say that it loses state. */
static void test_damage(void **state)
{
	static const struct damage cases[] = {
		{"lose-write", "items", "before kernel", 12},
		{"reset-counter", "items", "before kernel", 12},
		{"corrupt", "items", "before kernel", 10},
		{"wrong-answer", "answers", "before items kernel", 12},
		{"warning", "kernel", "before items answers", 12},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		check_damage(&cases[i]);
}

static void test_unknown_damage(void **state)
{
	drive_knows_its_damages(fresh());
}

/* New shelves with the update from the start are filled again, and answer as new ones do. */
static void test_state_lost(void **state)
{
	struct drive *d = fresh();

	d->workload->model->damage(d->service, "reset-counter");
	update(d);
	drive_requests(d, 12, CONNS);
	assert_true(drive_audit(d));
	drive_expect(d, LU_PASS, "order before answers kernel");
	drive_expect(d, LU_FAIL, "items");
	assert_int_equal(reported(d, "items_kept"), 0);
	assert_true(reported(d, "gets_of_lost_items") >= 12);
	drive_free(d);
}

/* Version 1 that does not answer as the source says would prove nothing. */
static void test_wrong_before(void **state)
{
	struct drive *d = fresh();
	struct lu_exchange exchange;

	d->workload->model->damage(d->service, "wrong-answer");
	d->workload->populate(d->client, &exchange);
	for (uint64_t i = 0; i < exchange.count; i++) {
		g_autoptr(GByteArray) asked = g_byte_array_new();
		g_autoptr(GByteArray) reply = g_byte_array_new();

		exchange.request(exchange.data, i, asked);
		d->workload->model->serve(d->service, asked->data, asked->len, 0, d->release,
					  reply);
		assert_true(exchange.reply(exchange.data, i, reply->data, reply->len) > 0);
	}
	drive_expect(d, LU_FAIL, "before");
	drive_free(d);
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {"\n", "C\n", "C x 6.1 v1 v1 10\n", "Q 0 6.1 v1 v1 10\n",
					    "C 0 6.1 v1 v1\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		drive_rejects(fresh(), lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	   cmocka_unit_test(test_updated),
		cmocka_unit_test(test_damage),	   cmocka_unit_test(test_unknown_damage),
		cmocka_unit_test(test_state_lost), cmocka_unit_test(test_wrong_before),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
