/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets the capabilities and parameters of a migration in both QEMUs before it begins. */
#pragma once
#include "qemu/vm/vm.h"
#include "model/migration.h"

bool lu_migration_set_up(struct lu_vm *from, struct lu_vm *to,
			 const struct lu_migration_config *config, const struct lu_waiter *waiter,
			 int64_t deadline_ns, GError **error);
