/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration: one QEMU's machine moves to another QEMU, over a socket pair or through a file in
 * memory; neither has a name. QEMU takes no "file:" address before 8.2, but a descriptor of a file.
 */
#pragma once
#include <jansson.h>
#include "qemu/vm/vm.h"
#include "model/migration.h"

struct lu_migration;

/* Both are borrowed; `to` was started as incoming. */
struct lu_migration *lu_migration_new(struct lu_vm *from, struct lu_vm *to,
				      const struct lu_migration_config *config,
				      GCancellable *cancellable);
/* NULL is fine. */
void lu_migration_free(struct lu_migration *migration);
/*
 * Until the machine stands still and only the rest is left to be moved (file: until it is saved).
 * LU_ERROR_FAILED when QEMU says that it failed, or when either QEMU died.
 */
bool lu_migration_copy(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* Move the rest; returns when `to` runs and nothing is left behind. */
bool lu_migration_finish(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* Instead of finishing: the machine goes on where it was. Fine when it has failed already. */
bool lu_migration_cancel(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* What QEMU says of it (query-migrate of `from`); NULL when it does not answer. New reference. */
json_t *lu_migration_claims(struct lu_migration *migration, int64_t deadline_ns);
/* After finishing: from the old one's stop to the new one's start, by their own
 * time stamps; -1 unknown. */
int64_t lu_migration_downtime_ns(const struct lu_migration *migration);
