/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damage, on the system where a service is about to be restored, to what it needs there beside its
 * checkpoint: to see who notices.
 *
 * file.damage {how: "missing"|"changed"|"grown"|"replaced", seed: int?} → what. Of the files that the
 *     checkpointed service has open or mapped, as the seed chooses: missing: it is gone; changed: a
 *     byte in its middle is another; grown: it has a page more; replaced: of the programs and
 *     libraries, another build of the same size, whose code is at other places. The first three take
 *     a file that is no program, if there is one.
 * pid.take {} → what: a process that is none of the service's has one of its process IDs
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/criu/files-image.h"
#include "agent/file.h"
#include "agent/store.h"
#include "agent/verb.h"

#define IMAGES	  STORE_DIR "/images"
#define FILES_MAX 64
#define PAGE	  4096
#define SHIFT	  16

struct choice {
	bool programs; /* wanted */
	char *paths[FILES_MAX];
	size_t n;
};

static bool is_program(const char *path)
{
	char magic[4] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, magic, sizeof(magic)) < 0)
		*magic = '\0';
	close(fd);
	return !memcmp(magic, "\177ELF", sizeof(magic));
}

static void consider(void *data, const char *path)
{
	struct choice *choice = data;
	struct stat st;

	if (choice->n == FILES_MAX || stat(path, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_size ||
	    is_program(path) != choice->programs)
		return;
	for (size_t i = 0; i < choice->n; i++)
		if (!strcmp(choice->paths[i], path))
			return;
	choice->paths[choice->n] = strdup(path);
	choice->n += choice->paths[choice->n] != NULL;
}

static void choice_clear(struct choice *choice)
{
	while (choice->n)
		free(choice->paths[--choice->n]);
}

/* false with errno. */
static bool choose(bool programs, unsigned seed, char *path, size_t size)
{
	struct choice choice = {.programs = programs};
	bool ok = files_image_each(IMAGES, consider, &choice);

	if (ok && !choice.n && !programs) {
		choice.programs = true;
		ok = files_image_each(IMAGES, consider, &choice);
	}
	if (ok && choice.n)
		snprintf(path, size, "%s", choice.paths[seed % choice.n]);
	else if (ok)
		errno = ENOENT;
	ok = ok && choice.n;
	choice_clear(&choice);
	return ok;
}

/* As it is written anew by a package: what is open or mapped keeps the file that it had. */
static bool write_anew(const char *path, const char *bytes, size_t len)
{
	char beside[PATH_MAX + 8];
	struct stat st;
	int fd;
	bool ok;

	if (stat(path, &st) < 0)
		return false;
	snprintf(beside, sizeof(beside), "%s.new", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, st.st_mode & 07777);
	if (fd < 0)
		return false;
	ok = write(fd, bytes, len) == (ssize_t)len;
	return !close(fd) && ok && !rename(beside, path);
}

/* elf(5): a note NT_GNU_BUILD_ID, "GNU", in the first page. */
static char *build_id(char *bytes, size_t len)
{
	static const char note[] = {3, 0, 0, 0, 'G', 'N', 'U', 0};
	char *found = memmem(bytes, len < PAGE ? len : PAGE, note, sizeof(note));

	return found ? found + sizeof(note) : NULL;
}

static bool replace(char *bytes, size_t len)
{
	char *id = build_id(bytes, len);

	if (len < (size_t)2 * PAGE)
		return false;
	if (id)
		*id ^= 1;
	memmove(bytes + PAGE + SHIFT, bytes + PAGE, len - PAGE - SHIFT);
	return true;
}

static bool rewrite(const char *path, const char *how)
{
	size_t len = 0, room;
	char *bytes = file_read(path, &len), *more;
	bool ok = bytes != NULL;

	room = len + PAGE;
	more = ok ? realloc(bytes, room) : NULL;
	if (!more) {
		free(bytes);
		return false;
	}
	memset(more + len, 0, PAGE);
	if (!strcmp(how, "changed"))
		more[len / 2] ^= 1;
	else if (!strcmp(how, "grown"))
		len = room;
	else
		ok = replace(more, len);
	ok = ok && write_anew(path, more, len);
	free(more);
	return ok;
}

static void file_damage(struct request *request)
{
	const char *how = arg_str(request, "how", "");
	bool replaced = !strcmp(how, "replaced"), missing = !strcmp(how, "missing");
	char path[PATH_MAX], what[PATH_MAX + 40];

	if (!replaced && !missing && strcmp(how, "changed") && strcmp(how, "grown")) {
		reply_error(request, "usage",
			    "file.damage: \"how\" must be missing, changed, grown or replaced");
	} else if (!choose(replaced, (unsigned)arg_int(request, "seed", 0), path, sizeof(path))) {
		reply_error(request, "failed", "file.damage: a file of the checkpoint: %s",
			    strerror(errno));
	} else if (missing ? unlink(path) < 0 : !rewrite(path, how)) {
		reply_error(request, "failed", "file.damage: %s: %s", path, strerror(errno));
	} else {
		snprintf(what, sizeof(what), "%s: %s", how, path);
		reply_ok(request, json_pack("{s:s}", "what", what));
	}
}

/* The least process ID that an image is of: the service's first one. 0: there is none. */
static pid_t first_pid(void)
{
	pid_t least = 0, pid;
	glob_t cores;

	if (!glob(IMAGES "/core-*.img", 0, NULL, &cores))
		for (size_t i = 0; i < cores.gl_pathc; i++) {
			pid = (pid_t)strtol(strrchr(cores.gl_pathv[i], '-') + 1, NULL, 10);
			least = pid > 0 && (!least || pid < least) ? pid : least;
		}
	globfree(&cores);
	return least;
}

/* clone(2): set_tid. It waits until the system ends. */
static pid_t occupy(pid_t pid)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&pid,
		.set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (!child)
		for (;;)
			pause();
	return child;
}

static void pid_take(struct request *request)
{
	pid_t pid = first_pid();
	char what[60];

	if (!pid) {
		reply_error(request, "failed", "pid.take: there is no checkpoint in %s", IMAGES);
		return;
	}
	if (occupy(pid) < 0) {
		reply_error(request, "failed", "pid.take: %d: %s", (int)pid, strerror(errno));
		return;
	}
	snprintf(what, sizeof(what), "process %d is another one's", (int)pid);
	reply_ok(request, json_pack("{s:s}", "what", what));
}

const struct lu_agent_verbs lu_agent_verbs_damage_files = {
	"damage-files",
	{
		{"file.damage", file_damage},
		{"pid.take", pid_take},
		{},
	},
};
