/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boots a release to save it: ends with the machine
 * stopped and its memory in a file that we can read. */
#pragma once
#include <jansson.h>
#include "qemu/boot/boot-files.h"

struct lu_capture {
	int memory, devices; /* memory files: RAM, and QEMU's migration stream of everything else */
	json_t *field;	     /* listing of the disk "field" as it is cached */
	json_t *filled;	     /* the agent's report on memory */
	char *qemu_version;
};

/* False with error: nothing to clear. */
bool lu_capture_make(struct lu_capture *capture, struct lu_boot_files *files, const char *accel,
		     GCancellable *cancellable, GError **error);
void lu_capture_clear(struct lu_capture *capture);
