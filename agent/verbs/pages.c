/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transparent huge pages are dirty as a whole: for a service that writes a few bytes here and
 * there, each pre-copy round, and the last step, would send megabytes. Splitting them keeps the
 * dirty set small (Documentation/admin-guide/mm/transhuge.rst, mm/huge_memory.c).
 *
 * pages.small {} → split: bool, split_ns: huge pages are split, and no new ones made. Undone by
 *     pages.huge.
 * pages.huge {} → {}: the setting is restored
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/verb.h"

#define ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"
#define DEBUGFS "/sys/kernel/debug"
#define SPLIT	DEBUGFS "/split_huge_pages"

static char before[16]; /* the setting to restore, "": nothing was changed */

/* The word in brackets of "always [madvise] never". */
static bool read_setting(char *word, size_t size)
{
	char *text = file_read(ENABLED, NULL), *open = text ? strchr(text, '[') : NULL;
	char *close = open ? strchr(open, ']') : NULL;
	bool ok = close && (size_t)(close - open) <= size;

	if (ok) {
		*close = '\0';
		memcpy(word, open + 1, (size_t)(close - open));
	}
	free(text);
	return ok;
}

/* A kernel without these files has no huge pages, or cannot split existing ones. */
static void pages_small(struct request *request)
{
	int64_t begin = now_ns();
	bool split;

	if (!*before && read_setting(before, sizeof(before)))
		file_write(ENABLED, "never");
	mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	split = file_write(SPLIT, "1");
	umount(DEBUGFS);
	reply_ok(request, json_pack("{s:b, s:I}", "split", (int)split, "split_ns",
				    (json_int_t)(now_ns() - begin)));
}

static void pages_huge(struct request *request)
{
	if (*before && !file_write(ENABLED, before)) {
		reply_error(request, "failed", "pages.huge: " ENABLED ": %s", strerror(errno));
		return;
	}
	*before = '\0';
	reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_pages = {
	"pages",
	{
		{"pages.small", pages_small},
		{"pages.huge", pages_huge},
		{},
	},
};
