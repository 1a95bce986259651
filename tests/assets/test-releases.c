/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assets against a scripted apt: what is fetched, and every way in which fetching can fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/set.h"
#include "assets/assets.h"
#include "assets/depmod.h"
#include "assets/seal.h"
#include "tests/assets/fake-archive.h"
#include "tests/kit/guard.h"

static struct fake_archive archive;
static struct lu_machine machine = {
	.name = (char *)"test",
	.arch = (char *)"x86_64",
	.debian_arch = (char *)"amd64",
	.gnu_triplet = (char *)"x86_64-linux-gnu",
	.kernel_flavour = (char *)"cloud-amd64",
};

static int fill(void **state)
{
	fake_archive_reset(&archive);
	fake_archive_fill(&archive);
	return 0;
}

static struct lu_assets *open_set(const struct lu_assets_options *options, GError **error)
{
	return lu_assets_open(&machine, options, error);
}

/* Fetching fails with that code and these words, and leaves nothing. */
static void expect_failure(const struct lu_assets_options *options, int code, const char *words)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(options, &error);

	assert_null(assets);
	assert_non_null(error);
	if (!g_error_matches(error, LU_ERROR, code) || !strstr(error->message, words))
		fail_msg("code %d, message: %s", error->code, error->message);
	assert_null(strchr(error->message, '\n'));
	assert_int_equal(fake_cache_count(&archive, "work-"), 0);
	assert_int_equal(fake_cache_count(&archive, "current-"), 0);
	assert_int_equal(fake_cache_count(&archive, "sets"), 0);
}

static void expect_success(void)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(NULL, &error);

	if (!assets)
		fail_msg("%s", error->message);
	lu_assets_free(assets);
	assert_int_equal(fake_cache_count(&archive, "work-"), 0);
	assert_int_equal(fake_cache_count(&archive, "current-"), 1);
}

static bool describes(const struct lu_assets *assets, const char *name)
{
	json_t *package;
	size_t i;

	json_array_foreach(
		lu_assets_describe(assets), i,
		package) if (!strcmp(json_string_value(json_object_get(package, "package")), name))
	{
		json_t *sum = json_object_get(package, "sha256");

		assert_int_equal(strlen(json_string_value(sum)), 64);
		return true;
	}
	return false;
}

static void test_fetch(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(NULL, &error);
	g_autofree char *redis = NULL;
	g_autofree char *unwanted = NULL;

	if (!assets)
		fail_msg("%s", error->message);
	assert_string_equal(lu_assets_kernel(assets, 0)->release, "6.1.0-11-cloud-amd64");
	assert_string_equal(lu_assets_kernel(assets, 1)->release, "6.1.0-12-cloud-amd64");
	assert_non_null(lu_kernel_file(lu_assets_kernel(assets, 1), "vmlinux", NULL));
	redis = lu_assets_program(assets, "redis-server", &error);
	assert_non_null(redis);
	assert_true(g_str_has_suffix(redis, "/usr/bin/redis-check-rdb"));
	/* Found by its name; then, under a name of its own, because criu depends on it; no program
	 * of others. */
	assert_true(describes(assets, "libnamed-3-200"));
	assert_true(describes(assets, "libother1"));
	assert_false(describes(assets, "python3"));
	assert_null(lu_assets_program(assets, "emacs", &error));
	unwanted = g_build_filename(lu_assets_root(assets), "usr/share/doc/x", NULL);
	assert_int_not_equal(access(unwanted, F_OK), 0);
	lu_assets_free(assets);
}

static void expect_kernel(const char *name, const char *release)
{
	const struct lu_assets_options options = {0};
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = lu_assets_open_kernel(&machine, name, &options, &error);
	g_autofree char *package = g_strconcat("linux-image-", release, NULL);

	if (!assets)
		fail_msg("%s: %s", name, error->message);
	assert_string_equal(lu_assets_kernel(assets, 0)->release, release);
	assert_int_equal(access(lu_assets_kernel(assets, 0)->image, R_OK), 0);
	assert_true(describes(assets, package));
	lu_assets_free(assets);
}

