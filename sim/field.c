/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One file of the disk shows whether it has been changed. */
#include "sim/field.h"

json_t *sim_field_list(const struct sim *sim, bool expected)
{
	bool changed = sim->field.changed && !expected;

	return json_pack("{s:s, s:i, s:i, s:{s:{s:i, s:i, s:s}}}", "uuid", "simulated",
			 "free_blocks", changed ? 90 : 100, "free_inodes", 50, "files", "/file-05",
			 "inode", 17, "bytes", 4096, "hash", changed ? "rewritten" : "as-shipped");
}
