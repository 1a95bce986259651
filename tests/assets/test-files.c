/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files that assets are made of: packages, ELF programs, module
 * lists, initramfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/set.h"
#include "assets/unpack.h"
#include "assets/elf-needed.h"
#include "qemu/boot/initramfs.h"
#include "assets/root-path.h"
#include "tests/assets/fake-archive.h"

static struct fake_archive archive;
static char *root; /* an empty folder for each test */

static int fresh_root(void **state)
{
	root = g_build_filename(archive.dir, "root", NULL);
	lu_cache_remove_tree(root);
	return g_mkdir(root, 0755);
}

static int drop_root(void **state)
{
	g_clear_pointer(&root, g_free);
	return 0;
}

static void check_words(bool ok, const GError *error, const char *words)
{
	assert_false(ok);
	assert_non_null(error);
	if (!strstr(error->message, words))
		fail_msg("message: %s", error->message);
}

/* call fails and sets error to something with these words; call is made
 * before error is looked at. */
#define expect(call, error, words)                                                                 \
	do {                                                                                       \
		bool ok_ = (call);                                                                 \
		check_words(ok_, error, words);                                                    \
	} while (0)

static void put(const char *path, const void *data, gssize size)
{
	g_autofree char *full = g_strconcat(root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);

	assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
	assert_true(g_file_set_contents(full, data, size, NULL));
}

static void put_elf(const char *path, const char *const *needed)
{
	g_autoptr(GBytes) elf = fake_elf(needed);
	gsize size;
	const void *data = g_bytes_get_data(elf, &size);

	put(path, data, (gssize)size);
}

/* Each of these must be refused, and nothing may appear beside the root. */
static void test_unpack_stays_inside(void **state)
{
	static const struct fake_file cases[][3] = {
		{{"../escaped", "x", 1, NULL, NULL}},
		{{"./a/../../escaped", "x", 1, NULL, NULL}},
		{{"/escaped", "x", 1, NULL, NULL}},
		{{"./link", NULL, 0, "../escaped", NULL}},
		{{"./link", NULL, 0, "..", NULL}, {"./link/escaped", "x", 1, NULL, NULL}},
		{{"./link", NULL, 0, "/tmp", NULL}, {"./link/escaped", "x", 1, NULL, NULL}},
		{{"./hard", NULL, 0, NULL, "../mode"}},
	};
	g_autofree char *deb = g_build_filename(archive.dir, "evil.deb", NULL);
	g_autofree char *escaped = g_build_filename(archive.dir, "escaped", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		fake_deb_write(deb, cases[i]);
		expect(lu_deb_unpack(deb, root, NULL, &error), error, "evil.deb");
		assert_int_not_equal(access(escaped, F_OK), 0);
		assert_int_not_equal(access("/escaped", F_OK), 0);
		assert_int_not_equal(access("/tmp/escaped", F_OK), 0);
	}
}

