/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service blockio says of itself, and the service as the simulated guest runs it
 * (docs/hotswap.md). */
#pragma once
#include "iface/workload.h"

enum { LU_BLOCK_DISKS = LU_COMPONENT_INSTANCES };

struct lu_block_word {
	uint64_t requests, ops;
	uint64_t errors, stale, wrong; /* operations that failed, read older contents, or others */
	uint64_t slow_ns;	       /* the longest operation */
	const char *version[LU_BLOCK_DISKS]; /* interned */
};

/* "B ID RELEASE REQUESTS OPS ERRORS STALE WRONG SLOW_NS VERSION VERSION"; release is interned. */
bool lu_block_parse_reply(const char *line, uint64_t *id, const char **release,
			  struct lu_block_word *word);
/* "A REQUESTS OPS …" */
bool lu_block_parse_audit(const char *line, struct lu_block_word *word);

/* Damage: "lose-write" (a block is as it was earlier), "corrupt" (it has other contents),
 * "reset-counter" (the service starts over). */
extern const struct lu_service_model lu_block_service_model;
