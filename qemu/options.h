/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of a QEMU guest that the plan does not decide. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

struct lu_qemu_options {
	GCancellable *cancellable; /* ends every wait with LU_ERROR_INTERRUPTED */
	const char *agent_dir;	   /* holds agent-ARCH and tick-ARCH */
	const char *kmod_dir;	   /* sources of our own kernel modules (kmod), or NULL */
	bool offline;		   /* never ask the archive: cached assets only */
	const char *capture;	   /* file for the frames of the guest's port, or NULL */
	void (*note)(void *data, const char *text); /* progress of asset fetching, may be NULL */
	void *note_data;
};
