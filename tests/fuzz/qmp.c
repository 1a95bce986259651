/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: whatever a peer sends as QMP, cut anywhere, the client neither crashes nor sees
 * another number of events. */
#include <stdint.h>
#include <stdlib.h>
#include "qemu/vm/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *data, const char *name, json_t *details, int64_t t_ns)
{
	unsigned *events = data;

	if (!name || t_ns < -1)
		abort();
	++*events;
}

static unsigned events_in(const uint8_t *data, size_t size, size_t chunk)
{
	unsigned events = 0;
	struct lu_qmp *qmp = lu_qmp_new(NULL, -1, count, &events);

	for (size_t at = 0; at < size; at += chunk)
		lu_qmp_feed(qmp, (const char *)data + at, MIN(chunk, size - at));
	lu_qmp_free(qmp);
	return events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (events_in(data, size, MAX(size, 1)) != events_in(data, size, 7))
		abort();
	return 0;
}
