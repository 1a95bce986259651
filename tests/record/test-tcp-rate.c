/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a TCP connection carries over a link of that delay and loss. */
#include "tests/kit/cmocka-all.h"
#include <math.h>
#include "record/tcp-rate.h"

/* 65535 bytes and 1460 × sqrt(1.5 / 0.01) = 17881 bytes a round trip of 40 ms. */
static void test_tcp_rate(void **state)
{
	assert_true(isinf(lu_tcp_rate(0, 0.01)));
	assert_float_equal(lu_tcp_rate(40000000, 0), 1638375, 1);
	assert_float_equal(lu_tcp_rate(40000000, 0.01), 447032, 1);
	assert_float_equal(lu_tcp_rate(80000000, 0.01), 223516, 1);
	assert_float_equal(lu_tcp_rate(40000000, 1e-6), 1638375, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
