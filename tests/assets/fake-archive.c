/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The archive that serves made-up packages. */
#include "tests/assets/fake-archive.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "assets/cache.h"
#include "assets/set.h"

static const char *const apt_get =
	"#!/bin/sh\n"
	"read -r mode < \"$FAKE_ARCHIVE/mode\"\n"
	"echo \"$2\" >> \"$FAKE_ARCHIVE/log\"\n"
	"if [ \"$2\" = update ]; then\n"
	"  [ $mode = stale ] && echo 'W: Failed to fetch x  Could not resolve host' >&2\n"
	"  exit 0\n"
	"fi\n"
	"[ -n \"$APT_CONFIG\" ] || exit 9\n"
	"shift 2\n"
	"if [ $mode = refuse ]; then\n"
	"  echo 'E: Failed to fetch pool/x.deb  404  Not Found' >&2; exit 100\n"
	"fi\n"
	"if [ $mode = hang ]; then echo $$ > \"$FAKE_ARCHIVE/hanging\"; exec tail -f /dev/null; "
	"fi\n"
	"for p in \"$@\"; do\n"
	"  n=${p%%=*}\n"
	"  if [ $mode = truncate ]; then head -c 100 \"$FAKE_ARCHIVE/pool/$n.deb\" > $n.deb\n"
	"  else cp \"$FAKE_ARCHIVE/pool/$n.deb\" $n.deb; fi\n"
	"done\n";

static const char *const apt_cache =
	"#!/bin/sh\n"
	"read -r mode < \"$FAKE_ARCHIVE/mode\"\n"
	"cd \"$FAKE_ARCHIVE/index\"\n"
	"if [ \"$1\" = pkgnames ]; then\n"
	"  for f in *; do case $f in $2*) echo $f;; esac; done; exit 0\n"
	"fi\n"
	"shift 2\n"
	"for n in \"$@\"; do\n"
	"  [ -s $n ] || { echo \"N: Unable to locate package $n\" >&2; bad=1; continue; }\n"
	"  if [ $mode = huge ]; then sed 's/^Size: .*/Size: 1000000000000000/' $n; else cat $n; "
	"fi\n"
	"  echo\n"
	"done\n"
	"exit ${bad:+100}\n";

static char *path_in(struct fake_archive *archive, const char *name)
{
	return g_build_filename(archive->dir, name, NULL);
}

static void write_text(struct fake_archive *archive, const char *name, const char *text)
{
	g_autofree char *path = path_in(archive, name);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void write_script(struct fake_archive *archive, const char *name, const char *text)
{
	g_autofree char *path = path_in(archive, name);

	write_text(archive, name, text);
	g_assert_cmpint(g_chmod(path, 0755), ==, 0);
}

void fake_archive_open(struct fake_archive *archive)
{
	g_autofree char *bin = NULL;
	g_autofree char *cache = NULL;
	g_autofree char *path = NULL;

	archive->dir = g_dir_make_tmp("lubench-archive-XXXXXX", NULL);
	g_assert_nonnull(archive->dir);
	bin = path_in(archive, "bin");
	cache = path_in(archive, "cache");
	g_assert_cmpint(g_mkdir(bin, 0755), ==, 0);
	write_script(archive, "bin/apt-get", apt_get);
	write_script(archive, "bin/apt-cache", apt_cache);
	path = g_strconcat(bin, ":", g_getenv("PATH"), NULL);
	g_setenv("PATH", path, TRUE);
	g_setenv("FAKE_ARCHIVE", archive->dir, TRUE);
	g_setenv("XDG_CACHE_HOME", cache, TRUE);
}

void fake_archive_close(struct fake_archive *archive)
{
	lu_cache_remove_tree(archive->dir);
	g_free(archive->dir);
}

void fake_archive_mode(struct fake_archive *archive, const char *mode)
{
	g_autofree char *line = g_strconcat(mode, "\n", NULL);

	write_text(archive, "mode", line);
}

void fake_archive_reset(struct fake_archive *archive)
{
	static const char *const folders[] = {"pool", "index", "cache"};

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = path_in(archive, folders[i]);

		lu_cache_remove_tree(path);
		g_assert_cmpint(g_mkdir(path, 0755), ==, 0);
	}
	write_text(archive, "log", "");
	fake_archive_mode(archive, "ok");
}

