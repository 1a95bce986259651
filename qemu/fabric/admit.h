/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libslirp is given of what guests send. It runs in this process and was not written for
 * hostile guests: its reassembly of IP fragments follows pointers that are read from the frame
 * (libslirp 4.7, ip_reass()). So it sees what the clients' side lives on, whole and consistent, and
 * nothing else: ARP for IPv4, and TCP in unfragmented IPv4. A pure function.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "qemu/fabric/fabric.h"

/*
 * May it have this frame? LU_DROP_REASONS: yes. Else why not: LU_DROPPED_FRAGMENT (of an IP
 * datagram), LU_DROPPED_PROTOCOL (not one of those two, or TCP's urgent data), LU_DROPPED_MALFORMED
 * (headers that contradict each other or the frame's length). Checksums are libslirp's business.
 */
enum lu_fabric_drop lu_admit(const uint8_t *frame, size_t len);
