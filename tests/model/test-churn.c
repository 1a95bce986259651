/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passing connections by hand: what each end is called, and what the workload is told of it. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "model/churn.h"
#include "model/workload.h"

#define MS G_GINT64_CONSTANT(1000000)

/* A client whose reply is "ok\n", or anything else of three bytes, which is wrong. */
struct client {
	unsigned requests, lost, reconnected;
};

static void make_room(void *client, unsigned connections)
{
}

static void request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	((struct client *)data)->requests++;
	g_byte_array_append(out, (const guint8 *)"?", 1);
}

static ssize_t reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		     struct lu_reply *reply)
{
	reply->ok = len >= 3 && !memcmp(buf, "ok\n", 3);
	return len >= 3 ? 3 : 0;
}

static void lost(void *data, uint64_t id, unsigned conn)
{
	((struct client *)data)->lost++;
}

static void reconnected(void *data, unsigned conn)
{
	((struct client *)data)->reconnected++;
}

static const struct lu_workload workload = {
	.name = "made-up",
	.request = request,
	.reply = reply,
	.lost = lost,
	.reconnected = reconnected,
	.churn = make_room,
};

struct bench {
	struct client client;
	struct lu_timeline *timeline;
	struct lu_churn *churn;
	unsigned slot;
};

/* One connection a second from 0 on; the first is being opened. */
static int set_up(void **state)
{
	const struct lu_churn_config config = {.rate_hz = 1, .timeout_ns = 3000 * MS};
	struct bench *b = g_new0(struct bench, 1);

	b->timeline = lu_timeline_new();
	b->churn = lu_churn_new(&config, &workload, &b->client, b->timeline);
	lu_churn_start(b->churn, 0);
	b->slot = lu_churn_open(b->churn);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	lu_churn_free(b->churn);
	lu_timeline_free(b->timeline);
	g_free(b);
	return 0;
}

static void ask(struct bench *b)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	lu_churn_connected(b->churn, b->slot, 5 * MS);
	lu_churn_request(b->churn, b->slot, out);
	assert_int_equal(out->len, 1);
}

static bool receive(struct bench *b, const char *text)
{
	return lu_churn_received(b->churn, b->slot, (const uint8_t *)text, strlen(text), 9 * MS);
}

/* It has ended so, once, and was accepted then (-1: never). */
static void expect(struct bench *b, const char *end, int64_t connected_ms)
{
	const struct lu_event *event = lu_timeline_at(b->timeline, 0);
	const json_t *connected = json_object_get(event->value, "connected_ns");

	assert_int_equal(lu_timeline_count(b->timeline), 1);
	assert_string_equal(json_string_value(json_object_get(event->value, "end")), end);
	assert_int_equal(connected ? json_integer_value(connected) / MS : -1, connected_ms);
	assert_int_equal(lu_churn_outstanding(b->churn), 0);
}

static void test_answered(void **state)
{
	struct bench *b = *state;

	ask(b);
	lu_churn_connected(b->churn, b->slot, 8 * MS); /* known already */
	assert_false(receive(b, "ok"));
	assert_true(receive(b, "ok\n"));
	expect(b, "answered", 5);
	assert_int_equal(b->client.reconnected, 1);
	assert_int_equal(b->client.lost, 0);
}

static void test_wrong(void **state)
{
	struct bench *b = *state;

	ask(b);
	assert_true(receive(b, "no\n"));
	expect(b, "wrong", 5);
}

/* Each connection is for one reply. */
static void test_more_than_a_reply(void **state)
{
	struct bench *b = *state;

	ask(b);
	assert_true(receive(b, "ok\nok\n"));
	expect(b, "wrong", 5);
}

static void test_says_something_unasked(void **state)
{
	struct bench *b = *state;

	lu_churn_connected(b->churn, b->slot, 5 * MS);
	assert_true(receive(b, "ok\n"));
	expect(b, "wrong", 5);
	assert_int_equal(b->client.lost, 0);
}

/* A request that was sent may have been carried out. */
static void test_reset(void **state)
{
	struct bench *b = *state;

	ask(b);
	lu_churn_failed(b->churn, b->slot, LU_CHURN_RESET, 9 * MS);
	expect(b, "reset", 5);
	assert_int_equal(b->client.lost, 1);
}

/* Where the network accepts in the service's place its reset may be all that a client sees. */
static void test_reset_of_what_was_never_accepted(void **state)
{
	struct bench *b = *state;

	lu_churn_failed(b->churn, b->slot, LU_CHURN_RESET, 9 * MS);
	expect(b, "refused", -1);
	assert_int_equal(b->client.lost, 0);
}

static void test_end(void **state)
{
	struct bench *b = *state;

	ask(b);
	lu_churn_stop(b->churn);
	assert_int_equal(lu_churn_due(b->churn), INT64_MAX);
	lu_churn_end(b->churn, 9 * MS);
	expect(b, "unfinished", 5);
	assert_int_equal(b->client.lost, 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered),
		TEST(test_wrong),
		TEST(test_more_than_a_reply),
		TEST(test_says_something_unasked),
		TEST(test_reset),
		TEST(test_reset_of_what_was_never_accepted),
		TEST(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
