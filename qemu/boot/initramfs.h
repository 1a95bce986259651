/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's initramfs: the agent as /init, the modules and programs that a scenario needs, and
 * nothing else. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "assets/assets.h"
#include "assets/packages.h"
#include "model/workload.h"

struct lu_initramfs {
	const struct lu_machine *machine;
	const struct lu_assets *assets;
	const struct lu_kernel *kernel; /* whose modules */
	const char *agent_dir;		/* holds agent-ARCH, SERVICE-ARCH */
	const char *const *features;	/* NULL-terminated: keys of machine->features */
	const char *const *programs;	/* NULL-terminated: asset programs, or our own services */
	GBytes *kdat; /* contents of /etc/lubench/criu.kdat (qemu/boot/kdat.h), or NULL */
	const struct lu_packages *packages; /* the user's, or NULL */
	GPtrArray *parts;		    /* struct lu_guest_part, or NULL */
	const struct lu_guest_file *files;  /* of the service, ends with .path NULL; or NULL */
	const char *init_script;	    /* contents of /etc/lubench/init-script, or NULL */
	GPtrArray *kmods;		    /* struct lu_kmod, or NULL */
	const char *kmod_dir;		    /* holds their NAME.ko for this kernel */
	bool most_modules;   /* what some system may need to boot, beside the features' */
	const char *lacking; /* feature whose last module is left out, on purpose; NULL: none */
	size_t pad_bytes;    /* of a file that nobody reads, for an initramfs of a larger system */
};

/*
 * Writes a cpio (newc, uncompressed) to the end of fd, without root, deterministic (sorted, times
 * 0): program files with the libraries they need (ELF NEEDED walk below the assets' root), module
 * files with /etc/lubench/modules/FEATURE in load order (modules.dep). LU_ERROR_UNSUPPORTED names
 * the module, program or library that is missing.
 */
bool lu_initramfs_write(const struct lu_initramfs *spec, int fd, GError **error);
