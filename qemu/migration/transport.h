/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transport of a migration: a pair of sockets, with or without a rate limiter, a listening socket
 * for several connections (multifd), or a memory file that is read later.
 */
#pragma once
#include "qemu/migration/rate-limiter.h"
#include "qemu/vm/vm.h"
#include "model/migration.h"

struct lu_migration_transport {
	struct lu_vm *from, *to;
	const struct lu_waiter *waiter;
	int file;     /* -1: none */
	int listener; /* listening socket without a name, for multifd; -1: none */
	struct lu_rate_limiter *limiter;
	bool begun; /* the source was told to begin */
};

/* Opens nothing yet. waiter: ends a wait when either QEMU has died. */
struct lu_migration_transport lu_migration_transport(struct lu_vm *from, struct lu_vm *to,
						     const struct lu_waiter *waiter);
void lu_migration_transport_close(struct lu_migration_transport *transport);
/* `to` listens, `from` begins to send. */
bool lu_migration_join(struct lu_migration_transport *transport,
		       const struct lu_migration_config *config, int64_t deadline_ns,
		       GError **error);
/* `from` begins to save itself to a file. */
bool lu_migration_save(struct lu_migration_transport *transport, int64_t deadline_ns,
		       GError **error);
/* `to` begins to load that file from its beginning. Returns the descriptor that it reads, which the
 * caller closes when it is done; -1: it could not begin. */
int lu_migration_load(struct lu_migration_transport *transport, int64_t deadline_ns,
		      GError **error);
