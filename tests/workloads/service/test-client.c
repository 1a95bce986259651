/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every protocol of the workload service against its model: whole, damaged, with losses, and with
 * replies that are none. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "tests/workloads/drive.h"
#include "workloads/service/protocol.h"

#define CONNS 4

extern const struct lu_workload lu_workload_service;

static struct drive *with(const struct lu_protocol *protocol, unsigned read_percent)
{
	g_autofree char *params =
		g_strdup_printf("{\"spec\": {\"name\": \"x\", \"packages\": [\"x\"], \"argv\": "
				"[\"/x\"], \"port\": 1, "
				"\"protocol\": \"%s\"}, \"dataset_mb\": 1, \"read_percent\": %u}",
				protocol->name, read_percent);

	return drive_new(&lu_workload_service, params, CONNS);
}

#define for_each_simulated(p)                                                                      \
	for (size_t i_ = 0; lu_protocols[i_]; i_++)                                                \
		for (const struct lu_protocol *p = lu_protocols[i_]; p && p->service_new; p = NULL)

/* What the protocol has no word for is waived, and never passed. */
static void expect(struct drive *d, const char *oracle, enum lu_verdict verdict)
{
	enum lu_verdict found = drive_verdict(d, oracle);

	if (found != LU_WAIVED)
		assert_int_equal(found, verdict);
}

static void test_whole(void **state)
{
	unsigned protocols = 0;

	for_each_simulated(p)
	{
		struct drive *d = with(p, 50);

		assert_int_equal(drive_requests(d, 400, CONNS), 400);
		assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_FAIL);
		expect(d, "dataset", LU_FAIL);
		assert_true(drive_audit(d));
		assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_PASS);
		expect(d, "dataset", LU_PASS);
		assert_int_equal(drive_verdict(d, "answers"), LU_PASS);
		drive_free(d);
		protocols++;
	}
	assert_true(protocols >= 4);
}

static void test_damage(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for_each_simulated(p) for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
	{
		struct drive *d = with(p, 50);

		drive_requests(d, 400, CONNS);
		/* a count has no contents that could be corrupt */
		if (d->workload->model->damage(d->service, kinds[i])) {
			drive_audit(d);
			assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_FAIL);
		} else {
			assert_string_equal(kinds[i], "corrupt");
			assert_null(p->codec);
		}
		drive_free(d);
	}
}

static void test_unknown_damage(void **state)
{
	for_each_simulated(p) drive_knows_its_damages(with(p, 50));
}

/* A lost request may have been served or not. */
static void test_lost(void **state)
{
	for_each_simulated(p) for (int served = 0; served < 2; served++)
	{
		struct drive *d = with(p, 0);

		drive_requests(d, 40, CONNS);
		drive_lost(d, 0, served);
		assert_int_equal(drive_requests(d, 400, CONNS), 400);
		assert_true(drive_audit(d));
		assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_PASS);
		drive_free(d);
	}
}

static void test_start_over(void **state)
{
	for_each_simulated(p)
	{
		struct drive *d = with(p, 100);

		drive_requests(d, 100, CONNS);
		drive_start_over(d);
		assert_int_equal(drive_verdict(d, "answers"), LU_PASS);
		expect(d, "dataset", LU_FAIL);
		drive_free(d);
	}
}

/* Replies to a read that no service of that protocol gives. */
static const struct {
	const char *protocol, *reply;
} broken[] = {
	{"memcached", "VALUE k:0 0 99999999999\r\n"},
	{"memcached", "VALUE k:0 0 1048577\r\n"},
	{"memcached", "VALUE k:0 0 -1\r\n"},
	{"memcached", "VALUE k:0 0 2\r\nabEND\r\n\r\n"},
	{"memcached", "END\n"},
	{"memcached", "\n"},
	{"resp", "$1048577\r\n"},
	{"resp", "?\r\n"},
	{"http", "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"},
	{"http", "HTTP/1.1 200 OK\r\n\r\n"},
	{"tick", "R\n"},
	{"tick", "R 0\n"},
	{"tick", "R 7 1\n"},
	{"tick", "R 0 x\n"},
	{"tick", "A 0 1\n"},
};

static void test_broken_replies(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
		struct drive *d = with(lu_protocol_find(broken[i].protocol, NULL), 100);

		drive_malformed(d, broken[i].reply);
		assert_int_equal(drive_verdict(d, "answers"), LU_FAIL);
		drive_free(d);
	}
}

/* However much a guest sends, no reply is waited for beyond the bound. */
static void test_endless_replies(void **state)
{
	g_autofree char *endless = g_strnfill(80000, 'x');

	for_each_simulated(p)
	{
		struct drive *d = with(p, 100);

		drive_malformed(d, endless);
		drive_free(d);
	}
}

static ssize_t parse_stats(const char *text, struct lu_keyed_answer *answer)
{
	return lu_protocol_find("memcached", NULL)
		->codec->parse(LU_KEYED_COUNT, (const uint8_t *)text, strlen(text), 1000, answer);
}

/* What it gave up by itself is told, and cannot overflow. */
static void test_evictions(void **state)
{
	static const char text[] = "STAT pid 1\r\nSTAT curr_items 7\r\nSTAT evictions 2\r\n"
				   "STAT expired_unfetched 3\r\nEND\r\n";
	static const char large[] = "STAT evictions 2305843009213693950\r\n";
	g_autoptr(GString) many = g_string_new(NULL);
	struct lu_keyed_answer answer;

	assert_int_equal(parse_stats(text, &answer), strlen(text));
	assert_int_equal(answer.number, 7);
	assert_int_equal(answer.evicted, 5);
	for (int i = 0; i < 100; i++)
		g_string_append(many, large);
	g_string_append(many, "END\r\n");
	assert_int_equal(parse_stats(many->str, &answer), many->len);
	assert_true(answer.evicted > 0);
	assert_int_equal(parse_stats("STAT a b\r\nSTORED\r\n", &answer), -1);
	assert_int_equal(parse_stats("STAT a b\r\n", &answer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_unknown_damage),	cmocka_unit_test(test_lost),
		cmocka_unit_test(test_start_over),	cmocka_unit_test(test_broken_replies),
		cmocka_unit_test(test_endless_replies), cmocka_unit_test(test_evictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
