/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and folders by a name that they no longer have, and by one that the next kernel does not
 * have. CRIU: criu/files-reg.c (check_path_remap, dump_ghost_file, create_link_remap; the ghost
 * limit is criu(8)'s default), dump_one_reg_file (lookup_mnt_id).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>
#include <linux/magic.h>
#include "agent/file.h"
#include "agent/preflight/rules.h"

#define GHOST_LIMIT (1 << 20)
#define SECOND_NS   INT64_C(1000000000)

/* Memory and not a file, whatever its link looks like. */
static bool is_memory(const struct preflight_file *file)
{
	static const char *const names[] = {"/memfd:", "/SYSV", "/dev/zero (deleted)", "/[aio]",
					    "/anon_hugepage"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(file->link, names[i], strlen(names[i])))
			return true;
	return false;
}

static long type_of(const struct preflight_file *file)
{
	struct statfs fs;

	return statfs(file->path, &fs) ? 0 : (long)fs.f_type;
}

/* A file, folder or fifo by a name: what CRIU opens again by that name. */
static bool is_named(const struct preflight_file *file)
{
	mode_t kind = file->st.st_mode & S_IFMT;

	return *file->link == '/' && !is_memory(file) &&
	       (kind == S_IFREG || kind == S_IFDIR || kind == S_IFIFO);
}

static bool without_name_and_large(struct preflight_file *file)
{
	return is_named(file) && !file->st.st_nlink && file->st.st_size > GHOST_LIMIT;
}

/* What is at its name, seen from the process's root: 0 with *at, or an error number. */
static int look_up(const struct preflight_file *file, struct stat *at)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)file->process->pid, file->link);
	return stat(path, at) ? errno : 0;
}

static bool needs_no_name(const struct preflight_file *file)
{
	long type = type_of(file);

	return !is_named(file) || !file->st.st_nlink || type == PROC_SUPER_MAGIC ||
	       type == DEVPTS_SUPER_MAGIC;
}

static bool known_by_another_name(struct preflight_file *file)
{
	struct stat at;

	return !needs_no_name(file) && look_up(file, &at) == ENOENT;
}

static bool name_is_anothers(struct preflight_file *file)
{
	struct stat at;

	return !needs_no_name(file) && !look_up(file, &at) &&
	       (at.st_ino != file->st.st_ino || at.st_dev != file->st.st_dev);
}

/* proc_pid_mountinfo(5): each line begins with the mount's number. */
static bool mount_is_listed(pid_t pid, uint64_t id)
{
	char path[64], *text, *at;
	bool listed = false;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	text = file_read(path, NULL);
	for (at = text; at && *at && !listed; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
		listed = strtoull(at, NULL, 10) == id;
	free(text);
	return listed || !text;
}

static bool on_unseen_mount(struct preflight_file *file)
{
	uint64_t id;

	return is_named(file) && preflight_info(file, "mnt_id", 10, &id) &&
	       !mount_is_listed(file->process->pid, id);
}

static bool born_after(const struct preflight_file *file, int64_t ns)
{
	struct statx born;

	return !statx(AT_FDCWD, file->path, 0, STATX_BTIME, &born) &&
	       (born.stx_mask & STATX_BTIME) &&
	       born.stx_btime.tv_sec * SECOND_NS + born.stx_btime.tv_nsec >= ns;
}

/* What the release brings is there again; what was made since the service was started is not. A
 * process with mounts of its own takes them along. */
static bool gone_with_this_kernel(struct preflight_file *file)
{
	long type = is_named(file) && file->st.st_nlink ? type_of(file) : 0;

	return (type == TMPFS_MAGIC || type == RAMFS_MAGIC) &&
	       !strcmp(preflight_link(file->process->pid, "ns/mnt"),
		       preflight_link(getpid(), "ns/mnt")) &&
	       born_after(file, file->process->begin_ns);
}

const struct lu_preflight_rules lu_preflight_rules_files = {
	.title = "Files",
	.rules =
		{
			{"file-unlinked-large",
			 "CRIU takes along files without a name of up to 1 MiB", PREFLIGHT_REFUSED,
			 .of_file = without_name_and_large},
			{"file-other-name",
			 "it has lost this name, and CRIU does not look for "
			 "another one",
			 PREFLIGHT_REFUSED, .of_file = known_by_another_name},
			{"file-replaced", "this is another file's name by now", PREFLIGHT_REFUSED,
			 .of_file = name_is_anothers},
			{"file-unseen", "CRIU finds no mount that it is on", PREFLIGHT_REFUSED,
			 .of_file = on_unseen_mount},
			{"file-in-memory", "the next kernel has no such file: it is in memory",
			 PREFLIGHT_REFUSED, .of_file = gone_with_this_kernel},
			{},
		},
};
