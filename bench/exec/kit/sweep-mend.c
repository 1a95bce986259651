/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damaged lines of a sweep's record are put aside. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "bench/exec/kit/sweep-record.h"

static bool write_all(int fd, const char *bytes, size_t len, off_t at)
{
	return at < 0 ? write(fd, bytes, len) == (ssize_t)len
		      : pwrite(fd, bytes, len, at) == (ssize_t)len;
}

/* The line is blank only when it is kept elsewhere. */
static bool move_line(int from, int to, const char *line, const struct lu_sweep_damage *where)
{
	g_autofree char *blank = g_strnfill(where->len, ' ');

	return write_all(to, line, where->len, -1) && write_all(to, "\n", 1, -1) &&
	       write_all(from, blank, where->len, (off_t)where->at);
}

void lu_sweep_record_mend(const char *path, const char *text, const GArray *damage)
{
	g_autofree char *aside = g_strconcat(path, ".damaged", NULL);
	bool ok = damage->len > 0;
	int from = ok ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	int to = ok ? open(aside, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

	for (guint i = 0; ok && i < damage->len && from >= 0 && to >= 0; i++) {
		const struct lu_sweep_damage *where =
			&g_array_index(damage, struct lu_sweep_damage, i);

		ok = move_line(from, to, text + where->at, where);
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}
