/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Booting a release to be saved: until all is still in memory that others can read. */
#pragma once
#include <jansson.h>
#include "qemu/boot/boot-files.h"

struct lu_capture {
	int memory, devices; /* memory files: RAM as it lies there, QEMU's stream of all else */
	json_t *field;	     /* the disk "field" as it is remembered */
	json_t *filled;	     /* what the agent says of memory */
	char *qemu_version;
};

/* False: nothing to clear. */
bool lu_capture_make(struct lu_capture *capture, struct lu_boot_files *files, const char *accel,
		     GCancellable *cancellable, GError **error);
void lu_capture_clear(struct lu_capture *capture);
