/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot files of a plan's guest: kernels, an initramfs for each, the next release's medium, the
 * checkpoint store, the data disk. */
#pragma once
#include <gio/gio.h>
#include "model/plan.h"
#include "assets/assets.h"
#include "assets/packages.h"
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
	struct lu_packages *packages; /* that the plan names, NULL: none */
	struct lu_needs *needs;	      /* the plan's, with the options' modules */
	struct lu_layout layout;
	unsigned which[LU_RELEASES];	      /* each release's index in the assets */
	struct lu_kernel *trees[LU_RELEASES]; /* a kernel built from source instead, NULL: none */
	struct lu_assets *named[LU_RELEASES]; /* or another packaged kernel, NULL: none */
	/* Instead of all of these: what the machine boots that boots no kernel; its release is its
	 * file's name. */
	struct lu_kernel freestanding;
	char *kmods[LU_RELEASES]; /* folder of our own modules for each release, or NULL */
	int initrd[LU_RELEASES];
	/* SHA-256 of what boots, NULL: nothing of that kind. The next release's kernel is the one on
	 * its medium, if it has one. */
	char *kernel_sha256[LU_RELEASES], *initrd_sha256[LU_RELEASES];
	struct lu_medium next; /* the new release, and with needs->both_ways the old one */
	int store, data;       /* disks, -1: none */
	int field;	       /* the disk "field", only with a memory image; -1: none */
	char *cmdline;	       /* of a kernel booted through the firmware */
	char *next_cmdline;    /* of the next release, likewise */
	char *agent_sha256;
	/* CRIU's cached facts about each kernel, NULL: CRIU probes them itself */
	GBytes *kdat[LU_RELEASES];
};

/* Gets the assets (from the cache or by apt) and builds the files in memory. */
bool lu_boot_files_make(struct lu_boot_files *files, const struct lu_plan *plan, const char *accel,
			const struct lu_qemu_options *options, GError **error);
/* Also after a lu_boot_files_make that failed, and on a zeroed struct. */
void lu_boot_files_clear(struct lu_boot_files *files);
const struct lu_kernel *lu_boot_files_kernel(const struct lu_boot_files *files,
					     enum lu_release release);
/* A spec for a machine that boots that release, with all that the strategy asks of the boot of a
 * next one (struct lu_next_boot) or without; the caller fills in the rest. */
struct lu_vm_spec lu_boot_files_vm_spec(const struct lu_boot_files *files, enum lu_release release,
					bool next);
/* Blocks held by the memory files, in bytes. Safe from any thread. */
int64_t lu_boot_files_used(const struct lu_boot_files *files);
