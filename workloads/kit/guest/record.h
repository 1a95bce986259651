/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records on a device. A record's contents say which record of which device it is and how often it
 * was written, so that a read shows whether it returns what was last written.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct record_device {
	unsigned index; /* part of its records' contents */
	int fd;
	long bytes; /* of a record */
	uint64_t records;
	uint32_t *writes; /* by record: how often it was written */
};

/* For one caller at a time: the contents written or read, and the contents expected. */
struct record_buffers {
	char *buffer, *expected;
};

/* Findings of all callers. */
struct record_findings {
	atomic_ullong errors; /* reads and writes that failed */
	atomic_ullong stale;  /* complete records with earlier contents */
	atomic_ullong wrong;  /* records with any other contents */
};
extern struct record_findings record_findings;

/* Aligned for a device that is open with O_DIRECT. false: no memory. */
bool record_buffers_make(struct record_buffers *own, long bytes);
/* Write the record's next contents. No other thread may read or write it meanwhile. */
void record_write(struct record_device *device, uint64_t record, struct record_buffers *own);
/* Read the record and compare it with what was last written; one never written is all zero. */
void record_read(const struct record_device *device, uint64_t record, struct record_buffers *own);
/* Corrupt one byte of what was last written, behind the service's back. */
void record_damage(const struct record_device *device, uint64_t record, struct record_buffers *own);
