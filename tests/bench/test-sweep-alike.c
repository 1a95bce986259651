/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a real guest is known before a sweep is gone on with. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "bench/exec/kit/environment.h"
#include "bench/exec/kit/sweep-alike.h"
#include "model/version.h"

static const char then[] =
	"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\", \"kernels\": {\"old\": "
	"\"6.1\", \"new\": \"6.2\"}, \"agent_sha256\": \"ab\", \"assets\": ["
	"{\"package\": \"criu\", \"version\": \"3.17\"}, {\"package\": \"redis\", "
	"\"version\": \"7\"}]}";

/* A result of this host and program, with that guest. */
static json_t *result_with(const char *guest)
{
	return json_pack("{s:{s:o, s:o}, s:{s:s}, s:{s:s}}", "environment", "host",
			 lu_host_environment(), "guest", json_loads(guest, 0, NULL), "lubench",
			 "git", LU_GIT_REVISION, "plan", "guest", "qemu");
}

static void expect(const char *now, const char *difference)
{
	json_auto_t *result = result_with(then), *here = now ? json_loads(now, 0, NULL) : NULL;
	g_autofree char *found = lu_sweep_unlike_here(result, here);

	if (g_strcmp0(found, difference))
		fail_msg("%s: \"%s\", not \"%s\"", now, found, difference);
}

static void test_each_condition(void **state)
{
	expect(then, NULL);
	expect("{\"accelerator\": \"kvm\", \"qemu\": \"7.2.4\"}", "accelerator (tcg, kvm)");
	expect("{\"accelerator\": \"tcg\", \"qemu\": \"7.2.9\"}", "qemu (7.2.4, 7.2.9)");
	expect("{\"accelerator\": \"tcg\", \"assets\": [{\"package\": \"criu\", \"version\": "
	       "\"4.0\"}]}",
	       "criu (3.17, 4.0)");
	/* a package that came with a newer set */
	expect("{\"accelerator\": \"tcg\", \"assets\": [{\"package\": \"criu\", \"version\": "
	       "\"3.17\"}, {\"package\": \"linux-image-6.3\", \"version\": \"1\"}]}",
	       "linux-image-6.3 (unknown, 1)");
}

/* Nothing cached, no such QEMU: that says nothing against the runs. */
static void test_what_is_unknown(void **state)
{
	expect(NULL, NULL);
	expect("{\"accelerator\": \"tcg\"}", NULL);
	expect("{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\"}", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_condition),
					   cmocka_unit_test(test_what_is_unknown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