static char *sum_of(const char *path, gsize *size)
{
	g_autofree char *bytes = NULL;

	g_assert_true(g_file_get_contents(path, &bytes, size, NULL));
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes, *size);
}

void fake_archive_add(struct fake_archive *archive, const char *name, const char *version,
		      const char *depends, const struct fake_file *files)
{
	g_autofree char *file = g_strdup_printf("%s/pool/%s.deb", archive->dir, name);
	g_autofree char *index = g_strconcat("index/", name, NULL);
	g_autofree char *sum = NULL;
	g_autofree char *stanza = NULL;
	gsize size;

	fake_deb_write(file, files);
	sum = sum_of(file, &size);
	stanza = g_strdup_printf("Package: %s\nVersion: %s\nArchitecture: amd64\n"
				 "Installed-Size: 1\nDepends: %s\nSize: %" G_GSIZE_FORMAT
				 "\nDescription: made up\n of nothing: at all\nSHA256: %s\n",
				 name, version, depends, size, sum);
	write_text(archive, index, stanza);
}

void fake_archive_remove(struct fake_archive *archive, const char *name)
{
	g_autofree char *index = g_strconcat("index/", name, NULL);

	write_text(archive, index, "");
}

static void add_kernel(struct fake_archive *archive, const char *release)
{
	static const char builtin[] = "kernel/fs/ext4/ext4.ko\n";
	static const char dep[] = "kernel/virtio.ko:\nkernel/virtio_ring.ko: kernel/virtio.ko\n"
				  "kernel/virtio-net.ko: kernel/virtio_ring.ko kernel/virtio.ko\n";
	g_autofree char *name = g_strconcat("linux-image-", release, NULL);
	g_autofree char *image = g_strconcat("./boot/vmlinuz-", release, NULL);
	g_autofree char *base = g_strdup_printf("./lib/modules/%s", release);
	g_autofree char *dep_path = g_strconcat(base, "/modules.dep", NULL);
	g_autofree char *builtin_path = g_strconcat(base, "/modules.builtin", NULL);
	g_autofree char *one = g_strconcat(base, "/kernel/virtio.ko", NULL);
	g_autofree char *two = g_strconcat(base, "/kernel/virtio_ring.ko", NULL);
	g_autofree char *three = g_strconcat(base, "/kernel/virtio-net.ko", NULL);
	g_autoptr(GBytes) kernel = fake_elf((const char *const[]){release, NULL});
	struct fake_file files[] = {
		{image, g_bytes_get_data(kernel, NULL), g_bytes_get_size(kernel), NULL, NULL},
		{dep_path, dep, strlen(dep), NULL, NULL},
		{builtin_path, builtin, strlen(builtin), NULL, NULL},
		{one, "virtio", 6, NULL, NULL},
		{two, "ring", 4, NULL, NULL},
		{three, "net", 3, NULL, NULL},
		{"./usr/share/doc/x", "unwanted", 8, NULL, NULL},
		{NULL},
	};

	fake_archive_add(archive, name, "6.1-1", "kmod, linux-base", files);
}

static void add_elf(struct fake_archive *archive, const char *package, const char *path,
		    const char *depends, const char *const *needed)
{
	g_autoptr(GBytes) elf = fake_elf(needed);
	struct fake_file files[] = {{path, NULL, 0, NULL, NULL}, {NULL}};

	files[0].data = g_bytes_get_data(elf, &files[0].size);
	fake_archive_add(archive, package, "1-1", depends, files);
}

