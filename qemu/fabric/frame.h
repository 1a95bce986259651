/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few Ethernet frames that the fabric itself reads or makes. */
#pragma once
#include <stdint.h>
#include "qemu/fabric/table.h"

#define LU_ARP_FRAME 42 /* bytes, without padding */

/*
 * "ip is at mac", broadcast: an ARP announcement (RFC 5227, section 3: a request in which sender
 * and target are both ip). ip in host byte order.
 */
void lu_frame_announce(uint8_t frame[LU_ARP_FRAME], const uint8_t mac[LU_MAC_BYTES], uint32_t ip);
/* Addresses of a frame that is at least a header long; they point into it. */
const uint8_t *lu_frame_destination(const uint8_t *frame);
const uint8_t *lu_frame_source(const uint8_t *frame);
