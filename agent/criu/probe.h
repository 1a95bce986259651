/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU finds out about a kernel before its first work there: a hundred questions, the answers
 * kept in a file (criu/kerndat.c). They depend on the kernel's build and the machine alone, so
 * those of the next kernel can be brought along, made on the same machine beforehand; the file
 * holds addresses in that kernel's vDSO, so it is good for no other.
 */
#pragma once
#include <stdbool.h>
#include "agent/child.h"

#define CRIU_ANSWERS "/run/criu.kdat"

/* Let CRIU use the answers that the initramfs brought, if any. */
void criu_probe_brought(void);
/* Let CRIU ask the kernel and keep the answers; quick when it has them. false: no CRIU, ended is
 * not called. */
bool criu_probe(child_fn ended, void *data);