/* A release in full or without the flavour, and a series; each is asked for once. */
static void test_named_kernel(void **state)
{
	const struct lu_assets_options offline = {.offline = true}, online = {0};
	g_autoptr(GError) error = NULL;
	unsigned calls;

	expect_kernel("6.12", "6.12.1-cloud-amd64");
	expect_kernel("6.12.1", "6.12.1-cloud-amd64");
	expect_kernel("6.1.0-9-cloud-amd64", "6.1.0-9-cloud-amd64");
	calls = fake_archive_calls(&archive, "update");
	expect_kernel("6.12", "6.12.1-cloud-amd64");
	assert_int_equal(fake_archive_calls(&archive, "update"), calls);
	assert_null(lu_assets_open_kernel(&machine, "6.99", &online, &error));
	assert_int_equal(error->code, LU_ERROR_USAGE);
	assert_non_null(strstr(error->message, "6.1.0-12-cloud-amd64, 6.12.1-cloud-amd64"));
	assert_null(strstr(error->message, "6.12-cloud"));
	g_clear_error(&error);
	assert_null(lu_assets_open_kernel(&machine, "6.98", &offline, &error));
	assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
}

static void test_second_open_asks_nobody(void **state)
{
	unsigned calls;

	expect_success();
	calls = fake_archive_calls(&archive, "update") + fake_archive_calls(&archive, "download");
	assert_true(calls > 0);
	fake_archive_mode(&archive, "refuse");
	expect_success();
	assert_int_equal(fake_archive_calls(&archive, "update") +
				 fake_archive_calls(&archive, "download"),
			 calls);
}

/* As one that was made before a workload brought its program. */
static void test_new_program_makes_a_new_set(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(NULL, &error);
	g_autofree char *redis =
		g_build_filename(lu_assets_root(assets), "usr/bin/redis-server", NULL);
	unsigned updates = fake_archive_calls(&archive, "update");

	lu_assets_free(assets);
	assert_int_equal(unlink(redis), 0);
	expect_success();
	assert_int_equal(fake_archive_calls(&archive, "update"), updates + 1);
}

static void test_offline(void **state)
{
	struct lu_assets_options options = {.offline = true};

	expect_failure(&options, LU_ERROR_UNSUPPORTED, "downloads are disabled");
	assert_int_equal(fake_archive_calls(&archive, "update"), 0);
}

static void test_broken_download(void **state)
{
	fake_archive_mode(&archive, "truncate");
	expect_failure(NULL, LU_ERROR_FAILED, "SHA-256");
	fake_archive_mode(&archive, "ok");
	expect_success();
}

static void test_apt_fails(void **state)
{
	fake_archive_mode(&archive, "refuse");
	expect_failure(NULL, LU_ERROR_FAILED, "404  Not Found");
}

static void test_missing_program(void **state)
{
	fake_archive_remove(&archive, "criu");
	expect_failure(NULL, LU_ERROR_UNSUPPORTED, "no package criu for amd64");
}

static void test_missing_kernel(void **state)
{
	fake_archive_remove(&archive, "linux-image-cloud-amd64");
	fake_archive_mode(&archive, "stale");
	expect_failure(NULL, LU_ERROR_UNSUPPORTED, "Could not resolve host");
}

static void test_no_second_kernel(void **state)
{
	fake_archive_remove(&archive, "linux-image-6.1.0-9-cloud-amd64");
	fake_archive_remove(&archive, "linux-image-6.1.0-11-cloud-amd64");
	expect_failure(NULL, LU_ERROR_UNSUPPORTED, "second kernel");
}

static void test_missing_library(void **state)
{
	fake_archive_remove(&archive, "libother1");
	expect_failure(NULL, LU_ERROR_UNSUPPORTED, "libodd_name.so.2");
}

static void test_no_room(void **state)
{
	fake_archive_mode(&archive, "huge");
	expect_failure(NULL, LU_ERROR_FAILED, "MB free");
	assert_int_equal(fake_archive_calls(&archive, "download"), 0);
}

/* A file system that is full in the middle of unpacking: a limit on file size gives the same
 * failing write. */
static void test_disk_full(void **state)
{
	g_autofree char *big = g_malloc0(3 << 20);
	struct fake_file files[] = {{"./usr/sbin/kexec", big, 3 << 20, NULL, NULL}, {NULL}};
	struct rlimit old, limit;

	fake_archive_add(&archive, "kexec-tools", "1-1", "", files);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){1 << 20, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_failure(NULL, LU_ERROR_FAILED, "MB free");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

/* Another process (this program again: GLib's threads do not survive a fork alone). */
static pid_t start_fetch(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		execl("/proc/self/exe", "test-assets", "fetch", NULL);
		_exit(127);
	}
	return pid;
}

static int fetch_only(void)
{
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(NULL, &error);

	if (!assets)
		fprintf(stderr, "fetch: %s\n", error->message);
	lu_assets_free(assets);
	return assets ? 0 : 1;
}

