/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The books of an open-loop load, driven by hand on a made-up clock. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "model/load.h"
#include "model/workload.h"

#define MS INT64_C(1000000)

/* Request: its id as one letter; reply: the same letter; '!' breaks the protocol. What is told is
 * written down. */
struct letters {
	GString *log;
};

static void letter_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct letters *letters = data;
	guint8 letter = (guint8)('a' + id);

	g_byte_array_append(out, &letter, 1);
	g_string_append_printf(letters->log, "+%c%u ", letter, conn);
}

static ssize_t letter_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			    struct lu_reply *reply)
{
	if (buf[0] == '!')
		return -1;
	if (buf[0] == '.')
		return 0;
	reply->ok = buf[0] == 'a' + id;
	reply->version = "v1";
	return 1;
}

static void letter_lost(void *data, uint64_t id, unsigned conn)
{
	g_string_append_printf(((struct letters *)data)->log, "-%c%u ", (char)('a' + id), conn);
}

static void letter_reconnected(void *data, unsigned conn)
{
	g_string_append_printf(((struct letters *)data)->log, "=%u ", conn);
}

static const struct lu_workload letters_workload = {
	.request = letter_request,
	.reply = letter_reply,
	.lost = letter_lost,
	.reconnected = letter_reconnected,
};

struct bench {
	struct letters letters;
	struct lu_timeline *timeline;
	struct lu_load *load;
	GByteArray *out;
};

static int set_up(void **state)
{
	const struct lu_load_config config = {2, 100, 1000 * MS};
	struct bench *b = g_new0(struct bench, 1);

	b->letters.log = g_string_new(NULL);
	b->timeline = lu_timeline_new();
	b->load = lu_load_new(&config, &letters_workload, &b->letters, b->timeline);
	b->out = g_byte_array_new();
	lu_load_conn_up(b->load, 0, 0);
	lu_load_conn_up(b->load, 1, 0);
	lu_load_start(b->load, 5 * MS);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	lu_load_free(b->load);
	lu_timeline_free(b->timeline);
	g_string_free(b->letters.log, TRUE);
	g_byte_array_unref(b->out);
	g_free(b);
	return 0;
}

static ssize_t receive(struct bench *b, unsigned conn, const char *text, int64_t ms)
{
	return lu_load_received(b->load, conn, (const uint8_t *)text, strlen(text), ms * MS);
}

/* The whole timeline must be these lines. */
static void check_events(struct bench *b, const char *due)
{
	GString *got = lu_timeline_to_jsonl(b->timeline);
	g_autofree char *text = g_string_free(got, FALSE);

	assert_string_equal(text, due);
}

static unsigned count_events(struct bench *b, const char *kind, const char *reason)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		const char *got = json_string_value(json_object_get(event->value, "reason"));

		n += g_str_equal(event->kind, kind) && (!reason || !g_strcmp0(got, reason));
	}
	return n;
}

static void test_times_are_fixed_beforehand(void **state)
{
	struct bench *b = *state;

	assert_int_equal(lu_load_intended(b->load, 0), 5 * MS);
	assert_int_equal(lu_load_intended(b->load, 100), 1005 * MS);
	assert_int_equal(lu_load_intended(b->load, 1000000), 10000005 * MS);
}

static void test_golden_replies(void **state)
{
	struct bench *b = *state;

	assert_int_equal(lu_load_take(b->load, 6 * MS, b->out), 0);
	assert_int_equal(lu_load_take(b->load, 16 * MS, b->out), 1);
	assert_memory_equal(b->out->data, "ab", 2);
	assert_int_equal(receive(b, 1, "b", 20), 1);
	assert_int_equal(receive(b, 0, "x", 21), 1);
	assert_int_equal(lu_load_outstanding(b->load), 0);
	check_events(
		b, "{\"t_ns\":0,\"source\":\"client\",\"kind\":\"conn\",\"id\":0,\"value\":"
		   "{\"state\":\"up\"}}\n"
		   "{\"t_ns\":0,\"source\":\"client\",\"kind\":\"conn\",\"id\":1,\"value\":"
		   "{\"state\":\"up\"}}\n"
		   "{\"t_ns\":20000000,\"source\":\"client\",\"kind\":\"reply\",\"id\":1,\"value\":"
		   "{\"intended_ns\":15000000,\"conn\":1,\"sent_ns\":16000000,\"ok\":true,"
		   "\"version\":\"v1\"}}\n"
		   "{\"t_ns\":21000000,\"source\":\"client\",\"kind\":\"reply\",\"id\":0,\"value\":"
		   "{\"intended_ns\":5000000,\"conn\":0,\"sent_ns\":6000000,\"ok\":false,"
		   "\"version\":\"v1\",\"why\":\"wrong contents\"}}\n");
}

static void test_half_replies_wait(void **state)
{
	struct bench *b = *state;

	lu_load_take(b->load, 6 * MS, b->out);
	assert_int_equal(receive(b, 0, ".", 7), 0);
	assert_int_equal(lu_load_outstanding(b->load), 1);
	assert_int_equal(lu_load_ok_count(b->load, NULL), 0);
}

/* A late reply must be taken off the stream, but counts for nothing; the workload hears of it as a
 * reply, not as a loss. */
