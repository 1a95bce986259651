/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what a sweep's record holds was run as this program on this host would go on. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "bench/exec/kit/sweep-record.h"

/* What only a guest shows (QEMU, its packages) is not known beforehand. Results that cannot be read
 * say nothing here. LU_ERROR_USAGE names what differs: processor, cores, kernel or revision. */
bool lu_sweep_is_alike(const struct lu_sweep_record *record, GError **error);
