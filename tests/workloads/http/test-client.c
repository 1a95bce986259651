/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The http workload's parser, client and oracles: whole, damaged, and with losses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "workloads/kit/http.h"
#include "tests/workloads/drive.h"

#define CONNS	 4
#define BODY_MAX 1000

extern const struct lu_workload lu_workload_http;

static const char small[] = "{\"content_mb\": 1, \"chunk_kb\": 100}";

static ssize_t parse(const char *text, struct lu_http_reply *reply)
{
	return lu_http_parse((const uint8_t *)text, strlen(text), BODY_MAX, reply);
}

static void test_whole_replies(void **state)
{
	static const char text[] = "HTTP/1.1 206 Partial Content\r\nserver: x\r\nX-ID:  17\r\n"
				   "content-length: 4\r\n\r\nab\r\nHTTP/1.1";
	struct lu_http_reply r;

	assert_int_equal(parse(text, &r), strlen(text) - strlen("HTTP/1.1"));
	assert_int_equal(r.status, 206);
	assert_int_equal(r.id, 17);
	assert_int_equal(r.body_len, 4);
	assert_memory_equal(r.body, "ab\r\n", 4);
	assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &r), 38);
	assert_true(r.id == UINT64_MAX);
}

static void test_replies_that_are_none(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Id: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
		"\r\n\r\n",
	};
	g_autofree char *endless = g_strnfill(5000, 'x');
	struct lu_http_reply r;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_int_equal(parse(texts[i], &r), -1);
	assert_int_equal(parse(endless, &r), -1);
	assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd", &r), 0);
	assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Len", &r), 0);
	assert_int_equal(parse("", &r), 0);
}

/* Words worked out apart from the code (Python, from docs/reference/workloads.md). */
static void test_content(void **state)
{
	static const uint8_t head[] = {0xc1, 0x5c, 0x02, 0x89, 0xec, 0x2d, 0x0a, 0x91};
	uint8_t bytes[40], part[7];

	lu_http_content(0, bytes, sizeof(bytes));
	assert_memory_equal(bytes, head, sizeof(head));
	lu_http_content(13, part, sizeof(part));
	assert_memory_equal(part, bytes + 13, sizeof(part));
	assert_true(lu_http_is_content(13, part, sizeof(part)));
	assert_false(lu_http_is_content(14, part, sizeof(part)));
	part[6] ^= 1;
	assert_false(lu_http_is_content(13, part, sizeof(part)));
}

static void test_whole(void **state)
{
	struct drive *d = drive_new(&lu_workload_http, small, CONNS);

	/* 50 ranges of 100 KiB on each of two connections: 1 MiB several times over */
	assert_int_equal(drive_requests(d, 200, CONNS), 200);
	assert_int_equal(drive_verdict(d, "content"), LU_FAIL); /* nothing read back yet */
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "order"), LU_PASS);
	assert_int_equal(drive_verdict(d, "bytes"), LU_PASS);
	assert_int_equal(drive_verdict(d, "downloads"), LU_PASS);
	assert_int_equal(drive_verdict(d, "content"), LU_PASS);
	drive_free(d);
}

static void test_nothing_seen_is_no_pass(void **state)
{
	struct drive *d = drive_new(&lu_workload_http, small, CONNS);

	assert_int_equal(drive_verdict(d, "order"), LU_FAIL);
	drive_free(d);
}

/* Found by the download that comes by, and at the end by the reading of all. */
static void test_damage(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct drive *d = drive_new(&lu_workload_http, small, CONNS);

		drive_requests(d, 40, CONNS);
		assert_true(d->workload->model->damage(d->service, kinds[i]));
		assert_true(drive_requests(d, 100, CONNS) < 100);
		drive_audit(d);
		assert_int_equal(drive_verdict(d, "bytes"), LU_FAIL);
		assert_int_equal(drive_verdict(d, "content"), LU_FAIL);
		assert_false(d->workload->model->damage(d->service, "no such kind"));
		drive_free(d);
	}
}

/* Lost ranges are asked for again on the new connection, from the first one on. */
static void test_resumed(void **state)
{
	struct drive *d = drive_new(&lu_workload_http, small, CONNS);
	g_autoptr(GByteArray) first = g_byte_array_new();
	g_autoptr(GByteArray) second = g_byte_array_new();
	g_autoptr(GByteArray) again = g_byte_array_new();

	drive_requests(d, 8, CONNS);
	d->workload->request(d->client, 100, 0, first);
	d->workload->request(d->client, 101, 0, second);
	d->workload->lost(d->client, 100, 0);
	d->workload->lost(d->client, 101, 0);
	d->workload->reconnected(d->client, 0);
	d->workload->request(d->client, 100, 0, again);
	assert_int_equal(again->len, first->len);
	assert_memory_equal(again->data, first->data, first->len);
	d->workload->lost(d->client, 100, 0);
	assert_int_equal(drive_verdict(d, "downloads"), LU_PASS); /* it may never have been used */
	assert_int_equal(drive_requests(d, 40, CONNS), 40);
	assert_int_equal(drive_verdict(d, "downloads"), LU_FAIL);
	assert_int_equal(drive_verdict(d, "bytes"), LU_PASS);
	drive_free(d);
}

static const char *why(const char *text, unsigned conn)
{
	struct drive *d = drive_new(&lu_workload_http, small, CONNS);
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct lu_reply reply = {0};
	ssize_t n;

	d->workload->request(d->client, 7, conn, out);
	n = d->workload->reply(d->client, 7, conn, (const uint8_t *)text, strlen(text), &reply);
	assert_int_equal(n, strlen(text));
	assert_false(reply.ok);
	drive_free(d);
	return reply.why;
}

static void test_wrong_replies(void **state)
{
	assert_string_equal(
		why("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Id: 7\r\n\r\n", 3),
		"wrong status");
	assert_string_equal(why("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Id: 8\r\n\r\n6.1\n", 3),
			    "reply to another request");
	assert_string_equal(why("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n6.1\n", 3),
			    "reply to another request");
	assert_string_equal(why("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Id: 7\r\n\r\n6 1\n", 3),
			    "not a kernel release");
	assert_string_equal(why("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Id: 7\r\n\r\n  \n", 3),
			    "not a kernel release");
	assert_string_equal(why("HTTP/1.1 206 OK\r\nContent-Length: 4\r\nX-Id: 7\r\n\r\nabcd", 0),
			    "content differs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_replies),
		cmocka_unit_test(test_replies_that_are_none),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_nothing_seen_is_no_pass),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_wrong_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
