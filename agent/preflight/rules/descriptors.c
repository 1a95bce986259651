/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of files without a name, and devices. CRIU: criu/files.c (dump_one_file, dump_chrdev), tty.c,
 * eventfd.c (restored by its count alone, of which eventfd(2) takes 32 bits), fsnotify.c (watches,
 * not events), proc_parse.c (handle_vma).
 */
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "agent/preflight/eventfd.h"
#include "agent/preflight/rules.h"

#define ANON "anon_inode:"

enum { MEM_MAJOR = 1, TTY_MAJOR = 4, TTYAUX_MAJOR = 5, MISC_MAJOR = 10 };
enum { PTY_FIRST_MAJOR = 128, PTY_LAST_MAJOR = 143 };
enum { ZERO_MINOR = 5, TUN_MINOR = 200, AUTOFS_MINOR = 235 };

static bool frozen;

static void begin(pid_t leader, bool is_frozen)
{
	frozen = is_frozen;
}

static bool is_one_of(const char *link, const char *const words[])
{
	for (; *words; words++)
		if (!strncmp(link, *words, strlen(*words)))
			return true;
	return false;
}

static bool unknown_kind(struct preflight_file *file)
{
	static const char *const known[] = {"/",
					    "socket:[",
					    "pipe:[",
					    ANON "[eventfd]",
					    ANON "[eventpoll]",
					    ANON "inotify",
					    "net:[",
					    "mnt:[",
					    "ipc:[",
					    "uts:[",
					    "pid:[",
					    "user:[",
					    "time:[",
					    "cgroup:[",
					    "pid_for_children:[",
					    "time_for_children:[",
					    ANON "[fanotify]",
					    ANON "[signalfd]",
					    ANON "[timerfd]",
					    NULL};

	return file->fd >= 0 && !is_one_of(file->link, known);
}

static bool unknown_device(struct preflight_file *file)
{
	unsigned number = major(file->st.st_rdev), part = minor(file->st.st_rdev);

	if (file->fd < 0 || *file->link != '/' || !S_ISCHR(file->st.st_mode))
		return file->fd >= 0 && S_ISBLK(file->st.st_mode);
	if (number == MISC_MAJOR)
		return part != TUN_MINOR && part != AUTOFS_MINOR;
	return number != MEM_MAJOR && number != TTY_MAJOR && number != TTYAUX_MAJOR &&
	       (number < PTY_FIRST_MAJOR || number > PTY_LAST_MAJOR);
}

/* What is mapped and is no regular file. */
static bool mapped_device(struct preflight_file *file)
{
	if (file->fd >= 0 || S_ISREG(file->st.st_mode) || S_ISDIR(file->st.st_mode) ||
	    S_ISSOCK(file->st.st_mode) || !(file->st.st_mode & S_IFMT))
		return false;
	return !S_ISCHR(file->st.st_mode) || file->st.st_rdev != makedev(MEM_MAJOR, ZERO_MINOR);
}

static bool mapped_anon(const struct preflight_mapping *mapping)
{
	return !strncmp(mapping->path, ANON, strlen(ANON));
}

static bool events_queued(struct preflight_file *file)
{
	static const char *const kinds[] = {ANON "inotify", ANON "[fanotify]", NULL};
	int bytes = 0, copy;

	if (file->fd < 0 || !is_one_of(file->link, kinds))
		return false;
	copy = preflight_copy(file);
	return copy >= 0 && !ioctl(copy, FIONREAD, &bytes) && bytes > 0;
}

static bool is_eventfd(const struct preflight_file *file)
{
	return file->fd >= 0 && !strcmp(file->link, ANON "[eventfd]");
}

static bool eventfd_large(struct preflight_file *file)
{
	uint64_t count;

	return is_eventfd(file) && preflight_info(file, "eventfd-count", 16, &count) &&
	       count > UINT32_MAX;
}

/* Kernels before 6.5 do not say so: there it shows only in the freeze. */
static bool eventfd_semaphore(struct preflight_file *file)
{
	uint64_t semaphore, count;

	if (!is_eventfd(file))
		return false;
	if (preflight_info(file, "eventfd-semaphore", 10, &semaphore))
		return semaphore;
	return frozen && preflight_info(file, "eventfd-count", 16, &count) &&
	       eventfd_gives_one(preflight_copy(file), count);
}

const struct lu_preflight_rules lu_preflight_rules_descriptors = {
	.title = "Kinds of files",
	.begin = begin,
	.rules =
		{
			{"file-kind", "CRIU does not know this kind of file", PREFLIGHT_REFUSED,
			 .of_file = unknown_kind},
			{"device",
			 "CRIU knows no device but terminals, /dev/net/tun and those of "
			 "mem(4)",
			 PREFLIGHT_REFUSED, .of_file = unknown_device},
			{"device-mapped", "CRIU cannot dump memory of a device", PREFLIGHT_REFUSED,
			 .of_file = mapped_device},
			{"file-kind-mapped", "CRIU does not know what is mapped there",
			 PREFLIGHT_REFUSED, .of_mapping = mapped_anon},
			{"events-queued", "CRIU would lose the events that nobody has read",
			 PREFLIGHT_LOST, true, .of_file = events_queued},
			{"eventfd-large", "CRIU would keep 32 bits of its count", PREFLIGHT_LOST,
			 true, .of_file = eventfd_large},
			{"eventfd-semaphore", "CRIU would restore it as one that is no semaphore",
			 PREFLIGHT_LOST, true, .of_file = eventfd_semaphore},
			{},
		},
};
