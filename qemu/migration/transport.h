/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way that a machine takes to another QEMU: a pair of sockets, a modelled link, a meeting place
 * for several channels, or a file in memory that is read later.
 */
#pragma once
#include "qemu/migration/rate-limiter.h"
#include "qemu/vm/vm.h"
#include "model/migration.h"

struct lu_migration_transport {
	struct lu_vm *from, *to;
	const struct lu_waiter *waiter;
	int file;    /* -1: none */
	int meeting; /* where to meet, without a name; -1: none */
	struct lu_rate_limiter *limiter;
	bool begun; /* the one that leaves was told to */
};

/* Nothing is open yet. waiter: ends a wait when either machine has died. */
struct lu_migration_transport lu_migration_transport(struct lu_vm *from, struct lu_vm *to,
						     const struct lu_waiter *waiter);
void lu_migration_transport_close(struct lu_migration_transport *transport);
/* The other one listens, this one begins to send. */
bool lu_migration_join(struct lu_migration_transport *transport,
		       const struct lu_migration_config *config, int64_t deadline_ns,
		       GError **error);
/* This one begins to write itself into a file. */
bool lu_migration_save(struct lu_migration_transport *transport, int64_t deadline_ns,
		       GError **error);
/* The other one begins to read that file from its beginning. Returns the descriptor that it reads,
 * to be closed when it has; -1: it could not begin. */
int lu_migration_load(struct lu_migration_transport *transport, int64_t deadline_ns,
		      GError **error);
