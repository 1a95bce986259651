/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damage to the checkpoint store on purpose, to see who notices.
 *
 * store.damage {how: "full"|"flip"|"truncate"|"remove", seed: int?} → what. full: no byte can be
 *     written any more, until checkpoint.discard; of the files that hold pages of memory, as the seed
 *     chooses: flip: one bit is another; truncate: half of the file is gone; remove: all of it.
 *     Answers "failed" when there is no such file.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/store.h"
#include "agent/verb.h"

#define PAGES STORE_DIR "/*/pages-*.img"
#define PIECE ((off_t)1 << 20)

/* What is not to be had in large pieces is taken in small ones. */
static bool fill(void)
{
	int fd = open(STORE_BALLAST, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	off_t at = 0;

	for (off_t piece = PIECE; fd >= 0 && piece >= 4096; piece /= 2)
		while (!posix_fallocate(fd, at, piece))
			at += piece;
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size;
}

/* A byte of all that these files have together, and the file that it is in. */
static const char *choose(const glob_t *files, unsigned seed, off_t *at)
{
	off_t all = 0;

	for (size_t i = 0; i < files->gl_pathc; i++)
		all += size_of(files->gl_pathv[i]);
	/* spreads small seeds: Knuth's multiplicative hashing */
	*at = all ? (off_t)((seed + 1) * UINT64_C(0x9e3779b97f4a7c15) % (uint64_t)all) : 0;
	for (size_t i = 0; i < files->gl_pathc; i++) {
		off_t size = size_of(files->gl_pathv[i]);

		if (*at < size)
			return files->gl_pathv[i];
		*at -= size;
	}
	return NULL;
}

static bool flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char byte;
	bool ok = fd >= 0 && pread(fd, &byte, 1, at) == 1;

	byte = ok ? byte ^ 1U << at % 8 : 0;
	ok = ok && pwrite(fd, &byte, 1, at) == 1;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool damage(const char *how, const char *path, off_t at)
{
	if (!strcmp(how, "flip"))
		return flip(path, at);
	return strcmp(how, "remove") ? !truncate(path, size_of(path) / 2) : !unlink(path);
}

static void damage_pages(struct request *request, const char *how)
{
	unsigned seed = (unsigned)arg_int(request, "seed", 0);
	const char *path = NULL;
	char what[300] = "";
	glob_t files;
	off_t at;

	if (!glob(PAGES, 0, NULL, &files))
		path = choose(&files, seed, &at);
	if (path)
		snprintf(what, sizeof(what), "%s: %s%s%lld", how, path,
			 strcmp(how, "flip") ? ", size " : ", byte ",
			 (long long)(strcmp(how, "flip") ? size_of(path) : at));
	if (!path)
		reply_error(request, "failed", "store.damage: the store holds no pages yet");
	else if (!damage(how, path, at))
		reply_error(request, "failed", "store.damage: %s: %s", path, strerror(errno));
	else
		reply_ok(request, json_pack("{s:s}", "what", what));
	globfree(&files);
}

static void store_damage(struct request *request)
{
	const char *how = arg_str(request, "how", "");

	if (!store_size())
		reply_error(request, "refused", "store.damage: the store is not open");
	else if (!strcmp(how, "flip") || !strcmp(how, "truncate") || !strcmp(how, "remove"))
		damage_pages(request, how);
	else if (strcmp(how, "full"))
		reply_error(request, "usage",
			    "store.damage: \"how\" must be full, flip, truncate or remove");
	else if (!fill())
		reply_error(request, "failed", "store.damage: %s", strerror(errno));
	else
		reply_ok(request, json_pack("{s:s}", "what", "full"));
}

const struct lu_agent_verbs lu_agent_verbs_damage = {
	"damage",
	{
		{"store.damage", store_damage},
		{},
	},
};