static void test_timeout_then_late_reply(void **state)
{
	struct bench *b = *state;

	lu_load_take(b->load, 6 * MS, b->out);
	lu_load_take(b->load, 16 * MS, b->out);
	lu_load_take(b->load, 26 * MS, b->out);
	assert_int_equal(lu_load_next_expiry(b->load), 1005 * MS);
	lu_load_expire(b->load, 1004 * MS);
	assert_int_equal(count_events(b, "lost", NULL), 0);
	lu_load_expire(b->load, 1005 * MS);
	assert_int_equal(count_events(b, "lost", "timeout"), 1);
	assert_int_equal(lu_load_outstanding(b->load), 2);
	assert_int_equal(lu_load_next_expiry(b->load), 1015 * MS);
	assert_int_equal(receive(b, 0, "ac", 1010), 2);
	assert_int_equal(count_events(b, "reply", NULL), 1);
	assert_int_equal(lu_load_outstanding(b->load), 1);
	assert_string_equal(b->letters.log->str, "+a0 +b1 +c0 ");
}

static void test_reset_loses_what_was_sent(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 4; i++)
		lu_load_take(b->load, 40 * MS, b->out);
	lu_load_conn_down(b->load, 0, 50 * MS, "reset");
	assert_int_equal(count_events(b, "lost", "reset"), 2);
	assert_int_equal(lu_load_outstanding(b->load), 2);
	assert_string_equal(b->letters.log->str, "+a0 +b1 +c0 +d1 -a0 -c0 ");
}

static void test_due_while_down_waits_its_turn(void **state)
{
	struct bench *b = *state;

	lu_load_conn_down(b->load, 0, 1 * MS, "reset");
	lu_load_take(b->load, 5 * MS, b->out);
	lu_load_take(b->load, 15 * MS, b->out);
	lu_load_take(b->load, 25 * MS, b->out);
	assert_int_equal(b->out->len, 1);
	lu_load_conn_up(b->load, 0, 500 * MS);
	assert_int_equal(lu_load_flush(b->load, 0, 501 * MS, G_MAXUINT, b->out), 2);
	assert_memory_equal(b->out->data, "bac", 3);
	assert_int_equal(receive(b, 0, "ac", 502), 2);
	assert_string_equal(b->letters.log->str, "+b1 =0 +a0 +c0 ");
	assert_int_equal(lu_load_ok_count(b->load, NULL), 2);
}

static void test_waiting_too_long_is_refused(void **state)
{
	struct bench *b = *state;

	lu_load_conn_down(b->load, 0, 1 * MS, "reset");
	lu_load_take(b->load, 5 * MS, b->out);
	assert_int_equal(lu_load_next_expiry(b->load), 1005 * MS);
	lu_load_expire(b->load, 1005 * MS);
	assert_int_equal(count_events(b, "lost", "refused"), 1);
	assert_int_equal(lu_load_outstanding(b->load), 0);
	/* It was never sent, so the workload has nothing to forget. */
	assert_string_equal(b->letters.log->str, "");
}

static void test_unproven_connection_is_retried(void **state)
{
	struct bench *b = *state;
	unsigned ups;

	lu_load_conn_down(b->load, 0, 1 * MS, "reset");
	lu_load_take(b->load, 5 * MS, b->out);
	lu_load_take(b->load, 15 * MS, b->out);
	lu_load_take(b->load, 25 * MS, b->out);
	ups = count_events(b, "conn", NULL);
	lu_load_conn_try(b->load, 0);
	assert_int_equal(lu_load_flush(b->load, 0, 30 * MS, 1, b->out), 1);
	lu_load_conn_retry(b->load, 0);
	assert_int_equal(count_events(b, "lost", NULL), 0);
	assert_int_equal(count_events(b, "conn", NULL), ups);
	lu_load_conn_try(b->load, 0);
	assert_int_equal(lu_load_flush(b->load, 0, 60 * MS, 1, b->out), 1);
	assert_int_equal(receive(b, 0, "a", 70), 1);
	assert_int_equal(count_events(b, "conn", NULL), ups + 1);
	assert_int_equal(lu_load_flush(b->load, 0, 71 * MS, G_MAXUINT, b->out), 1);
	assert_string_equal(b->letters.log->str, "+b1 =0 +a0 -a0 =0 +a0 +c0 ");
}

static void test_broken_protocol_is_a_wrong_reply(void **state)
{
	struct bench *b = *state;

	lu_load_take(b->load, 5 * MS, b->out);
	assert_int_equal(receive(b, 0, "!", 6), -1);
	assert_int_equal(count_events(b, "reply", NULL), 1);
	assert_int_equal(lu_load_ok_count(b->load, NULL), 0);
	assert_string_equal(b->letters.log->str, "+a0 -a0 ");
}

static void test_unasked_reply_is_broken(void **state)
{
	assert_int_equal(receive(*state, 0, "a", 6), -1);
}

static void test_end_loses_the_rest_once(void **state)
{
	struct bench *b = *state;

	lu_load_take(b->load, 5 * MS, b->out);
	lu_load_take(b->load, 15 * MS, b->out);
	lu_load_expire(b->load, 1005 * MS);
	lu_load_stop(b->load);
	assert_true(lu_load_stopped(b->load));
	lu_load_end(b->load, 1010 * MS);
	lu_load_end(b->load, 1011 * MS);
	assert_int_equal(count_events(b, "lost", "timeout"), 1);
	assert_int_equal(count_events(b, "lost", "end"), 1);
	assert_string_equal(b->letters.log->str, "+a0 +b1 -a0 -b1 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_times_are_fixed_beforehand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_golden_replies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_half_replies_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timeout_then_late_reply, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reset_loses_what_was_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_due_while_down_waits_its_turn, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_waiting_too_long_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_unproven_connection_is_retried, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_broken_protocol_is_a_wrong_reply, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_unasked_reply_is_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end_loses_the_rest_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
