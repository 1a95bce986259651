/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet headers and the ARP announcement. */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <string.h>
#include "qemu/fabric/frame.h"

const uint8_t *lu_frame_destination(const uint8_t *frame)
{
	return frame;
}

const uint8_t *lu_frame_source(const uint8_t *frame)
{
	return frame + LU_MAC_BYTES;
}

static void fill_header(struct ether_header *header, const uint8_t *mac)
{
	memset(header->ether_dhost, 0xff, LU_MAC_BYTES);
	memcpy(header->ether_shost, mac, LU_MAC_BYTES);
	header->ether_type = htons(ETHERTYPE_ARP);
}

void lu_frame_announce(uint8_t frame[LU_ARP_FRAME], const uint8_t mac[LU_MAC_BYTES], uint32_t ip)
{
	struct ether_header header;
	struct ether_arp arp = {
		.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), LU_MAC_BYTES, sizeof(ip),
			   htons(ARPOP_REQUEST)},
	};
	uint32_t wire_ip = htonl(ip);

	fill_header(&header, mac);
	memcpy(arp.arp_sha, mac, LU_MAC_BYTES);
	memcpy(arp.arp_spa, &wire_ip, sizeof(wire_ip));
	memcpy(arp.arp_tpa, &wire_ip, sizeof(wire_ip));
	memcpy(frame, &header, sizeof(header));
	memcpy(frame + sizeof(header), &arp, sizeof(arp));
}
