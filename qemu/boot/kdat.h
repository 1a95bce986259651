/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's cache of a kernel's features, criu.kdat (agent/verbs/criu-kdat.c), made once for each
 * release, as one would when building it: the kernel is booted on the same kind of machine and
 * probed. Cached under a hash of everything that it depends on, with its own hash (kdat-file.h).
 */
#pragma once
#include <gio/gio.h>
#include "assets/assets.h"

struct lu_kdat_spec {
	const struct lu_machine *machine;
	const struct lu_assets *assets;
	const struct lu_kernel *kernel;
	const char *accel;
	int initrd;		     /* with CRIU and these features; borrowed */
	const char *agent_sha256;    /* of the agent in it */
	const char *const *features; /* NULL-terminated */
	GCancellable *cancellable;
	void (*note)(void *data, const char *text); /* may be NULL */
	void *note_data;
};

/* From the cache, else by a boot of some seconds. Call it on the main thread
 * (qemu/vm/process.h). What is damaged in the cache is noted, and made again. NULL with the error
 * of the boot. */
GBytes *lu_kdat_get(const struct lu_kdat_spec *spec, GError **error);