static void test_unpack_merges_usr(void **state)
{
	static const struct fake_file files[] = {
		{"./sbin/tool", "tool", 4, NULL, NULL},
		{"./sbin/same", NULL, 0, NULL, "./sbin/tool"},
		{"./lib64/ld.so", NULL, 0, "/lib/real.so", NULL},
		{"./lib/real.so", "real", 4, NULL, NULL},
		{NULL},
	};
	g_autofree char *deb = g_build_filename(archive.dir, "good.deb", NULL);
	g_autofree char *loader = NULL;
	g_autofree char *tool = g_build_filename(root, "sbin/same", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	fake_deb_write(deb, files);
	assert_true(lu_deb_unpack(deb, root, NULL, &error));
	assert_true(lu_root_merge_usr(root, &error));
	loader = lu_root_resolve(root, "/lib64/ld.so", NULL, NULL);
	assert_string_equal(loader, "/usr/lib/real.so");
	assert_true(g_file_get_contents(tool, &text, NULL, NULL));
	assert_string_equal(text, "tool");
}

static void test_unpack_rubbish(void **state)
{
	g_autofree char *deb = g_build_filename(archive.dir, "rubbish.deb", NULL);
	g_autoptr(GError) error = NULL;

	assert_true(g_file_set_contents(deb, "!<arch>\nnot really", -1, NULL));
	expect(lu_deb_unpack(deb, root, NULL, &error), error, "rubbish.deb");
}

static void test_resolve_circle(void **state)
{
	g_autofree char *one = g_build_filename(root, "one", NULL);
	g_autofree char *up = g_build_filename(root, "up", NULL);
	g_autofree char *path = NULL;

	assert_int_equal(symlink("one", one), 0);
	assert_null(lu_root_resolve(root, "/one", NULL, NULL));
	/* ".." above the root stays in the root, as in a chroot. */
	put("/file", "x", 1);
	assert_int_equal(symlink("../../../file", up), 0);
	path = lu_root_resolve(root, "/up", NULL, NULL);
	assert_string_equal(path, "/file");
}

static void test_elf_walk(void **state)
{
	static const char *const one[] = {"libone.so.1", NULL};
	static const char *const two[] = {"libtwo.so.2", NULL};
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GError) error = NULL;

	put_elf("/usr/bin/program", one);
	put_elf("/usr/lib/x86_64-linux-gnu/libone.so.1", two);
	expect(lu_elf_closure(root, "/usr/bin/program", files, NULL, &error), error,
	       "library libtwo.so.2, needed by /usr/lib/x86_64-linux-gnu/libone.so.1");
	put_elf("/usr/lib/x86_64-linux-gnu/libtwo.so.2", one);
	g_hash_table_remove_all(files);
	g_clear_error(&error);
	assert_true(lu_elf_closure(root, "/usr/bin/program", files, NULL, &error));
	assert_int_equal(g_hash_table_size(files), 3);
}

static void test_elf_rubbish(void **state)
{
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GError) error = NULL;

	put("/usr/bin/script", "#!/bin/sh\n", -1);
	expect(lu_elf_closure(root, "/usr/bin/script", files, NULL, &error), error, "not an ELF");
}

static void test_stanzas(void **state)
{
	g_autoptr(GPtrArray) packages = lu_package_parse(
		"Package: a\nVersion: 1:2-3\nArchitecture: amd64\nSHA256: 00\nSize: 77\n"
		"Installed-Size: 3\nPre-Depends: libx1 (>= 2) | liby1\nDepends: z:any,  w [amd64]\n"
		"Description: text\n Package: not this\n\nPackage: virtual\n\nrubbish\n\n:\n");
	struct lu_package *package = lu_package_find(packages, "a");

	assert_int_equal(packages->len, 1);
	assert_string_equal(package->version, "1:2-3");
	assert_int_equal(package->deb_bytes, 77);
	assert_int_equal(package->installed_bytes, 3 * 1024);
	assert_int_equal(g_strv_length(package->needs), 4);
	assert_string_equal(package->needs[1], "liby1");
	assert_string_equal(package->needs[2], "z");
	assert_string_equal(package->needs[3], "w");
}

static void test_adjacent(void **state)
{
	char *names[] = {(char *)"linux-image-6.1.0-9-amd64",
			 (char *)"linux-image-6.1.0-10-amd64",
			 (char *)"linux-image-6.1.0-11-rt-amd64",
			 (char *)"linux-image-6.1.0-11-cloud-amd64",
			 (char *)"linux-image-6.12.99+deb12-amd64",
			 (char *)"linux-image-6.12.100+deb12-amd64",
			 (char *)"linux-image-6.12.100+deb12-amd64-dbg",
			 (char *)"linux-image-amd64",
			 (char *)"linux-image",
			 NULL};
	g_autofree char *older = NULL;

	assert_true(lu_kernels_adjacent(names, "amd64", "6.1.0-12-amd64", &older));
	assert_string_equal(older, "6.1.0-10-amd64");
	assert_true(lu_kernels_adjacent(names, "amd64", "6.12.101+deb12-amd64", &older));
	assert_string_equal(older, "6.12.100+deb12-amd64");
	assert_false(lu_kernels_adjacent(names, "amd64", "6.1.0-9-amd64", &older));
	assert_false(lu_kernels_adjacent(names, "amd64", "7.2-amd64", &older));
}

static struct lu_machine machine = {
	.name = (char *)"test",
	.arch = (char *)"x86_64",
	.debian_arch = (char *)"amd64",
	.gnu_triplet = (char *)"x86_64-linux-gnu",
	.kernel_flavour = (char *)"cloud-amd64",
};

