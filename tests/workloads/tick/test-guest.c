/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick service on the host, against sums computed here from docs/reference/tick-protocol.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/workloads/kit/service.h"
#include "tests/workloads/tick/tick-model.h"

#define PROGRAM LU_BUILD_DIR "/tick-x86_64"

static struct tick_model model;

static int start(void **state)
{
	service_start("tick-x86_64", tick_model_words);
	tick_model_begin(&model, "tick-1");
	return 0;
}

static int stop(void **state)
{
	service_stop();
	return 0;
}

static void replies_carry_the_sums(void **state)
{
	uint64_t a_hash = TICK_MODEL_BASIS, b_hash = TICK_MODEL_BASIS;
	int a = service_connect(), b = service_connect();

	for (unsigned i = 1; i <= 200; i++) {
		if (i % 3)
			tick_model_ask(&model, a, &a_hash);
		else
			tick_model_ask(&model, b, &b_hash);
	}
	tick_model_audit(&model, b);
	close(a);
	close(b);
}

static void bad_lines_end_the_connection(void **state)
{
	static const char *const lines[] = {"T 1 \n", "T x y\n", "Q\n", "T 1 a b\n"};

	service_rejects(lines, sizeof(lines) / sizeof(lines[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replies_carry_the_sums, start, stop),
		cmocka_unit_test_setup_teardown(bad_lines_end_the_connection, start, stop),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
