/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripts on the host: what they are told, and how their ends are reported. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "qemu/state.h"
#include "record/error.h"

#define S 1000000000LL

static uint16_t endpoint(struct lu_guest *guest, unsigned service)
{
	return 4711;
}

static const struct lu_guest_ops ops = {.name = "qemu", .endpoint = endpoint};

/* The script's end; its output in *output. */
static bool run(const char *text, char **output, GError **error)
{
	struct qemu_guest guest = {.guest.ops = &ops};
	json_auto_t *variables = json_pack("[s]", "LUBENCH_PHASE=PREPARE");
	const struct lu_host_script script = {"prepare.host", text, variables};

	return qemu_host_script(&guest.guest, &script, S, output, error);
}

static void test_told(void **state)
{
	g_autofree char *output = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(run("#!/bin/sh\necho $LUBENCH_PHASE $LUBENCH_ENDPOINT\n", &output, &error));
	assert_string_equal(output, "PREPARE 127.0.0.1:4711\n");
}

/* By the name of the script, whatever runs it. */
static void test_ends(void **state)
{
	static const struct {
		const char *text, *says;
		int code;
	} ends[] = {
		{"#!/bin/sh\necho no disk >&2; exit 3\n", "prepare.host: status 3: no disk",
		 LU_ERROR_FAILED},
		{"#!/bin/sh\nexit 69\n", "prepare.host: status 69", LU_ERROR_REFUSED},
		{"#!/bin/sh\nexec sleep 1000\n",
		 "prepare.host: killed, as it was not done within 1 s", LU_ERROR_TIMEOUT},
		{"#!/no/such/shell\n", "prepare.host: status 127", LU_ERROR_FAILED},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *output = NULL;
		g_autoptr(GError) error = NULL;

		assert_false(run(ends[i].text, &output, &error));
		if (!g_error_matches(error, LU_ERROR, ends[i].code) ||
		    !g_str_has_prefix(error->message, ends[i].says))
			fail_msg("code %d, \"%s\", not \"%s\"", error->code, error->message,
				 ends[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_told),
					   cmocka_unit_test(test_ends)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
