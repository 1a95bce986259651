/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESP and the keyspace. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "workloads/kit/keyspace.h"
#include "workloads/kit/resp.h"

static ssize_t parse(const char *text, struct lu_resp *reply)
{
	return lu_resp_parse((const uint8_t *)text, strlen(text), 100, reply);
}

static void test_resp_whole(void **state)
{
	struct lu_resp r;

	assert_int_equal(parse("+OK\r\n+", &r), 5);
	assert_int_equal(r.type, '+');
	assert_memory_equal(r.bytes, "OK", r.len);
	assert_int_equal(parse(":-42\r\n", &r), 6);
	assert_int_equal(r.integer, -42);
	assert_int_equal(parse("$3\r\na\nb\r\n", &r), 9);
	assert_int_equal(r.len, 3);
	assert_int_equal(parse("$0\r\n\r\n", &r), 6);
	assert_int_equal(r.len, 0);
	assert_int_equal(parse("$-1\r\n", &r), 5);
	assert_int_equal(r.type, '_');
	assert_int_equal(parse("-ERR x\r\n", &r), 8);
	assert_int_equal(r.type, '-');
}

static void test_resp_needs_more(void **state)
{
	static const char *const texts[] = {"",	      "+",	  "+OK",	"+OK\r",
					    "$3\r\n", "$3\r\nab", "$3\r\nabc\r"};
	struct lu_resp r;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_int_equal(parse(texts[i], &r), 0);
}

static void test_resp_broken(void **state)
{
	static const char *const texts[] = {"x",
					    "\n",
					    "+\n",
					    ":\r\n",
					    ":1x\r\n",
					    ":99999999999999999999\r\n",
					    "$-2\r\n",
					    "$101\r\n",
					    "$3\r\nabcd\r\n",
					    "$3\r\nabc\n\n",
					    "$9223372036854775807\r\n"};
	struct lu_resp r;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_int_equal(parse(texts[i], &r), -1);
}

static void test_resp_command(void **state)
{
	GByteArray *out = g_byte_array_new();
	struct lu_resp args[3];
	unsigned count = 0;

	lu_resp_append_array(out, 2);
	lu_resp_append_bulk(out, "GET", 3);
	lu_resp_append_bulk(out, "k", 1);
	assert_memory_equal(out->data, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", out->len);
	for (guint len = 0; len < out->len; len++)
		assert_int_equal(lu_resp_parse_command(out->data, len, 100, args, 3, &count), 0);
	assert_int_equal(lu_resp_parse_command(out->data, out->len, 100, args, 3, &count),
			 out->len);
	assert_int_equal(count, 2);
	assert_int_equal(lu_resp_parse_command(out->data, out->len, 100, args, 1, &count), -1);
	g_byte_array_unref(out);
}

static void test_values_name_their_write(void **state)
{
	struct lu_keyspace space;
	uint8_t value[101];
	uint64_t version;

	lu_keyspace_init(&space, 5, 1000, sizeof(value), false);
	lu_keyspace_value(&space, 17, 3, value);
	assert_true(lu_keyspace_check(&space, 17, value, sizeof(value), &version));
	assert_int_equal(version, 3);
	assert_false(lu_keyspace_check(&space, 18, value, sizeof(value), &version));
	assert_false(lu_keyspace_check(&space, 17, value, sizeof(value) - 1, &version));
	for (size_t i = 0; i < sizeof(value); i++) {
		value[i] ^= 4;
		assert_false(lu_keyspace_check(&space, 17, value, sizeof(value), &version));
		value[i] ^= 4;
	}
}

/* Share of draws that fall on the most popular key. */
static double top_share(bool zipf)
{
	enum { KEYS = 1000, DRAWS = 100000 };
	g_autofree unsigned *hits = g_new0(unsigned, KEYS);
	struct lu_keyspace space;
	unsigned top = 0;

	lu_keyspace_init(&space, 9, KEYS, 64, zipf);
	for (uint64_t id = 0; id < DRAWS; id++) {
		unsigned n = ++hits[lu_keyspace_pick(&space, lu_keyspace_draw(&space, id, 1))];

		top = MAX(top, n);
	}
	return (double)top / DRAWS;
}

/* Rank 1 of a Zipf law with exponent 0.99 over 1000 keys has 1/zeta = 12.9 % of the draws. */
static void test_popularity(void **state)
{
	assert_true(top_share(false) < 0.002);
	assert_true(top_share(true) > 0.12);
	assert_true(top_share(true) < 0.15);
}

static void test_draws_depend_on_seed(void **state)
{
	struct lu_keyspace a, b;

	lu_keyspace_init(&a, 1, 10, 64, false);
	lu_keyspace_init(&b, 2, 10, 64, false);
	assert_true(lu_keyspace_draw(&a, 0, 0) == lu_keyspace_draw(&a, 0, 0));
	assert_true(lu_keyspace_draw(&a, 0, 0) != lu_keyspace_draw(&b, 0, 0));
	assert_true(lu_keyspace_draw(&a, 0, 0) != lu_keyspace_draw(&a, 0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resp_whole),
		cmocka_unit_test(test_resp_needs_more),
		cmocka_unit_test(test_resp_broken),
		cmocka_unit_test(test_resp_command),
		cmocka_unit_test(test_values_name_their_write),
		cmocka_unit_test(test_popularity),
		cmocka_unit_test(test_draws_depend_on_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
