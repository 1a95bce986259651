/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records on a device. A record's contents say which record of which device it is and how often it
 * was written, so that a read tells whether it is what was last written there.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct record_device {
	unsigned index; /* a part of what its records hold */
	int fd;
	long bytes; /* of a record */
	uint64_t records;
	uint32_t *writes; /* by record: how often it was written */
};

/* For one caller at a time: what is written or has been read, and what was due. */
struct record_buffers {
	char *buffer, *expected;
};

/* What was found out, by whichever caller. */
struct record_findings {
	atomic_ullong errors; /* reads and writes that failed */
	atomic_ullong stale;  /* records as they were earlier, whole */
	atomic_ullong wrong;  /* with any other contents */
};
extern struct record_findings record_findings;

/* Aligned for a device that is open with O_DIRECT. false: no memory. */
bool record_buffers_make(struct record_buffers *own, long bytes);
/* Its next contents. Nobody else reads or writes this record meanwhile. */
void record_write(struct record_device *device, uint64_t record, struct record_buffers *own);
/* The record, compared with what was last written there; one never written is all zero. */
void record_read(const struct record_device *device, uint64_t record, struct record_buffers *own);
/* One byte of what was last written there becomes another, and nobody has asked for that. */
void record_damage(const struct record_device *device, uint64_t record, struct record_buffers *own);
