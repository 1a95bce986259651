/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernels of one's own: a folder as kbuild leaves it, with each part missing once, and modules
 * compiled in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/kernel-tree.h"
#include "assets/kmods.h"

static struct lu_machine machine = {
	.name = (char *)"test",
	.arch = (char *)"x86_64",
	.gnu_triplet = (char *)"x86_64-linux-gnu",
	.kernel_image = (char *)"arch/x86/boot/bzImage",
};
static char *root;

static void put(const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(root, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* What lubench looks at. The Makefile stands for kbuild: it tells what it was asked for. */
static int fill(void **state)
{
	put("include/config/kernel.release", "6.1.99-own\n");
	put("include/generated/compile.h",
	    "#define UTS_MACHINE\t\t\"x86_64\"\n#define LINUX_COMPILE_BY \"me\"\n");
	put("arch/x86/boot/bzImage", "the image");
	put("arch/x86/include/generated/uapi/asm/types.h", "");
	put("arch/x86_other/Makefile", "");
	put("vmlinux", "the ELF");
	put("lib/modules/6.1.99-own/modules.dep", "");
	put("Makefile",
	    "modules:\n\techo $(ARCH) $(LU_COMPONENT) >$(M)/lu_arch.ko\n\techo built >>count\n");
	put("sources/Kbuild", "obj-m += lu_arch.o\n");
	return 0;
}

static int drop(void **state)
{
	g_autofree char *count = g_build_filename(root, "count", NULL);

	g_unlink(count);
	return 0;
}

static void test_whole(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = g_path_get_dirname(root);
	g_autofree char *base = g_path_get_basename(root);
	g_autofree char *roundabout = g_build_filename(dir, ".", base, NULL);
	g_autoptr(lu_kernel) kernel = lu_kernel_tree_open(roundabout, &machine, &error);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "the image", -1);

	assert_null(error);
	assert_string_equal(kernel->release, "6.1.99-own");
	assert_string_equal(kernel->tree, root);
	assert_true(g_str_has_suffix(kernel->image, "/arch/x86/boot/bzImage"));
	assert_true(g_str_has_suffix(lu_kernel_file(kernel, "vmlinux", NULL), "/vmlinux"));
	assert_null(lu_kernel_file(kernel, "flat", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
	assert_non_null(strstr(error->message, "6.1.99-own has no image of form flat"));
	assert_true(g_str_has_suffix(kernel->modules, "/lib/modules/6.1.99-own"));
	assert_string_equal(kernel->sha256, hash);
}

static void expect_wrong(const char *path, const char *words)
{
	g_autoptr(GError) error = NULL;

	assert_null(lu_kernel_tree_open(path, &machine, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	if (!strstr(error->message, words))
		fail_msg("message: %s", error->message);
	assert_null(strchr(error->message, '\n'));
}

static void test_missing(void **state)
{
	static const char *const parts[] = {
		"include/config/kernel.release",
		"include/generated/compile.h",
		"arch/x86/boot/bzImage",
		"vmlinux",
		"lib/modules/6.1.99-own/modules.dep",
	};
	g_autofree char *nowhere = g_build_filename(root, "nowhere", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_build_filename(root, parts[i], NULL);
		g_autofree char *words =
			g_strdup_printf("%s has no %s: a built kernel is", root, parts[i]);

		fill(NULL);
		assert_int_equal(g_unlink(path), 0);
		expect_wrong(root, words);
	}
	expect_wrong(nowhere, "nowhere is not a folder: a built kernel is");
}

static void test_other_architecture(void **state)
{
	put("include/generated/compile.h", "#define UTS_MACHINE \"ppc64le\"\n");
	expect_wrong(root, "is built for ppc64le, but machine test needs x86_64");
	put("include/generated/compile.h", "#define LINUX_COMPILE_BY \"me\"\n");
	expect_wrong(root, "is built for no known architecture");
}

static char *contents(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		fail_msg("%s is missing", path);
	return g_strstrip(text);
}

/* The modules' folder for the tree as it is and whoever works on that component; its Makefile was run
 * as often as runs says. */
static char *build_for(const char *component, const char *runs)
{
	static const struct lu_assets_options options = {.offline = true};
	g_autoptr(GError) error = NULL;
	g_autoptr(lu_kernel) kernel = lu_kernel_tree_open(root, &machine, &error);
	g_autofree char *sources = g_build_filename(root, "sources", NULL);
	const struct lu_kmods kmods = {.machine = &machine,
				       .kernel = kernel,
				       .sources = sources,
				       .component = component,
				       .options = &options};
	char *folder = lu_kmods_get(&kmods, &error);
	g_autofree char *count = NULL;

	if (!folder)
		fail_msg("%s", error->message);
	count = contents(root, "count");
	assert_string_equal(count, runs);
	return folder;
}

static char *build(const char *runs)
{
	return build_for(NULL, runs);
}

/* Compiled in the tree, for its architecture; once, and again when the kernel is another, though
 * its name is the same. */
static void test_modules(void **state)
{
	g_autofree char *first = build("built");
	g_autofree char *again = build("built");
	g_autofree char *arch = contents(first, "lu_arch.ko");
	g_autofree char *other = NULL;

	assert_string_equal(arch, "x86");
	assert_string_equal(first, again);
	put("arch/x86/boot/bzImage", "another image");
	other = build("built\nbuilt");
	assert_string_not_equal(first, other);
}

/* One build serves all components but those whose modules others do without. */
static void test_on_demand(void **state)
{
	g_autofree char *of_any = NULL;
	g_autofree char *of_plain = NULL;
	g_autofree char *of_many = NULL;
	g_autofree char *arch = NULL;

	put("sources/many/on-demand", "");
	of_any = build("built");
	of_plain = build_for("plain", "built");
	assert_string_equal(of_any, of_plain);
	of_many = build_for("many", "built\nbuilt");
	assert_string_not_equal(of_any, of_many);
	arch = contents(of_many, "lu_arch.ko");
	assert_string_equal(arch, "x86 many");
}

/* kbuild, for a kernel that the component "bad" is too old for: it takes all others with it unless
 * each is built by itself. */
#define MAKEFILE                                                                                   \
	"modules:\n\t@case '$(LU_ONLY)' in ''|bad) echo 'In file included' >&2; "                  \
	"echo '$(M)/bad/v1.c:7:3: error: too few arguments' >&2; exit 1;; "                        \
	"*) echo built >$(M)/lu_$(LU_ONLY).ko;; esac\n"

static bool has(const char *module, GError **error)
{
	static const struct lu_assets_options options = {.offline = true};
	const char *wanted[] = {"lu_swap", module, NULL};
	g_autoptr(lu_kernel) kernel = lu_kernel_tree_open(root, &machine, NULL);
	g_autofree char *sources = g_build_filename(root, "parts", NULL);
	const struct lu_kmods kmods = {.machine = &machine,
				       .kernel = kernel,
				       .sources = sources,
				       .wanted = wanted,
				       .options = &options};
	g_autofree char *folder = lu_kmods_get(&kmods, error);

	return folder != NULL;
}

static void test_component_that_does_not_build(void **state)
{
	g_autoptr(GError) error = NULL;

	put("Makefile", MAKEFILE);
	put("parts/swap/objects.mk", "obj-m += lu_swap.o\n");
	put("parts/good/objects.mk", "obj-m += lu_good.o\n");
	put("parts/bad/objects.mk", "obj-m += lu_other.o\n");
	assert_true(has("lu_good", &error));
	for (int round = 0; round < 2; round++) {
		assert_false(has(round ? "lu_bad_v1" : "lu_other", &error));
		assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
		assert_string_equal(error->message,
				    "component bad of the guest's modules does not build for "
				    "kernel 6.1.99-own: bad/v1.c:7:3: error: too few arguments");
		g_clear_error(&error);
	}
	assert_false(has("lu_unheard_of", &error));
	assert_non_null(strstr(error->message, "lu_unheard_of"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_whole, fill),
		cmocka_unit_test_setup(test_missing, fill),
		cmocka_unit_test_setup(test_other_architecture, fill),
		cmocka_unit_test_setup_teardown(test_modules, fill, drop),
		cmocka_unit_test_setup_teardown(test_on_demand, fill, drop),
		cmocka_unit_test_setup(test_component_that_does_not_build, fill),
	};
	g_autofree char *dir = g_dir_make_tmp("lubench-tree-XXXXXX", NULL);
	int failed;

	g_setenv("XDG_CACHE_HOME", dir, true);
	root = g_build_filename(dir, "linux", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lu_cache_remove_tree(dir);
	g_free(root);
	return failed;
}