static bool is_there(struct fake_archive *archive, const char *package)
{
	g_autofree char *name = g_strconcat("index/", package, NULL);
	g_autofree char *path = path_in(archive, name);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Packages of a program that nothing special is tested with. */
static void add_others(struct fake_archive *archive)
{
	static const char *const none[] = {NULL};

	for (const struct lu_program *const *program = lu_programs(); *program; program++) {
		const char *const *package = (*program)->packages;
		g_autofree char *file = g_strconcat(".", (*program)->path, NULL);

		for (; *package; package++) {
			g_autofree char *doc = g_strconcat("./usr/share/doc/", *package, NULL);

			if (!is_there(archive, *package))
				add_elf(archive, *package,
					package == (*program)->packages ? file : doc, "", none);
		}
	}
}

static void add_programs(struct fake_archive *archive)
{
	static const char *const none[] = {NULL};
	static const char *const criu[] = {"libodd_name.so.2", "libnamed-3.so.200", NULL};
	static const char *const named[] = {"libodd_name.so.2", NULL};
	struct fake_file redis[] = {{"./usr/bin/redis-server", NULL, 0, "redis-check-rdb", NULL},
				    {NULL}};

	add_elf(archive, "criu", "./usr/sbin/criu",
		"python3:any, libnamed-3-200 (>= 3), libother1, libunrelated0 | libx", criu);
	add_elf(archive, "libnamed-3-200", "./lib/x86_64-linux-gnu/libnamed-3.so.200", "libother1",
		named);
	add_elf(archive, "libother1", "./usr/lib/x86_64-linux-gnu/libodd_name.so.2", "", none);
	add_elf(archive, "libunrelated0", "./usr/lib/x86_64-linux-gnu/libunrelated.so.0", "", none);
	add_elf(archive, "e2fsprogs", "./sbin/mke2fs", "", none);
	add_elf(archive, "kexec-tools", "./sbin/kexec", "", none);
	add_elf(archive, "busybox-static", "./bin/busybox", "", none);
	add_elf(archive, "nftables", "./usr/sbin/nft", "", none);
	add_elf(archive, "redis-tools", "./usr/bin/redis-check-rdb", "", none);
	fake_archive_add(archive, "redis-server", "5:7-1", "redis-tools", redis);
	add_others(archive);
}

static void make_all(struct fake_archive *archive)
{
	static const struct fake_file nothing[] = {{NULL}};

	add_kernel(archive, "6.1.0-9-cloud-amd64");
	add_kernel(archive, "6.1.0-11-cloud-amd64");
	add_kernel(archive, "6.1.0-11-rt-cloud-amd64");
	add_kernel(archive, "6.12.1-cloud-amd64");
	add_kernel(archive, "6.1.0-12-cloud-amd64");
	fake_archive_remove(archive, "linux-image-6.1.0-11-rt-cloud-amd64");
	write_text(archive, "index/linux-image-6.1.0-10-cloud-amd64", "");
	write_text(archive, "index/linux-image-6.1.0-11-cloud-amd64-unsigned", "");
	fake_archive_add(archive, "linux-image-cloud-amd64", "6.1-1",
			 "linux-image-6.1.0-12-cloud-amd64 (= 6.1-1)", nothing);
	fake_archive_add(archive, "linux-image-6.12-cloud-amd64", "6.12-1",
			 "linux-image-6.12.1-cloud-amd64 (= 6.12-1)", nothing);
	add_programs(archive);
}

/* Give each file of a folder the same name in another, which is made if it is not there. */
static void link_all(struct fake_archive *archive, const char *from, const char *to)
{
	g_autofree char *source = path_in(archive, from);
	g_autofree char *target = path_in(archive, to);
	g_autoptr(GDir) dir = g_dir_open(source, 0, NULL);
	const char *name;

	g_assert_cmpint(g_mkdir_with_parents(target, 0755), ==, 0);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(source, name, NULL);
		g_autofree char *other = g_build_filename(target, name, NULL);

		g_assert_cmpint(link(file, other), ==, 0);
	}
}

/* Packages are made once: they are compressed, and most tests change none. */
void fake_archive_fill(struct fake_archive *archive)
{
	g_autofree char *full = path_in(archive, "full");
	bool made = g_file_test(full, G_FILE_TEST_EXISTS);

	if (!made)
		make_all(archive);
	link_all(archive, made ? "full/pool" : "pool", made ? "pool" : "full/pool");
	link_all(archive, made ? "full/index" : "index", made ? "index" : "full/index");
}

unsigned fake_archive_calls(struct fake_archive *archive, const char *word)
{
	g_autofree char *path = path_in(archive, "log");
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned count = 0;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		count += !strcmp(*line, word);
	return count;
}

unsigned fake_cache_count(struct fake_archive *archive, const char *prefix)
{
	g_autofree char *path = g_build_filename(archive->dir, "cache", "lubench", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	unsigned count = 0;

	while (dir && (name = g_dir_read_name(dir)))
		count += g_str_has_prefix(name, prefix);
	return count;
}
