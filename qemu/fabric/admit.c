/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Filters the frames of guests that libslirp gets. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include "qemu/fabric/admit.h"

enum { WORD = 4 }; /* unit of header lengths in IP and TCP */

static enum lu_fabric_drop admit_arp(const uint8_t *packet, size_t len)
{
	struct ether_arp arp;
	uint16_t operation;

	if (len < sizeof(arp))
		return LU_DROPPED_MALFORMED;
	memcpy(&arp, packet, sizeof(arp));
	operation = ntohs(arp.ea_hdr.ar_op);
	if (ntohs(arp.ea_hdr.ar_hrd) != ARPHRD_ETHER || ntohs(arp.ea_hdr.ar_pro) != ETHERTYPE_IP ||
	    (operation != ARPOP_REQUEST && operation != ARPOP_REPLY))
		return LU_DROPPED_PROTOCOL;
	if (arp.ea_hdr.ar_hln != ETH_ALEN || arp.ea_hdr.ar_pln != sizeof(arp.arp_spa))
		return LU_DROPPED_MALFORMED;
	return LU_DROP_REASONS;
}

/* Each option but the two of one byte has a length, which includes itself. */
static bool options_end_within(const uint8_t *options, size_t len)
{
	size_t at = 0;

	while (at < len && options[at] != TCPOPT_EOL) {
		if (options[at] == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (at + 1 == len || options[at + 1] < 2)
			return false;
		at += options[at + 1];
	}
	return at <= len;
}

static enum lu_fabric_drop admit_tcp(const uint8_t *segment, size_t len)
{
	struct tcphdr tcp;
	size_t header;

	if (len < sizeof(tcp))
		return LU_DROPPED_MALFORMED;
	memcpy(&tcp, segment, sizeof(tcp));
	header = (size_t)tcp.doff * WORD;
	if (header < sizeof(tcp) || header > len ||
	    !options_end_within(segment + sizeof(tcp), header - sizeof(tcp)))
		return LU_DROPPED_MALFORMED;
	return tcp.urg ? LU_DROPPED_PROTOCOL : LU_DROP_REASONS;
}

/* A frame may be longer than its datagram: short ones are padded. */
static enum lu_fabric_drop admit_ip(const uint8_t *packet, size_t len)
{
	struct iphdr ip;
	size_t header, total;

	if (len < sizeof(ip))
		return LU_DROPPED_MALFORMED;
	memcpy(&ip, packet, sizeof(ip));
	header = (size_t)ip.ihl * WORD;
	total = ntohs(ip.tot_len);
	if (ip.version != IPVERSION || header < sizeof(ip) || header > total || total > len)
		return LU_DROPPED_MALFORMED;
	if (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK))
		return LU_DROPPED_FRAGMENT;
	if (ip.protocol != IPPROTO_TCP)
		return LU_DROPPED_PROTOCOL;
	return admit_tcp(packet + header, total - header);
}

enum lu_fabric_drop lu_admit(const uint8_t *frame, size_t len)
{
	struct ether_header header;

	if (len < sizeof(header))
		return LU_DROPPED_MALFORMED;
	memcpy(&header, frame, sizeof(header));
	switch (ntohs(header.ether_type)) {
	case ETHERTYPE_ARP:
		return admit_arp(frame + sizeof(header), len - sizeof(header));
	case ETHERTYPE_IP:
		return admit_ip(frame + sizeof(header), len - sizeof(header));
	default:
		return LU_DROPPED_PROTOCOL;
	}
}
