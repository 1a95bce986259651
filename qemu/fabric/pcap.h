/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture file that tcpdump and Wireshark read: pcap with nanoseconds, link type Ethernet
 * (draft-ietf-opsawg-pcap: magic 0xa1b23c4d).
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A file takes no more: a run under load makes some 100 MB a minute, and one left alone is not to
 * fill the disk. */
#define LU_PCAP_MOST INT64_C(2000000000) /* bytes */

struct lu_pcap;

/* Owns fd, and writes the header to it. NULL with LU_ERROR_FAILED when that fails (fd is closed
 * then, too). */
struct lu_pcap *lu_pcap_new(int fd, GError **error);
void lu_pcap_free(struct lu_pcap *pcap); /* NULL is fine */
/* realtime_ns: since 1970. False: not written, and nor will be what comes after it; the file ends
 * with a whole frame. That is because it is full (lu_pcap_bound()) or cannot be written. */
bool lu_pcap_write(struct lu_pcap *pcap, int64_t realtime_ns, const uint8_t *frame, size_t len);
/* Another bound than LU_PCAP_MOST, bytes with all headers. */
void lu_pcap_bound(struct lu_pcap *pcap, int64_t most);
