/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of machines: all that are here can be read, and a damaged one says what is wrong. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <string.h>
#include "record/error.h"
#include "model/boot-switch.h"
#include "model/machine.h"
#include "model/strategy.h"

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

/* The plain or fast side of these four, and of one that every machine has. */
static struct lu_next_boot boot_with(const struct lu_machine *machine, const bool *fast)
{
	static const char *const names[] = {"menu", "kernel", "initramfs", "console", "probing"};
	struct lu_next_boot boot = {.qemu_args = g_ptr_array_new(),
				    .saved = g_ptr_array_new(),
				    .added = g_ptr_array_new()};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		lu_boot_switch_add(machine, names[i], fast[i], &boot);
	return boot;
}

static void expect_words(GPtrArray *got, const char *expected)
{
	g_autofree char *text = NULL;

	g_ptr_array_add(got, NULL);
	text = g_strjoinv(" ", (char **)got->pdata);
	assert_string_equal(text, expected);
	g_ptr_array_unref(got);
}

/* What a switch means gets to the boot, after what others have said, and nothing of its other side. */
static void test_switch_sides(void **state)
{
	static const char switches[] =
		"{\"menu\": {\"plain\": {\"qemu_args\": [\"-boot\", \"menu=on\"]}}, \"kernel\": "
		"{\"fast\": {\"image\": \"vmlinux\"}}, \"console\": {\"plain\": {\"cmdline\": "
		"\"loglevel=7\"}}, \"probing\": {\"fast\": {\"cmdline\": \"a=2\"}}}";
	struct lu_machine *shipped = lu_machine_load(MACHINES, "x86-q35", NULL);
	json_t *doc = json_deep_copy(shipped->doc);
	struct lu_machine *machine;
	struct lu_next_boot boot;

	json_object_set_new(doc, "boot_switches", json_loads(switches, 0, NULL));
	machine = lu_machine_from_doc(doc, "m", NULL);
	assert_non_null(machine);
	boot = boot_with(machine, (const bool[]){false, true, false, false, true});
	assert_string_equal(boot.cmdline, " loglevel=7 a=2");
	assert_string_equal(boot.image, "vmlinux");
	assert_true(boot.most_modules);
	expect_words(boot.qemu_args, "-boot menu=on");
	expect_words(boot.saved, "kernel probing");
	expect_words(boot.added, "menu initramfs console");
	boot = boot_with(machine, (const bool[]){true, false, true, true, false});
	assert_true(!boot.cmdline && !boot.image && !boot.most_modules);
	expect_words(boot.qemu_args, "");
	expect_words(boot.saved, "");
	expect_words(boot.added, "");
	json_decref(doc);
	lu_machine_free(machine);
	lu_machine_free(shipped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_machine),
		cmocka_unit_test(test_damaged_machine),
		cmocka_unit_test(test_damaged_switch),
		cmocka_unit_test(test_switch_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
