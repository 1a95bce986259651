/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines that boot a program of their own in place of a kernel: what their description may say, and
 * what a guest of one is made of. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <string.h>
#include "record/error.h"
#include "assets/cache.h"
#include "model/plan.h"
#include "qemu/boot/boot-files.h"
#include "qemu/vm/args.h"

static char *dir; /* of machines: "bare", beside a file that is not in it */

/* The default machine with other keys; NULL: without. */
static json_t *description(const char *payload, const char *flavour, const char *module)
{
	g_autofree char *name = lu_machine_default(LU_SOURCE_DIR "/machines", NULL);
	struct lu_machine *machine = lu_machine_load(LU_SOURCE_DIR "/machines", name, NULL);
	json_t *doc = json_deep_copy(machine->doc);
	json_t *features = module ? json_pack("{s:[s]}", "net", module)
				  : json_pack("{s:[], s:[], s:[]}", "net", "block", "soft-dirty");

	json_object_del(doc, "kernel_image");
	json_object_del(doc, "cmdline");
	json_object_del(doc, "kernel_flavour");
	if (flavour)
		json_object_set_new(doc, "kernel_flavour", json_string(flavour));
	if (payload)
		json_object_set_new(doc, "payload", json_loads(payload, JSON_DECODE_ANY, NULL));
	json_object_set_new(doc, "features", features);
	lu_machine_free(machine);
	return doc;
}

static void expect_wrong(json_t *doc, const char *words)
{
	g_autoptr(GError) error = NULL;

	assert_null(lu_machine_from_doc(doc, "bare", &error));
	json_decref(doc);
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	if (!strstr(error->message, words))
		fail_msg("message: %s", error->message);
}

static void test_description(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"\"monitor.elf\"",
		"{\"file\": \"\"}",
		"{\"file\": \"../monitor.elf\"}",
		"{\"file\": \"/monitor.elf\"}",
		"{\"file\": \"..\"}",
		"{\"file\": \"a b\"}",
		"{\"file\": 1}",
		"{\"file\": \"a\", \"load_at\": 4096}",
		"{\"file\": \"a\", \"load_at\": \"4096\"}",
		"{\"file\": \"a\", \"load_at\": \"0x\"}",
		"{\"file\": \"a\", \"load_at\": \"0x-1\"}",
		"{\"file\": \"a\", \"load_at\": \"0x10000000000000000\"}",
		"{\"file\": \"a\", \"entry\": \"0x1\"}",
		"{\"file\": \"a\", \"load_at\": \"0x1\", \"entry\": \"0x1\"}",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		expect_wrong(description(wrong[i], NULL, NULL), "payload: wrong type or value");
	expect_wrong(description("{\"file\": \"a\"}", "cloud", NULL),
		     "kernel_flavour: there is no kernel where there is a payload");
	expect_wrong(description("{\"file\": \"a\"}", NULL, "virtio_net"),
		     "features: net has modules");
	expect_wrong(description(NULL, NULL, NULL), "kernel_flavour: missing");
}

static void put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static struct lu_plan *plan_of(const char *payload, const char *strategy)
{
	json_t *doc = description(payload, NULL, NULL);
	json_t *scenario = json_pack("{s:s, s:s}", "strategy", strategy, "machine", "bare");
	char *text = json_dumps(doc, 0);
	GError *error = NULL;
	struct lu_plan *plan;

	put("bare/machine.json", text);
	plan = lu_plan_new(scenario, "test", dir, 0, &error);
	if (!plan)
		fail_msg("%s", error->message);
	free(text);
	json_decref(scenario);
	json_decref(doc);
	return plan;
}

/* QEMU's words that load what the machine boots; nothing is asked of any archive. */
static char *loader_words(struct lu_plan *plan)
{
	const struct lu_qemu_options options = {.agent_dir = "/nowhere", .offline = true};
	struct lu_boot_files files;
	GError *error = NULL;
	struct lu_vm_spec spec;
	char *all;

	if (!lu_boot_files_make(&files, plan, "tcg", &options, &error))
		fail_msg("%s", error->message);
	assert_int_equal(strlen(files.agent_sha256), 64);
	assert_string_equal(lu_boot_files_kernel(&files, LU_RELEASE_OLD)->release, "monitor.bin");
	spec = lu_boot_files_vm_spec(&files, LU_RELEASE_NEW, true);
	spec.accel = "tcg";
	spec.net = -1;
	g_autoptr(GPtrArray) args = lu_qemu_args(&spec, &(struct lu_vm_sockets){3, 4, 5});

	all = g_strjoinv(" ", (char **)args->pdata);
	lu_boot_files_clear(&files);
	lu_plan_free(plan);
	return all;
}

static void test_boots_payload(void **state)
{
	g_autofree char *path = g_build_filename(dir, "bare/monitor.bin", NULL);
	g_autofree char *kernel = g_strdup_printf("-kernel %s", path);
	g_autofree char *loader = g_strdup_printf(
		"-device loader,file=%s,addr=0xfff80000,force-raw=on,cpu-num=0", path);
	g_autofree char *elf = NULL;
	g_autofree char *flat = NULL;

	put("bare/monitor.bin", "the monitor");
	elf = loader_words(plan_of("{\"file\": \"monitor.bin\"}", "pause"));
	assert_true(g_str_has_suffix(elf, kernel));
	flat = loader_words(
		plan_of("{\"file\": \"monitor.bin\", \"load_at\": \"0xfff80000\"}", "cold"));
	assert_true(g_str_has_suffix(flat, loader));
	assert_null(strstr(flat, "-append"));
	assert_null(strstr(flat, "-initrd"));
}

static void expect_unsupported(struct lu_plan *plan, const char *words)
{
	const struct lu_qemu_options options = {.agent_dir = "/nowhere", .offline = true};
	struct lu_boot_files files;
	g_autoptr(GError) error = NULL;

	assert_false(lu_boot_files_make(&files, plan, "tcg", &options, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
	if (!strstr(error->message, words))
		fail_msg("message: %s", error->message);
	lu_plan_free(plan);
}

static void test_what_it_lacks(void **state)
{
	expect_unsupported(plan_of("{\"file\": \"monitor.bin\"}", "kexec"),
			   "kexec needs another kernel, and machine bare boots monitor.bin");
	expect_unsupported(plan_of("{\"file\": \"nothing.bin\"}", "null"),
			   "nothing.bin, which is missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_boots_payload),
		cmocka_unit_test(test_what_it_lacks),
	};
	int failed;

	dir = g_dir_make_tmp("lubench-machines-XXXXXX", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lu_cache_remove_tree(dir);
	g_free(dir);
	return failed;
}
