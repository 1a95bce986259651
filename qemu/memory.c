/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much memory a QEMU guest takes, inside and on the host; asked for from any thread. */
#include <string.h>
#include "qemu/guest.h"
#include "qemu/state.h"

void qemu_set_pid(struct qemu_guest *self, pid_t pid)
{
	g_mutex_lock(&self->lock);
	self->pid = pid;
	self->used_bytes = self->store_bytes = -1;
	g_mutex_unlock(&self->lock);
}

/* Proportional share: pages that are shared with others count in part. Bytes, 0 when
 * the process is gone. */
static int64_t pss_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", pid);
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	line = strstr(text, "\nPss:");
	return line ? g_ascii_strtoll(line + strlen("\nPss:"), NULL, 10) * 1024 : 0;
}

/* Under the lock throughout: the pid is reaped only after qemu_set_pid(0), which takes the lock. */
void qemu_memory(struct lu_guest *guest, struct lu_memory *memory)
{
	struct qemu_guest *self = QEMU(guest);

	g_mutex_lock(&self->lock);
	memory->guest_used_bytes = self->used_bytes;
	memory->guest_store_bytes = self->store_bytes;
	memory->host_other_bytes = self->standby_pid ? pss_of(self->standby_pid) : 0;
	memory->host_qemu_bytes = memory->host_other_bytes + (self->pid ? pss_of(self->pid) : 0);
	memory->host_files_bytes = lu_boot_files_used(&self->boot_files);
	g_mutex_unlock(&self->lock);
}
