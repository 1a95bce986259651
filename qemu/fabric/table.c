/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet addresses and the ports they are behind. */
#include <string.h>
#include "qemu/fabric/table.h"

struct entry {
	uint64_t mac; /* the key */
	int port;
	int64_t seen_ns;
};

struct lu_mac_table {
	GHashTable *entries; /* by mac */
};

static uint64_t mac_key(const uint8_t mac[LU_MAC_BYTES])
{
	uint64_t key = 0;

	memcpy(&key, mac, LU_MAC_BYTES);
	return key;
}

static bool is_group(const uint8_t mac[LU_MAC_BYTES])
{
	return mac[0] & 1;
}

struct lu_mac_table *lu_mac_table_new(void)
{
	struct lu_mac_table *table = g_new0(struct lu_mac_table, 1);

	table->entries = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	return table;
}

void lu_mac_table_free(struct lu_mac_table *table)
{
	if (!table)
		return;
	g_hash_table_unref(table->entries);
	g_free(table);
}

static bool is_old(const struct entry *entry, int64_t now_ns)
{
	return now_ns - entry->seen_ns > LU_FABRIC_FORGET_NS;
}

static gboolean drop_old(gpointer key, gpointer entry, gpointer now_ns)
{
	return is_old(entry, *(int64_t *)now_ns);
}

static bool has_room(struct lu_mac_table *table, int64_t now_ns)
{
	if (g_hash_table_size(table->entries) >= LU_FABRIC_ADDRESSES)
		g_hash_table_foreach_remove(table->entries, drop_old, &now_ns);
	return g_hash_table_size(table->entries) < LU_FABRIC_ADDRESSES;
}

bool lu_mac_table_learn(struct lu_mac_table *table, const uint8_t mac[LU_MAC_BYTES], int port,
			int64_t now_ns)
{
	uint64_t key = mac_key(mac);
	struct entry *entry;
	bool moved;

	if (is_group(mac))
		return false;
	entry = g_hash_table_lookup(table->entries, &key);
	if (!entry) {
		if (!has_room(table, now_ns))
			return false;
		entry = g_new(struct entry, 1);
		*entry = (struct entry){.mac = key, .port = port};
		g_hash_table_insert(table->entries, &entry->mac, entry);
	}
	moved = entry->port != port;
	entry->port = port;
	entry->seen_ns = now_ns;
	return moved;
}

int lu_mac_table_find(const struct lu_mac_table *table, const uint8_t mac[LU_MAC_BYTES],
		      int64_t now_ns)
{
	uint64_t key = mac_key(mac);
	const struct entry *entry;

	if (is_group(mac))
		return -1;
	entry = g_hash_table_lookup(table->entries, &key);
	return entry && !is_old(entry, now_ns) ? entry->port : -1;
}

static gboolean is_behind(gpointer key, gpointer entry, gpointer port)
{
	return ((struct entry *)entry)->port == GPOINTER_TO_INT(port);
}

void lu_mac_table_forget(struct lu_mac_table *table, int port)
{
	g_hash_table_foreach_remove(table->entries, is_behind, GINT_TO_POINTER(port));
}