static void test_two_at_once(void **state)
{
	pid_t pids[] = {start_fetch(), start_fetch()};

	for (size_t i = 0; i < G_N_ELEMENTS(pids); i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(fake_archive_calls(&archive, "update"), 1);
}

/* Makes the scripted apt hang, starts a fetch, and returns when apt hangs: its pid's descriptor. */
static int start_hanging(pid_t *pid)
{
	g_autofree char *fifo = g_build_filename(archive.dir, "hanging", NULL);
	char line[32] = "";
	int fd, apt;

	unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fake_archive_mode(&archive, "hang");
	*pid = start_fetch();
	fd = open(fifo, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, line, sizeof(line) - 1) > 0);
	close(fd);
	apt = (int)syscall(SYS_pidfd_open, atoi(line), 0);
	assert_true(apt >= 0);
	return apt;
}

static void test_kill_midway(void **state)
{
	struct pollfd wait = {.events = POLLIN};
	pid_t pid;

	wait.fd = start_hanging(&pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	/* apt dies with whoever started it, … */
	assert_int_equal(poll(&wait, 1, GUARD_MS), 1);
	close(wait.fd);
	assert_int_equal(fake_cache_count(&archive, "work-"), 1);
	assert_int_equal(fake_cache_count(&archive, "current-"), 0);
	/* … and the next run clears away what was left. */
	fake_archive_mode(&archive, "ok");
	expect_success();
}

static gpointer cancel_when_hanging(gpointer data)
{
	g_autofree char *fifo = g_build_filename(archive.dir, "hanging", NULL);
	char line[32];
	int fd = open(fifo, O_RDONLY | O_CLOEXEC);

	if (read(fd, line, sizeof(line)) > 0)
		g_cancellable_cancel(data);
	close(fd);
	return NULL;
}

static void test_interrupted(void **state)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct lu_assets_options options = {.cancellable = cancellable};
	g_autofree char *fifo = g_build_filename(archive.dir, "hanging", NULL);
	GThread *thread;

	unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	fake_archive_mode(&archive, "hang");
	thread = g_thread_new("cancel", cancel_when_hanging, cancellable);
	expect_failure(&options, LU_ERROR_INTERRUPTED, "interrupted");
	g_thread_join(thread);
}

static unsigned count_sets(void)
{
	g_autofree char *path = g_build_filename(archive.dir, "cache/lubench/sets", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	unsigned count = 0;

	while (dir && g_dir_read_name(dir))
		count++;
	return count;
}

static void test_refresh(void **state)
{
	static const struct fake_file nothing[] = {{NULL}};
	struct lu_assets_options options = {.refresh = true};
	struct lu_assets *old = open_set(NULL, NULL), *new;

	assert_non_null(old);
	fake_archive_add(&archive, "linux-image-cloud-amd64", "6.1-0",
			 "linux-image-6.1.0-11-cloud-amd64", nothing);
	new = open_set(&options, NULL);
	assert_non_null(new);
	assert_string_equal(lu_assets_kernel(new, 0)->release, "6.1.0-9-cloud-amd64");
	/* A set in use stays until its user is done and somebody makes another one. */
	assert_int_equal(access(lu_assets_kernel(old, 1)->image, R_OK), 0);
	assert_int_equal(count_sets(), 2);
	lu_assets_free(old);
	lu_assets_free(new);
	new = open_set(&options, NULL);
	assert_int_equal(count_sets(), 1);
	lu_assets_free(new);
}

/* A set that somebody damaged is made anew. */
static void test_damaged(void **state)
{
	struct lu_assets *assets = open_set(NULL, NULL);
	g_autofree char *image = NULL;

	assert_non_null(assets);
	image = g_strdup(lu_assets_kernel(assets, 0)->image);
	lu_assets_free(assets);
	assert_int_equal(unlink(image), 0);
	expect_success();
	assert_int_equal(access(image, R_OK), 0);
}

/* Eight bytes overwritten, cut in half, emptied. */
static void damage(const char *path, unsigned how)
{
	struct stat st;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size > 16);
	if (how == 0)
		assert_int_equal(pwrite(fd, "DAMAGED!", 8, st.st_size / 2), 8);
	else
		assert_int_equal(ftruncate(fd, how == 1 ? st.st_size / 2 : 0), 0);
	close(fd);
}

static void expect_one_line(const GError *error, const char *path)
{
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_non_null(strstr(error->message, "cache damaged: "));
	assert_non_null(strstr(error->message, path));
	assert_non_null(strstr(error->message, "lubench assets --refresh"));
	assert_null(strchr(error->message, '\n'));
}

