/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The disk of a system in the field (virtio, serial "field", ext4), which a release's memory image
 * may have cached: opened, listed as the kernel sees it, and used. field.change models the life of
 * such a system: files are rewritten, deleted and created, so that inodes are reused.
 *
 * field.open {write: bool} → {}: at /field, for reading only or for writing too. Undone by
 *     field.close.
 * field.list {} → uuid, free_blocks, free_inodes, files: {path: {inode, bytes, mtime_ns, hash,
 *     error?}} as this kernel sees them (FNV-1a of the contents, which are then cached)
 * field.change {} → {}: a file deleted, one created, two rewritten
 * field.use {} → {}: made writable and written to
 * field.close {} → {}
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "agent/block.h"
#include "agent/verb.h"

#define FIELD_DIR "/field"
/* Documentation/filesystems/ext4/super.rst: the super block is at 1024, s_uuid at 0x68 in it. */
#define UUID_AT	  (1024 + 0x68)
#define FNV_BASIS 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL

static char device[64];
static bool mounted;

static void field_open(struct request *request)
{
	unsigned long flags = MS_NOATIME | (arg_bool(request, "write", false) ? 0 : MS_RDONLY);

	if (mounted) {
		reply_error(request, "usage", "field.open: it is open already");
		return;
	}
	if (!block_by_serial("field", device, sizeof(device))) {
		reply_error(request, "unsupported",
			    "field.open: this guest has no disk with serial \"field\"");
		return;
	}
	mkdir(FIELD_DIR, 0755);
	if (mount(device, FIELD_DIR, "ext4", flags, "") < 0) {
		reply_error(request, "failed", "field.open: %s: %s", device, strerror(errno));
		return;
	}
	mounted = true;
	reply_ok(request, NULL);
}

static void field_close(struct request *request)
{
	if (mounted && umount(FIELD_DIR) < 0) {
		reply_error(request, "failed", "field.close: %s", strerror(errno));
		return;
	}
	mounted = false;
	reply_ok(request, NULL);
}

static const char *uuid_of(void)
{
	static char text[40];
	unsigned char uuid[16] = {0};
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, uuid, sizeof(uuid), UUID_AT) != sizeof(uuid))
		text[0] = '\0';
	for (unsigned i = 0; i < sizeof(uuid); i++)
		snprintf(text + 2 * (size_t)i, 3, "%02x", uuid[i]);
	if (fd >= 0)
		close(fd);
	return text;
}

/* FNV-1a; an errno when the file cannot be read to its end. */
static int hash_file(const char *path, uint64_t *hash)
{
	static unsigned char bytes[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*hash = FNV_BASIS;
	if (fd < 0)
		return -1;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			*hash = (*hash ^ bytes[i]) * FNV_PRIME;
	close(fd);
	return n < 0 ? -1 : 0;
}

/* {"inode", "bytes", "mtime_ns", "hash"?, "error"?}; a folder has no hash, and no bytes. */
static json_t *describe(const char *path)
{
	struct stat st;
	json_t *entry;
	uint64_t hash;
	char text[20];

	if (lstat(path, &st) < 0)
		return json_pack("{s:s}", "error", strerror(errno));
	entry = json_pack("{s:I, s:I, s:I}", "inode", (json_int_t)st.st_ino, "bytes",
			  (json_int_t)(S_ISREG(st.st_mode) ? st.st_size : 0), "mtime_ns",
			  (json_int_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
	if (S_ISREG(st.st_mode) && hash_file(path, &hash) < 0)
		json_object_set_new(entry, "error", json_string(strerror(errno)));
	else if (S_ISREG(st.st_mode)) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
		json_object_set_new(entry, "hash", json_string(text));
	}
	return entry;
}

static void list_into(json_t *files, const char *dir)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;
	char path[300];

	json_object_set_new(files, *(dir + strlen(FIELD_DIR)) ? dir + strlen(FIELD_DIR) : "/",
			    describe(dir));
	while (entries && (entry = readdir(entries))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "lost+found"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_DIR)
			list_into(files, path);
		else
			json_object_set_new(files, path + strlen(FIELD_DIR), describe(path));
	}
	if (entries)
		closedir(entries);
}

static void field_list(struct request *request)
{
	json_t *files = json_object();
	struct statvfs fs;

	if (!mounted || statvfs(FIELD_DIR, &fs) < 0) {
		json_decref(files);
		reply_error(request, "usage", "field.list: it is not open");
		return;
	}
	list_into(files, FIELD_DIR);
	reply_ok(request, json_pack("{s:s, s:I, s:I, s:o}", "uuid", uuid_of(), "free_blocks",
				    (json_int_t)fs.f_bfree, "free_inodes", (json_int_t)fs.f_ffree,
				    "files", files));
}

/* NULL or why not. */
static const char *write_file(const char *path, const char *word, size_t times, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	const char *why = NULL;

	for (size_t i = 0; fd >= 0 && !why && i < times; i++)
		if (write(fd, word, strlen(word)) != (ssize_t)strlen(word))
			why = strerror(errno);
	if (fd < 0 || fsync(fd) < 0)
		why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return why;
}

/* The changes of an update of a setting, a log rotation and a new file. */
static void field_change(struct request *request)
{
	const char *why;

	unlink(FIELD_DIR "/file-03");
	why = write_file(FIELD_DIR "/made-in-the-field", "made in the field\n", 4096, O_TRUNC);
	if (!why)
		why = write_file(FIELD_DIR "/file-05", "rewritten in the field\n", 512, O_TRUNC);
	if (!why)
		why = write_file(FIELD_DIR "/file-07", "appended in the field\n", 4096, O_APPEND);
	sync();
	if (!mounted || why)
		reply_error(request, "failed", "field.change: %s", why ? why : "it is not open");
	else
		reply_ok(request, NULL);
}

/* From here on this system writes to it. */
static void field_use(struct request *request)
{
	const char *why = NULL;

	if (!mounted || mount(NULL, FIELD_DIR, NULL, MS_REMOUNT | MS_NOATIME, "") < 0)
		why = mounted ? strerror(errno) : "it is not open";
	if (!why)
		why = write_file(FIELD_DIR "/after-the-upgrade", "written by the next release\n",
				 16384, O_TRUNC);
	sync();
	if (why)
		reply_error(request, "failed", "%s", why);
	else
		reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_field = {
	"field",
	{
		{"field.open", field_open},
		{"field.list", field_list},
		{"field.change", field_change},
		{"field.use", field_use},
		{"field.close", field_close},
		{},
	},
};
