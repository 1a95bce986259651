/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of QEMU that look like a crash of the guest's kernel. */
#pragma once
#include <stdbool.h>

/*
 * What is known of a guest's crash, and what avoids it; static text, NULL when nothing is known.
 * version: QEMU's, as it tells it ("7.2.22 …"), or NULL; threads: each vCPU is emulated by a thread
 * of its own; console: what the guest printed, of any length.
 *
 * Known is: QEMU before 8.1 translates code before it locks the code's page, so that a vCPU can
 * keep a translation of the breakpoint with which the kernel patches its code (text_poke_bp():
 * static keys, tracepoints) when the breakpoint is gone, and nobody owns the trap. Found by L. Wei
 * and R. W. M. Jones, mended by QEMU's commit deba78709ae8 ("accel/tcg: Always lock pages before
 * translation", July 2023).
 */
const char *lu_vm_known_fault(const char *version, bool threads, const char *console);
