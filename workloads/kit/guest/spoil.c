/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/guest/spoil.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "workloads/kit/guest/instance.h"

enum { WAITS, READY, DONE };

static atomic_int state = WAITS;

void spoil_watch(unsigned instance, const char *version)
{
	static char first[2][INSTANCE_VERSION];
	int waits = WAITS;

	if (!*first[instance])
		snprintf(first[instance], sizeof(first[instance]), "%s", version);
	else if (strcmp(first[instance], version))
		atomic_compare_exchange_strong(&state, &waits, READY);
}

bool spoil_strikes(void)
{
	int ready = READY;

	return atomic_compare_exchange_strong(&state, &ready, DONE);
}
