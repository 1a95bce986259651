/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a running machine moves to another one of the same guest (model/guest.h, standby_copy). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum lu_migration_mode {
	LU_MIGRATION_PRECOPY, /* memory first, while the machine runs */
	/* one pass over memory, then the machine runs there and fetches the rest */
	LU_MIGRATION_POSTCOPY,
	LU_MIGRATION_FILE, /* a machine that stands still is saved whole, then loaded */
};

struct lu_migration_config {
	enum lu_migration_mode mode;
	uint64_t bandwidth; /* bytes a second, at most, while the machine runs */
	uint64_t
		transport_rate; /* bytes a second that the transport carries at most; 0: no limit */
	unsigned channels;	/* streams beside the first, 0: that one carries all */
	unsigned max_rounds;	/* PRECOPY: passes over memory, 0: for ever; after them … */
	bool force;		/* … stand still whatever is left, else give up (FAILED) */
	int64_t downtime_limit_ns; /* the rest is moved once that is estimated to take no longer */
	bool xbzrle;		   /* send again as differences */
	bool auto_converge; /* slow the machine down when it dirties faster than can be sent */
	/* look for pages that were lost, while both stand still: FAILED if there is one */
	bool compare;
};
