/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service of this folder can hold: something that is hard to carry over. One a file, which
 * is found by being linked. */
#pragma once

struct resource {
	const char *name; /* for --with */
	/* Before the service listens: NULL, or why it cannot be had. */
	const char *(*take)(void);
	/* NULL, or what is not as it was. */
	const char *(*check)(void);
	/* Optional. Called between requests, often; returns how long it can wait, ns. */
	long long (*work)(void);
	struct resource *next;
};

void resource_add(struct resource *resource);

#define RESOURCE(of)                                                                               \
	__attribute__((constructor)) static void register_it(void)                                 \
	{                                                                                          \
		resource_add(&(of));                                                               \
	}
