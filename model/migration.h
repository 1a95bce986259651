/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a running machine is migrated to another one of the same guest (model/guest.h,
 * standby_copy). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "record/precopy.h"

enum lu_migration_mode {
	LU_MIGRATION_PRECOPY, /* memory first, while the machine runs */
	/* one pass over memory, then the machine runs at the destination and fetches the rest */
	LU_MIGRATION_POSTCOPY,
	LU_MIGRATION_FILE, /* a paused machine is saved as a whole, then loaded */
};

struct lu_migration_config {
	enum lu_migration_mode mode;
	uint64_t bandwidth;	   /* bytes per second, at most, while the machine runs */
	uint64_t transport_rate;   /* bytes per second of the transport itself; 0: not limited */
	unsigned channels;	   /* streams besides the main one, 0: that one carries all */
	unsigned max_rounds;	   /* PRECOPY: passes over memory, 0: unlimited; after them … */
	bool force;		   /* … pause and send whatever is left, else give up (FAILED) */
	int64_t downtime_limit_ns; /* the rest is sent once that is estimated to take no longer */
	struct lu_precopy_ramp ramp; /* PRECOPY: of that limit */
	/* PRECOPY: so long after it has begun, the machine runs at the destination and fetches the
	 * rest, as with POSTCOPY, unless it has ended before; 0: never */
	int64_t postcopy_after_ns;
	bool xbzrle; /* send repeated pages as differences */
	/* throttle the machine when it dirties memory faster than it can be sent */
	bool auto_converge;
	/* compare all pages while both machines are paused: FAILED if one differs */
	bool compare;
};
