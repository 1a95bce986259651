/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU probes about a hundred features of a kernel before its first use there, and caches them in a
 * file (criu.kdat; criu/kerndat.c in CRIU). They depend only on the kernel's build and the machine,
 * so the next kernel's file can be made beforehand on the same machine and put into its initramfs.
 * It contains addresses in that kernel's vDSO, so it fits no other kernel.
 */
#pragma once
#include <stdbool.h>
#include "agent/child.h"

#define CRIU_ANSWERS "/run/criu.kdat"

/* Let CRIU use the criu.kdat in the initramfs, if there is one. */
void criu_probe_brought(void);
/* Let CRIU probe the kernel and cache the results; quick when they are cached. false: no CRIU,
 * ended is not called. */
bool criu_probe(child_fn ended, void *data);