/* An initramfs of spec, as its bytes; or the error's words. */
static GBytes *make_initramfs(struct lu_initramfs *spec, GError **error)
{
	int fd = memfd_create("initramfs", MFD_CLOEXEC);
	GBytes *bytes = NULL;
	struct stat st;

	assert_true(fd >= 0);
	if (lu_initramfs_write(spec, fd, error)) {
		char *data;

		assert_int_equal(fstat(fd, &st), 0);
		data = g_malloc((gsize)st.st_size);
		assert_int_equal(pread(fd, data, (size_t)st.st_size, 0), st.st_size);
		bytes = g_bytes_new_take(data, (gsize)st.st_size);
	}
	close(fd);
	return bytes;
}

/* Path of each entry → its contents or link text. */
static GHashTable *list_initramfs(GBytes *bytes)
{
	GHashTable *entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct archive *cpio = archive_read_new();
	struct archive_entry *entry;
	const char *last = NULL;

	archive_read_support_format_cpio(cpio);
	assert_int_equal(archive_read_open_memory(cpio, g_bytes_get_data(bytes, NULL),
						  g_bytes_get_size(bytes)),
			 ARCHIVE_OK);
	while (archive_read_next_header(cpio, &entry) == ARCHIVE_OK) {
		const char *path = archive_entry_pathname(entry);
		const char *link = archive_entry_symlink(entry);
		size_t size = link ? 0 : (size_t)archive_entry_size(entry);
		char *data = link ? g_strdup(link) : g_malloc0(size + 1);
		char *key = g_strdup(path);

		assert_int_equal(archive_entry_mtime(entry), 0);
		assert_int_equal(archive_read_data(cpio, link ? NULL : data, size),
				 (la_ssize_t)size);
		assert_true(!last || strcmp(last, key) < 0);
		g_hash_table_insert(entries, key, data);
		last = key;
	}
	archive_read_free(cpio);
	return entries;
}

static struct lu_assets *fetch_assets(void)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets;

	fake_archive_reset(&archive);
	fake_archive_fill(&archive);
	assets = lu_assets_open(&machine, NULL, &error);
	if (!assets)
		fail_msg("%s", error->message);
	return assets;
}

static void check_entries(GHashTable *entries)
{
	assert_string_equal(g_hash_table_lookup(entries, "init"), "the agent");
	assert_string_equal(g_hash_table_lookup(entries, "usr/bin/tick"), "the tick");
	assert_string_equal(g_hash_table_lookup(entries, "usr/bin/redis-server"),
			    "redis-check-rdb");
	assert_non_null(g_hash_table_lookup(entries, "usr/bin/redis-check-rdb"));
	assert_non_null(g_hash_table_lookup(entries, "usr/sbin/criu"));
	assert_non_null(g_hash_table_lookup(entries, "usr/lib/x86_64-linux-gnu/libodd_name.so.2"));
	assert_null(g_hash_table_lookup(entries, "usr/sbin/kexec"));
	assert_string_equal(g_hash_table_lookup(entries, "usr/bin/sh"), "busybox");
	assert_string_equal(g_hash_table_lookup(entries, "bin"), "usr/bin");
	assert_string_equal(g_hash_table_lookup(entries, "lib"), "usr/lib");
	assert_non_null(g_hash_table_lookup(entries, "dev/console"));
	assert_non_null(g_hash_table_lookup(entries, "stage"));
	assert_string_equal(g_hash_table_lookup(entries, "etc/lubench/init-script"), "echo\n");
	/* What a module needs comes before it; a built-in one is no file; the name's
	 * dash is its underscore. */
	assert_string_equal(g_hash_table_lookup(entries, "etc/lubench/modules/net"),
			    "/usr/lib/modules/6.1.0-12-cloud-amd64/kernel/virtio.ko\n"
			    "/usr/lib/modules/6.1.0-12-cloud-amd64/kernel/virtio_ring.ko\n"
			    "/usr/lib/modules/6.1.0-12-cloud-amd64/kernel/virtio-net.ko\n");
	assert_string_equal(
		g_hash_table_lookup(entries,
				    "usr/lib/modules/6.1.0-12-cloud-amd64/kernel/virtio.ko"),
		"virtio");
}

