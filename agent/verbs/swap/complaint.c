/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has the kernel complained? Its taint shows warnings, oopses, and bad pages or
 * objects (KASAN's reports among them); reports of lockdep and RCU's checks are
 * only printed. The log is a ring and may have lost them, so /proc/lockdep_stats
 * is checked, too: lockdep turns itself off at its first report.
 */
#include "agent/verbs/swap/complaint.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
#include "agent/file.h"

#define RECORD_BYTES 8192 /* the longest record (CONSOLE_EXT_LOG_MAX) */

/* How such reports begin (kernel: kernel/locking/lockdep.c, kernel/panic.c, mm/kasan/report.c).
 * "WARNING: " alone is not enough: drivers print that, too. */
static const char *const heads[] = {
	"BUG: ",
	"[ BUG: ",
	"INFO: trying to register non-static key",
	"WARNING: CPU: ",
	"WARNING: bad unlock balance",
	"WARNING: held lock freed",
	"WARNING: inconsistent lock state",
	"WARNING: lock held when returning to user space",
	"WARNING: possible ",
	"WARNING: suspicious RCU usage",
};

/* A record is "PRIORITY,NUMBER,TIME,FLAGS;text\n key=value\n…"
 * (Documentation/ABI/testing/dev-kmsg). */
bool complaint_in(const char *record, char *line, size_t size)
{
	const char *text = strchr(record, ';');

	for (size_t i = 0; text && i < sizeof(heads) / sizeof(*heads); i++) {
		if (strncmp(text + 1, heads[i], strlen(heads[i])))
			continue;
		snprintf(line, size, "%.*s", (int)strcspn(text + 1, "\n"), text + 1);
		return true;
	}
	return false;
}

static bool in_log(char *line, size_t size)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_BYTES + 1];
	bool found = false;
	ssize_t n = 0;

	/* EPIPE: the ring has overwritten our position;
	 * the next read returns the oldest record left. */
	while (fd >= 0 && !found &&
	       ((n = read(fd, record, RECORD_BYTES)) > 0 || (n < 0 && errno == EPIPE))) {
		record[n > 0 ? n : 0] = '\0';
		found = complaint_in(record, line, size);
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/* Taint bits: Documentation/admin-guide/tainted-kernels.rst: 5 a bad page or
 * object, 7 died, 9 warned. */
static bool tainted(void)
{
	char *text = file_read("/proc/sys/kernel/tainted", NULL);
	unsigned long taint = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return taint & (1 << 5 | 1 << 7 | 1 << 9);
}

bool complaint_stats_off(const char *stats)
{
	const char *at = strstr(stats, "debug_locks:");

	return at && !strtoul(at + strlen("debug_locks:"), NULL, 10);
}

/* A kernel without lockdep has no such file. */
static bool lockdep_off(void)
{
	char *stats = file_read("/proc/lockdep_stats", NULL);
	bool off = stats && complaint_stats_off(stats);

	free(stats);
	return off;
}

bool complaint_find(char *line, size_t size)
{
	*line = '\0';
	if (in_log(line, size))
		return true;
	if (tainted())
		snprintf(line, size, "the kernel is tainted");
	else if (lockdep_off())
		snprintf(line, size, "lockdep has turned itself off");
	return *line;
}
