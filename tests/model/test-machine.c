/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of machines: all that are here can be read, and a damaged one says what is wrong. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "model/machine.h"

#define MACHINES LU_SOURCE_DIR "/machines"

static void test_every_machine(void **state)
{
	g_auto(GStrv) names = lu_machine_list(MACHINES, NULL);

	assert_true(g_strv_contains((const char *const *)names, "x86-q35"));
	for (char **name = names; *name; name++) {
		g_autoptr(GError) error = NULL;
		struct lu_machine *machine = lu_machine_load(MACHINES, *name, &error);

		if (error)
			print_error("%s\n", error->message);
		assert_non_null(machine);
		assert_non_null(machine->kexec_cmdline);
		assert_true(machine->memory_min_mb >= 1);
		lu_machine_free(machine);
	}
}

/* Take a key away, or give it another type, and the message names it. */
static void test_damaged_machine(void **state)
{
	struct lu_machine *machine = lu_machine_load(MACHINES, "x86-q35", NULL);
	static const char *const needed[] = {"arch", "qemu_args", "memory_mb", "features"};

	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
		json_t *doc = json_deep_copy(machine->doc);
		g_autofree char *missing = g_strdup_printf("machine m: %s: missing", needed[i]);
		g_autofree char *typed = g_strdup_printf("machine m: %s: wrong type", needed[i]);
		GError *error = NULL;

		json_object_set_new(doc, needed[i], json_false());
		assert_null(lu_machine_from_doc(doc, "m", &error));
		assert_non_null(strstr(error->message, typed));
		g_clear_error(&error);
		json_object_del(doc, needed[i]);
		assert_null(lu_machine_from_doc(doc, "m", &error));
		assert_non_null(strstr(error->message, missing));
		g_clear_error(&error);
		json_decref(doc);
	}
	lu_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_machine),
		cmocka_unit_test(test_damaged_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