/* As many bytes as were asked for, the same each time, which no compressor makes fewer. */
static void check_padding(struct lu_initramfs *spec, GBytes *plain)
{
	g_autoptr(GConverter) gzip =
		G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW, 9));
	g_autoptr(GBytes) padded = NULL;
	g_autoptr(GBytes) again = NULL;
	g_autofree char *packed = NULL;
	gsize size, taken, made;

	spec->pad_bytes = 1 << 20;
	padded = make_initramfs(spec, NULL);
	again = make_initramfs(spec, NULL);
	spec->pad_bytes = 0;
	assert_non_null(padded);
	assert_true(g_bytes_equal(padded, again));
	size = g_bytes_get_size(padded);
	assert_in_range(size - g_bytes_get_size(plain), 1 << 20, (1 << 20) + 1024);
	packed = g_malloc(2 * size);
	assert_int_equal(g_converter_convert(gzip, g_bytes_get_data(padded, NULL), size, packed,
					     2 * size, G_CONVERTER_INPUT_AT_END, &taken, &made,
					     NULL),
			 G_CONVERTER_FINISHED);
	assert_true(made > 1 << 20);
}

static void test_initramfs(void **state)
{
	static const char *const features[] = {"net", NULL};
	static const char *const programs[] = {"tick", "criu", "redis-server", "busybox", NULL};
	struct lu_assets *assets = fetch_assets();
	struct lu_initramfs spec = {
		.machine = &machine,
		.assets = assets,
		.kernel = lu_assets_kernel(assets, 1),
		.agent_dir = root,
		.features = features,
		.programs = programs,
		.init_script = "echo\n",
	};
	g_autoptr(GHashTable) entries = NULL;
	g_autoptr(GBytes) first = NULL;
	g_autoptr(GBytes) second = NULL;
	g_autoptr(GError) error = NULL;

	put("/agent-x86_64", "the agent", -1);
	put("/tick-x86_64", "the tick", -1);
	machine.features = json_pack("{s:[s, s]}", "net", "virtio_net", "ext4");
	first = make_initramfs(&spec, &error);
	if (!first)
		fail_msg("%s", error->message);
	second = make_initramfs(&spec, &error);
	assert_true(g_bytes_equal(first, second));
	entries = list_initramfs(first);
	check_entries(entries);
	check_padding(&spec, first);
	json_decref(machine.features);
	lu_assets_free(assets);
}

/* What is missing is named. */
static void test_initramfs_missing(void **state)
{
	static const char *const net[] = {"net", NULL};
	static const char *const odd[] = {"odd", NULL};
	static const char *const emacs[] = {"emacs", NULL};
	struct lu_assets *assets = fetch_assets();
	const struct lu_kernel *kernel = lu_assets_kernel(assets, 1);
	const struct {
		struct lu_initramfs spec;
		const char *words;
	} cases[] = {
		{{&machine, assets, kernel, root, net, NULL, NULL}, "no module virtio_moon"},
		{{&machine, assets, kernel, root, odd, NULL, NULL}, "no feature \"odd\""},
		{{&machine, assets, kernel, root, NULL, emacs, NULL}, "no program emacs"},
		{{&machine, assets, kernel, "/nowhere", NULL, NULL, NULL}, "/nowhere/agent-x86_64"},
	};

	put("/agent-x86_64", "the agent", -1);
	machine.features = json_pack("{s:[s]}", "net", "virtio_moon");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct lu_initramfs spec = cases[i].spec;
		g_autoptr(GError) error = NULL;

		expect(make_initramfs(&spec, &error) != NULL, error, cases[i].words);
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
	}
	json_decref(machine.features);
	lu_assets_free(assets);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, fresh_root, drop_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_unpack_stays_inside),
		FILE_TEST(test_unpack_merges_usr),
		FILE_TEST(test_unpack_rubbish),
		FILE_TEST(test_resolve_circle),
		FILE_TEST(test_elf_walk),
		FILE_TEST(test_elf_rubbish),
		cmocka_unit_test(test_stanzas),
		cmocka_unit_test(test_adjacent),
		FILE_TEST(test_initramfs),
		FILE_TEST(test_initramfs_missing),
	};
	int failed;

	fake_archive_open(&archive);
	fake_archive_mode(&archive, "ok");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fake_archive_close(&archive);
	return failed;
}
