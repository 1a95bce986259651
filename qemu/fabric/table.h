/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which port an Ethernet address is behind: learned, moved, aged, bounded. A
 * pure data structure. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define LU_MAC_BYTES	    6
#define LU_FABRIC_ADDRESSES 1024
#define LU_FABRIC_FORGET_NS (300 * 1000000000ll) /* as IEEE 802.1D recommends */

struct lu_mac_table;

struct lu_mac_table *lu_mac_table_new(void);
void lu_mac_table_free(struct lu_mac_table *table);
/*
 * This address was just seen on that port. Group addresses are ignored, and so is a new address
 * when the table is full of more recent ones. Returns true when it was known on another port.
 */
bool lu_mac_table_learn(struct lu_mac_table *table, const uint8_t mac[LU_MAC_BYTES], int port,
			int64_t now_ns);
/* Its port, or -1: unknown, aged out, or a group address. */
int lu_mac_table_find(const struct lu_mac_table *table, const uint8_t mac[LU_MAC_BYTES],
		      int64_t now_ns);
/* Forget all addresses behind that port. */
void lu_mac_table_forget(struct lu_mac_table *table, int port);
