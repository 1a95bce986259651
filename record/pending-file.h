/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that gets its name only once it is complete, so that a writer that dies
 * leaves nothing behind. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct lu_pending_file {
	int fd;
	char *dir;
	/* its hidden name on a file system without unnamed files; NULL otherwise */
	char *temporary;
};

/* Write text to a new file in dir and flush it to the disk. LU_ERROR_FAILED:
 * directory and reason. */
bool lu_pending_write(struct lu_pending_file *file, const char *dir, const char *text, size_t len,
		      GError **error);
/* The same with a hidden name from the beginning, which lu_pending_write() falls back to. */
bool lu_pending_write_hidden(struct lu_pending_file *file, const char *dir, const char *text,
			     size_t len, GError **error);
/* Give it its name. It is an error if that name is taken. */
bool lu_pending_publish(struct lu_pending_file *file, const char *name, GError **error);
/* Close it; a file that was not published is removed. */
void lu_pending_clear(struct lu_pending_file *file);
