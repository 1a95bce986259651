/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that is a QEMU process: implements model/guest.h. */
#pragma once
#include <gio/gio.h>
#include "model/plan.h"
#include "model/guest.h"

struct lu_qemu_options {
	GCancellable *cancellable; /* ends every wait with LU_ERROR_INTERRUPTED */
	const char *agent_dir;	   /* holds agent-ARCH and tick-ARCH */
	const char *kmod_dir;	   /* sources of our own kernel modules (kmod), or NULL */
	/* modules of ours beside those of the plan, "NAME" or "NAME PARAMETERS"; NULL: none */
	const char *const *kmods;
	bool offline;				    /* never ask the archive: cached assets only */
	void (*note)(void *data, const char *text); /* progress of asset fetching, may be NULL */
	void *note_data;
};

/* Gets assets, builds initramfs, probes the accelerator; starts nothing yet. LU_ERROR_UNSUPPORTED
 * names what is missing. */
struct lu_guest *lu_qemu_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline,
				   const struct lu_qemu_options *options, GError **error);
