/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service dirty reports of itself at one moment. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct beat {
	uint64_t requests, writes;
	uint64_t corrupt, stale; /* blocks that it found damaged, or older than their last write */
	int64_t active_ns;
};

/* "D ID REQUESTS RELEASE WRITES ACTIVE_NS CORRUPT STALE"; release is interned. */
bool dirty_beat_parse(const char *line, uint64_t *id, struct beat *beat, const char **release);
/* "A REQUESTS WRITES CORRUPT STALE HASH": of all memory. */
bool dirty_beat_parse_audit(const char *line, struct beat *beat, uint64_t *hash);
/* Whether `after` can follow `before` on one connection. */
bool dirty_beat_goes_on(const struct beat *before, const struct beat *after);