static void refresh(void)
{
	const struct lu_assets_options options = {.refresh = true};
	g_autoptr(GError) error = NULL;
	struct lu_assets *assets = open_set(&options, &error);

	if (!assets)
		fail_msg("%s", error->message);
	lu_assets_free(assets);
}

/* An image that is another is never booted, and --refresh brings the packaged one back. */
static void test_refresh_of_damage(void **state)
{
	struct lu_assets *assets = open_set(NULL, NULL);
	g_autofree char *image = g_strdup(lu_assets_kernel(assets, 1)->image);
	g_autofree char *was = lu_kernel_hash(lu_assets_kernel(assets, 1), image, NULL);

	lu_assets_free(assets);
	for (unsigned how = 0; how < 3; how++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *now = NULL;

		damage(image, how);
		assert_null(open_set(NULL, &error));
		expect_one_line(error, image);
		refresh();
		assets = open_set(NULL, NULL);
		assert_non_null(assets);
		now = lu_kernel_hash(lu_assets_kernel(assets, 1), image, NULL);
		assert_string_equal(now, was);
		lu_assets_free(assets);
	}
}

/* Of programs and modules too, of which only what an initramfs takes is read and so checked. */
static void test_refresh_of_damaged_program(void **state)
{
	struct lu_assets *assets = open_set(NULL, NULL);
	g_autofree char *path = lu_assets_program(assets, "criu", NULL);
	g_autofree char *folder = g_strdup(lu_assets_folder(assets));

	lu_assets_free(assets);
	assert_true(lu_seal_check(folder, path, NULL, NULL));
	for (unsigned how = 0; how < 3; how++) {
		g_autoptr(GError) error = NULL;

		damage(path, how);
		assert_false(lu_seal_check(folder, path, NULL, &error));
		expect_one_line(error, path);
		refresh();
		assert_true(lu_seal_check(folder, path, NULL, NULL));
	}
}

static void test_refresh_of_damaged_named_kernel(void **state)
{
	const struct lu_assets_options options = {0};
	struct lu_assets *assets = lu_assets_open_kernel(&machine, "6.12", &options, NULL);
	g_autofree char *image = g_strdup(lu_assets_kernel(assets, 0)->image);

	lu_assets_free(assets);
	for (unsigned how = 0; how < 3; how++) {
		g_autoptr(GError) error = NULL;

		damage(image, how);
		assert_null(lu_assets_open_kernel(&machine, "6.12", &options, &error));
		expect_one_line(error, image);
		refresh();
		expect_kernel("6.12", "6.12.1-cloud-amd64");
	}
}

static void test_traversal(void **state)
{
	static const struct fake_file evil[] = {{"./usr/../../../evil", "x", 1, NULL, NULL},
						{NULL}};

	fake_archive_add(&archive, "kexec-tools", "1-1", "", evil);
	expect_failure(NULL, LU_ERROR_FAILED, "package kexec-tools 1-1");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fetch, fill),
		cmocka_unit_test_setup(test_named_kernel, fill),
		cmocka_unit_test_setup(test_second_open_asks_nobody, fill),
		cmocka_unit_test_setup(test_new_program_makes_a_new_set, fill),
		cmocka_unit_test_setup(test_offline, fill),
		cmocka_unit_test_setup(test_broken_download, fill),
		cmocka_unit_test_setup(test_apt_fails, fill),
		cmocka_unit_test_setup(test_missing_program, fill),
		cmocka_unit_test_setup(test_missing_kernel, fill),
		cmocka_unit_test_setup(test_no_second_kernel, fill),
		cmocka_unit_test_setup(test_missing_library, fill),
		cmocka_unit_test_setup(test_no_room, fill),
		cmocka_unit_test_setup(test_disk_full, fill),
		cmocka_unit_test_setup(test_two_at_once, fill),
		cmocka_unit_test_setup(test_kill_midway, fill),
		cmocka_unit_test_setup(test_interrupted, fill),
		cmocka_unit_test_setup(test_refresh, fill),
		cmocka_unit_test_setup(test_damaged, fill),
		cmocka_unit_test_setup(test_refresh_of_damage, fill),
		cmocka_unit_test_setup(test_refresh_of_damaged_program, fill),
		cmocka_unit_test_setup(test_refresh_of_damaged_named_kernel, fill),
		cmocka_unit_test_setup(test_traversal, fill),
	};
	int failed;

	if (argc > 1 && !strcmp(argv[1], "fetch"))
		return fetch_only();
	fake_archive_open(&archive);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fake_archive_close(&archive);
	return failed;
}
