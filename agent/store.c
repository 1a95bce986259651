/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/store.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <linux/magic.h>
#include "agent/file.h"

static bool mounted;

bool store_is_open(void)
{
	return mounted;
}

/* A script may have mounted it, so ask the file system instead of relying on our own state. */
static bool read_figures(struct statvfs *fs)
{
	struct stat store, root;

	return stat(STORE_DIR, &store) == 0 && stat("/", &root) == 0 &&
	       store.st_dev != root.st_dev && statvfs(STORE_DIR, fs) == 0;
}

uint64_t store_used(void)
{
	struct statvfs fs;

	return read_figures(&fs) ? (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize : 0;
}

uint64_t store_size(void)
{
	struct statvfs fs;

	return read_figures(&fs) ? (uint64_t)fs.f_blocks * fs.f_frsize : 0;
}

/* proc(5): meminfo */
static uint64_t memory_available(void)
{
	static const char key[] = "MemAvailable:";
	char *text = file_read("/proc/meminfo", NULL), *at = text ? strstr(text, key) : NULL;
	uint64_t bytes = at ? strtoull(at + sizeof(key) - 1, NULL, 10) << 10 : 0;

	free(text);
	return bytes;
}

uint64_t store_free(void)
{
	struct statvfs fs;
	struct statfs kind;
	uint64_t bytes, available;

	if (!read_figures(&fs) || statfs(STORE_DIR, &kind) < 0)
		return 0;
	bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	available = kind.f_type == TMPFS_MAGIC ? memory_available() : bytes;
	return available < bytes ? available : bytes;
}

const char *store_mount(const char *source, const char *type, const char *options)
{
	if (mount(source, STORE_DIR, type, MS_NOATIME, options) < 0)
		return strerror(errno);
	mounted = true;
	return NULL;
}

const char *store_unmount(void)
{
	if (mounted && umount(STORE_DIR) < 0)
		return strerror(errno);
	mounted = false;
	return NULL;
}
