/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients and oracles of all workloads whose service counts what it finds (workloads/kit/counted.h)
 * against its model: whole, damaged, moved, started over, and replies that are none. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "tests/workloads/drive.h"
#include "workloads/kit/packet-service.h"

enum { CONNS = 4, FIRST_COUNT = 3 /* word of a reply */ };

struct row {
	const char *name, *params;
	const char *audited; /* oracles that need the audit */
	struct drive_damage damages[6];
	const char *restart; /* the oracle that a service which starts over fails */
};

#define PACKETS                                                                                    \
	"{}", "packets other",                                                                     \
		{{"lose-write", "packets", "order"},                                               \
		 {"duplicate", "packets", "order"},                                                \
		 {"corrupt", "packets", "order"},                                                  \
		 {"reorder", "sequence", "packets"}},                                              \
		"flows"

static const struct row rows[] = {
	{"block",
	 "{\"size_mb\": 1, \"ops\": 8}",
	 "blocks",
	 {{"lose-write", "blocks", "order"}, {"corrupt", "blocks", "order"}},
	 "disks"},
	{"nat",
	 "{\"flows\": 16, \"ops\": 8, \"capacity\": 64}",
	 "messages flows",
	 {{"lose-write", "messages", "flows"},
	  {"duplicate", "messages", "flows"},
	  {"corrupt", "messages", "flows"},
	  {"break-flow", "flows", "messages"},
	  {"move-port", "flows", "messages"}},
	 "network"},
	{"netdev", PACKETS},
	{"pool",
	 "{\"size_mb\": 1, \"ops\": 2}",
	 "records requests",
	 {{"lose-write", "records", "requests"},
	  {"corrupt", "records", "requests"},
	  {"lose-request", "requests", "records"},
	  {"repeat-request", "requests", "records"},
	  {"stray-answer", "requests", "records"}},
	 "devices"},
	{"queue", PACKETS},
	{0},
};

static struct drive *fresh(const struct row *row)
{
	return drive_new(lu_workload_find(row->name, NULL), row->params, CONNS);
}

static bool is_counted(const struct lu_workload *workload)
{
	return workload->model->damage == lu_counted_damage ||
	       workload->model->damage == lu_packet_damage;
}

static const struct row *row_of(const struct lu_workload *workload)
{
	const struct row *row = rows;

	while (row->name && !g_str_equal(row->name, workload->name))
		row++;
	return row->name ? row : NULL;
}

static void test_each_has_its_row(void **state)
{
	for (size_t i = 0; lu_workloads[i]; i++)
		if (is_counted(lu_workloads[i]) != (row_of(lu_workloads[i]) != NULL))
			fail_msg("%s: a row here, or no counted workload", lu_workloads[i]->name);
}

static void check_whole(const struct row *row)
{
	drive_whole(fresh(row), row->audited);
}

/* What the service has found is in every reply from there on, and fails the oracle that it is
 * about and not that other one. */
static void check_damages(const struct row *row)
{
	for (const struct drive_damage *damage = row->damages; damage->kind; damage++)
		drive_damaged(fresh(row), damage);
	drive_knows_its_damages(fresh(row));
}

/* A new service is right from the start, but it is not the one that was there. */
static void check_started_over(const struct row *row)
{
	struct drive *d = fresh(row);

	drive_requests(d, 100, CONNS);
	drive_start_over(d);
	drive_expect(d, LU_PASS, row->audited);
	drive_expect(d, LU_FAIL, row->restart);
	drive_free(d);
}

/* What the service before the restart had found stays found. */
static void check_found_before(const struct row *row, const struct drive_damage *damage)
{
	struct drive *d = fresh(row);

	drive_requests(d, 100, CONNS);
	assert_true(d->workload->model->damage(d->service, damage->kind));
	drive_requests(d, 4, CONNS);
	drive_start_over(d);
	drive_expect(d, LU_FAIL, damage->fails);
	drive_expect(d, LU_FAIL, row->restart);
	drive_expect(d, LU_PASS, damage->holds);
	drive_free(d);
}

/* Replies show the versions, of either instance. */
static void check_moved(const struct row *row)
{
	for (unsigned instance = 0; instance < 2; instance++) {
		struct drive *d = fresh(row);
		json_auto_t *report = NULL;

		drive_requests(d, 10, CONNS);
		d->workload->model->swapped(d->service, instance, "v2");
		drive_requests(d, 10, CONNS);
		drive_audit(d);
		report = d->workload->report(d->client);
		assert_int_equal(json_array_size(json_object_get(report, "versions_seen")), 2);
		drive_free(d);
	}
}

/* The words of the reply to the first request. */
static GStrv good_reply(const struct row *row)
{
	struct drive *d = fresh(row);
	g_autoptr(GByteArray) asked = g_byte_array_new(), told = g_byte_array_new();
	g_autofree char *line = NULL;

	d->workload->request(d->client, 0, 0, asked);
	d->workload->model->serve(d->service, asked->data, asked->len, 0, d->release, told);
	assert_int_equal(told->data[told->len - 1], '\n');
	line = g_strndup((const char *)told->data, told->len - 1);
	drive_free(d);
	return g_strsplit(line, " ", -1);
}

/* The good reply with another word at that place; NULL: without it. */
static void check_replaced(const struct row *row, guint at, const char *word)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) words = good_reply(row), changed = NULL;
	g_autofree char *text = NULL, *line = NULL;

	for (guint i = 0; words[i]; i++)
		if (i != at)
			g_strv_builder_add(builder, words[i]);
		else if (word)
			g_strv_builder_add(builder, word);
	changed = g_strv_builder_end(builder);
	text = g_strjoinv(" ", changed);
	line = g_strconcat(text, "\n", NULL);
	drive_rejects(fresh(row), line);
}

static void check_malformed(const struct row *row)
{
	g_auto(GStrv) words = good_reply(row);
	g_autofree char *good = g_strjoinv(" ", words);
	g_autofree char *longer = g_strconcat(good, " v1\n", NULL);
	guint last = g_strv_length(words) - 1;

	drive_rejects(fresh(row), "\n");
	drive_rejects(fresh(row), "A\n");
	drive_rejects(fresh(row), longer);
	check_replaced(row, 0, "Z");
	check_replaced(row, last, "");
	for (guint at = FIRST_COUNT; at <= last; at++)
		check_replaced(row, at, NULL);
	for (guint at = FIRST_COUNT; at < last - 1; at++) {
		check_replaced(row, at, "-3");
		check_replaced(row, at, "x");
	}
}

static void for_each(void (*check)(const struct row *row))
{
	for (const struct row *row = rows; row->name; row++)
		check(row);
}

static void test_whole(void **state)
{
	for_each(check_whole);
}

static void test_damages(void **state)
{
	for_each(check_damages);
}

static void test_started_over(void **state)
{
	for_each(check_started_over);
	for (const struct row *row = rows; row->name; row++)
		for (const struct drive_damage *damage = row->damages; damage->kind; damage++)
			check_found_before(row, damage);
}

static void test_moved(void **state)
{
	for_each(check_moved);
}

static void test_malformed(void **state)
{
	for_each(check_malformed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_has_its_row),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_damages),
		cmocka_unit_test(test_started_over),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
