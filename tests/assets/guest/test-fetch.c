/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real archive of this host (or the cache, when it has been asked before): every machine's set
 * is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/assets.h"
#include "assets/depmod.h"
#include "assets/elf-needed.h"
#include "assets/kernel-form.h"
#include "assets/set.h"

static struct lu_assets *assets;
static struct lu_machine *machine;

/* The uncompressed kernel in the form that is loaded is the very one that it is named for. */
static void test_kernel_is_its_release(void **state)
{
	for (unsigned which = 0; which < 2; which++) {
		const struct lu_kernel *kernel = lu_assets_kernel(assets, which);
		g_autofree char *words = g_strconcat("Linux version ", kernel->release, " ", NULL);
		const char *path = lu_kernel_file(kernel, machine->images[0], NULL);
		g_autoptr(GMappedFile) map = path ? g_mapped_file_new(path, FALSE, NULL) : NULL;

		assert_non_null(map);
		assert_string_equal(lu_kernel_form_of(path)->name, machine->images[0]);
		assert_non_null(memmem(g_mapped_file_get_contents(map),
				       g_mapped_file_get_length(map), words, strlen(words)));
	}
}

static void test_kernels_differ(void **state)
{
	assert_string_not_equal(lu_assets_kernel(assets, 0)->release,
				lu_assets_kernel(assets, 1)->release);
}

static void test_programs_have_their_libraries(void **state)
{
	for (const struct lu_program *const *program = lu_programs(); *program; program++) {
		g_autoptr(GHashTable) files =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		g_autoptr(GError) error = NULL;

		if (!lu_elf_closure(lu_assets_root(assets), (*program)->path, files, NULL, &error))
			fail_msg("%s", error->message);
		assert_true(g_hash_table_size(files) > 0);
		/* itself, its loader, its libraries; the shell is static */
		if (!strcmp((*program)->name, "criu"))
			assert_true(g_hash_table_size(files) > 2);
		if (!strcmp((*program)->name, "busybox"))
			assert_int_equal(g_hash_table_size(files), 1);
	}
}

/* Every feature of the machine has its modules in both kernels. */
static void test_features_have_their_modules(void **state)
{
	for (unsigned which = 0; which < 2; which++) {
		const struct lu_kernel *kernel = lu_assets_kernel(assets, which);
		struct lu_modules *modules = lu_modules_read(kernel->modules, NULL);
		const char *feature;
		json_t *names, *name;
		size_t i;

		assert_non_null(modules);
		json_object_foreach(machine->features, feature, names)
			json_array_foreach(names, i, name)
		{
			g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
			g_autoptr(GError) error = NULL;

			if (!lu_modules_closure(modules, json_string_value(name), files, &error))
				fail_msg("%s: %s", feature, error->message);
		}
		lu_modules_free(modules);
	}
}

static void note(void *data, const char *text)
{
	fprintf(stderr, "%s\n", text);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel_is_its_release),
		cmocka_unit_test(test_kernels_differ),
		cmocka_unit_test(test_programs_have_their_libraries),
		cmocka_unit_test(test_features_have_their_modules),
	};
	struct lu_assets_options options = {.note = note};
	g_autoptr(GError) error = NULL;
	int failed;

	machine =
		lu_machine_load(LU_SOURCE_DIR "/machines", argc > 1 ? argv[1] : "x86-q35", &error);
	if (machine)
		assets = lu_assets_open(machine, &options, &error);
	if (!assets) {
		fprintf(stderr, "%s\n", error->message);
		return g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED) ? 77 : 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lu_assets_free(assets);
	lu_machine_free(machine);
	return failed;
}
