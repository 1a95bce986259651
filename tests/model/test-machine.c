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

/* What a switch of the boot would do is checked when the machine is read. */
static void test_damaged_switch(void **state)
{
	static const struct {
		const char *switches, *words;
	} all[] = {
		{"[]", "boot_switches: wrong type"},
		{"{\"meno\": {}}", "meno: no such switch"},
		{"{\"modules\": {}}", "modules: every machine has it"},
		{"{\"menu\": 1}", "menu: must be an object"},
		{"{\"menu\": {\"quick\": {}}}", "menu: allowed: plain and fast, or why"},
		{"{\"menu\": {\"why\": \"x\", \"fast\": {}}}", "menu: \"why\""},
		{"{\"menu\": {\"fast\": {\"cmdline\": 1}}}", "menu: cmdline and image"},
		{"{\"menu\": {\"fast\": {\"qemu_args\": \"-x\"}}}", "menu: qemu_args must"},
		{"{\"menu\": {\"fast\": {\"learn\": {\"lpj\": 1}}}}", "menu: learn must"},
		{"{\"menu\": {\"plain\": {\"delay\": 1}}}", "menu: allowed: cmdline"},
	};
	struct lu_machine *machine = lu_machine_load(MACHINES, "x86-q35", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		json_t *doc = json_deep_copy(machine->doc);
		g_autoptr(GError) error = NULL;

		json_object_set_new(doc, "boot_switches",
				    json_loads(all[i].switches, JSON_DECODE_ANY, NULL));
		assert_null(lu_machine_from_doc(doc, "m", &error));
		if (!strstr(error->message, all[i].words))
			fail_msg("%s: %s", all[i].switches, error->message);
		json_decref(doc);
	}
	lu_machine_free(machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_machine),
		cmocka_unit_test(test_damaged_machine),
		cmocka_unit_test(test_damaged_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
