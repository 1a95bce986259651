/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A migration of one QEMU's machine to another QEMU, over a socket
 * pair or through a memory file; neither has a name. QEMU accepts no
 * "file:" address before 8.2, but it does accept a file's descriptor.
 */
#pragma once
#include <jansson.h>
#include "qemu/vm/vm.h"
#include "model/migration.h"

struct lu_migration;

/* Both are borrowed; `to` was started as incoming. step, with data, is told when another step of the
 * copy begins, "pre-copy round 2", at that time or as soon as QEMU has said so. */
struct lu_migration *lu_migration_new(struct lu_vm *from, struct lu_vm *to,
				      const struct lu_migration_config *config,
				      GCancellable *cancellable,
				      void (*step)(void *data, const char *name), void *data);
/* NULL is fine. */
void lu_migration_free(struct lu_migration *migration);
/*
 * Copies until the machine is stopped and only the last pass is left (file: until all is saved).
 * LU_ERROR_FAILED when QEMU says that it failed, or when either QEMU died.
 */
bool lu_migration_copy(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* Copy the rest; returns when `to` runs and nothing is left at the source. */
bool lu_migration_finish(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* Instead of finishing: the machine continues at the source. Also after a failure. */
bool lu_migration_cancel(struct lu_migration *migration, int64_t deadline_ns, GError **error);
/* QEMU's own figures (query-migrate of `from`); NULL when it does not answer. New reference. */
json_t *lu_migration_claims(struct lu_migration *migration, int64_t deadline_ns);
/* After finishing: from the source's stop to the
 * destination's start, by QEMU's time stamps; -1 unknown. */
int64_t lu_migration_downtime_ns(const struct lu_migration *migration);
/* The downtime limit in the end, -1: it was not to be raised; and how long after the beginning of
 * the copy post-copy took over, -1: never. */
int64_t lu_migration_limit_ns(const struct lu_migration *migration);
int64_t lu_migration_postcopy_ns(const struct lu_migration *migration);
