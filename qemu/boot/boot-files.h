/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plan's guest is made of besides QEMU: kernels, an initramfs for each, the next release's
 * medium, the store, the data disk. */
#pragma once
#include <gio/gio.h>
#include "model/plan.h"
#include "assets/assets.h"
#include "model/layout.h"
#include "qemu/boot/medium.h"
#include "qemu/options.h"
#include "qemu/vm/vm.h"
#include "model/guest.h"
#include "model/strategy.h"

enum { LU_RELEASES = 2 }; /* indexed by enum lu_release */

struct lu_boot_files {
	const struct lu_plan *plan; /* borrowed */
	struct lu_assets *assets;
	struct lu_needs *needs; /* the plan's, with the modules of the options */
	struct lu_layout layout;
	unsigned which[LU_RELEASES];	      /* each release's index in the assets */
	struct lu_kernel *trees[LU_RELEASES]; /* or the kernel built from source, NULL: none */
	char *kmods[LU_RELEASES]; /* folder of our own modules for each release, or NULL */
	int initrd[LU_RELEASES];
	struct lu_medium next;
	int store, data; /* disks, -1: none */
	int field;	 /* another one, only with a memory image; -1: none */
	char *cmdline;	 /* of a kernel that is booted through the firmware */
	char *agent_sha256;
	GBytes *kdat; /* what CRIU has to know of the next kernel, NULL: it asks itself */
};

/* Gets the assets (from the cache or by apt) and builds the files in memory. */
bool lu_boot_files_make(struct lu_boot_files *files, const struct lu_plan *plan, const char *accel,
			const struct lu_qemu_options *options, GError **error);
/* Fine on one that was not made whole, as long as it was zeroed or lu_boot_files_make was called. */
void lu_boot_files_clear(struct lu_boot_files *files);
const struct lu_kernel *lu_boot_files_kernel(const struct lu_boot_files *files,
					     enum lu_release release);
/* What a machine of that release is made of; the rest of the spec is the caller's. */
struct lu_vm_spec lu_boot_files_vm_spec(const struct lu_boot_files *files, enum lu_release release);
/* Blocks held by the memory files, in bytes. Safe from any thread. */
int64_t lu_boot_files_used(const struct lu_boot_files *files);
