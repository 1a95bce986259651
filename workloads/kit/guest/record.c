/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A head of two words, and the rest derived from it by workloads/kit/guest/pattern.h. */
#include "workloads/kit/guest/record.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "workloads/kit/guest/pattern.h"

struct record_findings record_findings;

struct head {
	uint64_t which, writes;
};

static void fill(const struct record_device *device, uint64_t record, uint64_t writes, char *at)
{
	const struct head head = {(uint64_t)device->index << 56 | record, writes};

	if (!writes) {
		memset(at, 0, device->bytes);
		return;
	}
	memcpy(at, &head, sizeof(head));
	pattern_fill(at + sizeof(head), device->bytes - sizeof(head),
		     (uint64_t)device->index << 56 ^ record << 32 ^ writes);
}

bool record_buffers_make(struct record_buffers *own, long bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return !posix_memalign((void **)&own->buffer, page, bytes) &&
	       !posix_memalign((void **)&own->expected, page, bytes);
}

void record_write(struct record_device *device, uint64_t record, struct record_buffers *own)
{
	off_t at = (off_t)(record * device->bytes);

	fill(device, record, device->writes[record] + 1, own->buffer);
	if (pwrite(device->fd, own->buffer, device->bytes, at) == device->bytes)
		device->writes[record]++;
	else
		record_findings.errors++;
}

/* A mismatch: an earlier version of the same record, complete, or something else. */
static void classify(const struct record_device *device, uint64_t record,
		     struct record_buffers *own)
{
	struct head found;

	memcpy(&found, own->buffer, sizeof(found));
	if (found.writes < device->writes[record]) {
		fill(device, record, found.writes, own->expected);
		if (!memcmp(own->buffer, own->expected, device->bytes)) {
			record_findings.stale++;
			return;
		}
	}
	record_findings.wrong++;
}

void record_read(const struct record_device *device, uint64_t record, struct record_buffers *own)
{
	off_t at = (off_t)(record * device->bytes);

	if (pread(device->fd, own->buffer, device->bytes, at) != device->bytes) {
		record_findings.errors++;
		return;
	}
	fill(device, record, device->writes[record], own->expected);
	if (memcmp(own->buffer, own->expected, device->bytes))
		classify(device, record, own);
}

void record_damage(const struct record_device *device, uint64_t record, struct record_buffers *own)
{
	off_t at = (off_t)(record * device->bytes);

	fill(device, record, device->writes[record], own->buffer);
	own->buffer[device->bytes - 1] ^= 1;
	if (pwrite(device->fd, own->buffer, device->bytes, at) != device->bytes)
		record_findings.errors++;
}
