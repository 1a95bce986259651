/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU writes of a service's memory: every anonymous page of each process, those that they
 * still share after a fork as often as there are processes (criu(8) deduplicates on restore only),
 * shared memory once, and files that have no name.
 */
#pragma once
#include "agent/preflight/rules.h"

struct memory {
	uint64_t private_bytes;
	struct memory_shared {
		uint64_t inode, bytes;
	} * shared;
	size_t shared_n;
};

void memory_mapping(struct memory *memory, const struct preflight_mapping *mapping);
void memory_file(struct memory *memory, const struct preflight_file *file);
uint64_t memory_bytes(const struct memory *memory);
void memory_clear(struct memory *memory);
