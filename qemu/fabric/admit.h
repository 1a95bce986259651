/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters the frames of guests that libslirp gets. libslirp runs in this process and was not
 * written for hostile guests: its reassembly of IP fragments follows pointers that are read from
 * the frame (libslirp 4.7, ip_reass()). So it gets only what the clients' side needs, complete and
 * consistent: ARP for IPv4, and TCP in unfragmented IPv4. A pure function.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "qemu/fabric/fabric.h"

/*
 * May libslirp get this frame? LU_DROP_REASONS: yes. Else why not: LU_DROPPED_FRAGMENT (of an IP
 * datagram), LU_DROPPED_PROTOCOL (not one of those two, or TCP's urgent data), LU_DROPPED_MALFORMED
 * (headers that contradict each other or the frame's length). Checksums are left to libslirp.
 */
enum lu_fabric_drop lu_admit(const uint8_t *frame, size_t len);
