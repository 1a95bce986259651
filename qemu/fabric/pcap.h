/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture file that tcpdump and Wireshark read: pcap with nanoseconds, link type Ethernet
 * (draft-ietf-opsawg-pcap: magic 0xa1b23c4d).
 */
#pragma once
#include <glib.h>
#include <stdint.h>

struct lu_pcap;

/* Owns fd, and writes the header to it. NULL with LU_ERROR_FAILED when that fails (fd is closed
 * then, too). */
struct lu_pcap *lu_pcap_new(int fd, GError **error);
void lu_pcap_free(struct lu_pcap *pcap); /* NULL is fine */
/* realtime_ns: since 1970. A frame that cannot be written ends the capture. */
void lu_pcap_write(struct lu_pcap *pcap, int64_t realtime_ns, const uint8_t *frame, size_t len);
