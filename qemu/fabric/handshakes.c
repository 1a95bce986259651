/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/fabric/handshakes.h"
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include "host/io.h"
#include "qemu/fabric/fabric.h"

enum {
	ETHERNET = 14,
	IPV4 = 0x0800,
	/* tcp_syn_retries of Linux */
	RETRIES = 6,
};

struct entry {
	uint32_t sequence; /* of its SYN, network byte order */
	struct lu_handshake seen;
	GByteArray *syn;  /* NULL: answered */
	int64_t again_ns; /* INT64_MAX: not any more */
	int64_t rto_ns;
	unsigned retries;
};

struct lu_handshakes {
	GMutex lock;
	GHashTable *by_port; /* of struct entry */
};

static void entry_free(gpointer data)
{
	struct entry *entry = data;

	g_clear_pointer(&entry->syn, g_byte_array_unref);
	g_free(entry);
}

struct lu_handshakes *lu_handshakes_new(void)
{
	struct lu_handshakes *all = g_new0(struct lu_handshakes, 1);

	g_mutex_init(&all->lock);
	all->by_port = g_hash_table_new_full(NULL, NULL, NULL, entry_free);
	return all;
}

void lu_handshakes_free(struct lu_handshakes *all)
{
	if (!all)
		return;
	g_hash_table_unref(all->by_port);
	g_mutex_clear(&all->lock);
	g_free(all);
}

/* The TCP header of a frame of IPv4; false: it has none. */
static bool parse(const uint8_t *frame, size_t len, struct tcphdr *tcp)
{
	struct iphdr ip;
	size_t at;

	if (len < ETHERNET + sizeof(ip) || (frame[12] << 8 | frame[13]) != IPV4)
		return false;
	memcpy(&ip, frame + ETHERNET, sizeof(ip));
	at = ETHERNET + ip.ihl * 4U;
	if (ip.protocol != IPPROTO_TCP || len < at + sizeof(*tcp))
		return false;
	memcpy(tcp, frame + at, sizeof(*tcp));
	return true;
}

static struct entry *find(const struct lu_handshakes *all, uint16_t port)
{
	return g_hash_table_lookup(all->by_port, GUINT_TO_POINTER(port));
}

static void add(struct lu_handshakes *all, int64_t now_ns, const struct tcphdr *tcp,
		const uint8_t *frame, size_t len)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->sequence = tcp->seq;
	entry->seen.accepted_ns = -1;
	entry->rto_ns = LU_NS_PER_S;
	entry->again_ns = now_ns + entry->rto_ns;
	entry->syn = g_byte_array_sized_new((guint)len);
	g_byte_array_append(entry->syn, frame, (guint)len);
	g_hash_table_replace(all->by_port, GUINT_TO_POINTER(ntohs(tcp->source)), entry);
}

bool lu_handshakes_sent(struct lu_handshakes *all, int64_t now_ns, const uint8_t *frame, size_t len)
{
	const struct entry *entry;
	struct tcphdr tcp;
	bool first;

	if (!parse(frame, len, &tcp) || !tcp.syn || tcp.ack)
		return true;
	g_mutex_lock(&all->lock);
	entry = find(all, ntohs(tcp.source));
	first = !entry || entry->sequence != tcp.seq;
	if (first)
		add(all, now_ns, &tcp, frame, len);
	g_mutex_unlock(&all->lock);
	return first;
}

/* A reset that comes later ends a connection that there was. */
static void answered(struct entry *entry, int64_t now_ns, const struct tcphdr *tcp)
{
	if (entry->seen.accepted_ns >= 0 || (!tcp->rst && !(tcp->syn && tcp->ack)))
		return;
	entry->seen.refused = tcp->rst;
	if (!tcp->rst)
		entry->seen.accepted_ns = now_ns;
	g_clear_pointer(&entry->syn, g_byte_array_unref);
	entry->again_ns = INT64_MAX;
}

void lu_handshakes_came(struct lu_handshakes *all, int64_t now_ns, const uint8_t *frame, size_t len)
{
	struct entry *entry;
	struct tcphdr tcp;

	if (!parse(frame, len, &tcp) || (!tcp.syn && !tcp.rst))
		return;
	g_mutex_lock(&all->lock);
	entry = find(all, ntohs(tcp.dest));
	if (entry)
		answered(entry, now_ns, &tcp);
	g_mutex_unlock(&all->lock);
}

void lu_handshakes_moved(struct lu_handshakes *all, const uint8_t mac[LU_MAC_BYTES])
{
	GHashTableIter each;
	gpointer value;

	g_mutex_lock(&all->lock);
	g_hash_table_iter_init(&each, all->by_port);
	while (g_hash_table_iter_next(&each, NULL, &value)) {
		struct entry *entry = value;

		if (entry->syn)
			memcpy(entry->syn->data, mac, LU_MAC_BYTES);
	}
	g_mutex_unlock(&all->lock);
}

/* The one that is due first, NULL: none will be. */
static struct entry *earliest(const struct lu_handshakes *all)
{
	struct entry *first = NULL;
	GHashTableIter each;
	gpointer value;

	g_hash_table_iter_init(&each, all->by_port);
	while (g_hash_table_iter_next(&each, NULL, &value)) {
		struct entry *entry = value;

		if (entry->again_ns < INT64_MAX && (!first || entry->again_ns < first->again_ns))
			first = entry;
	}
	return first;
}

int64_t lu_handshakes_next_ns(struct lu_handshakes *all)
{
	const struct entry *entry;
	int64_t next_ns;

	g_mutex_lock(&all->lock);
	entry = earliest(all);
	next_ns = entry ? entry->again_ns : INT64_MAX;
	g_mutex_unlock(&all->lock);
	return next_ns;
}

static GBytes *repeat(struct entry *entry)
{
	entry->rto_ns *= 2;
	entry->again_ns = ++entry->retries < RETRIES ? entry->again_ns + entry->rto_ns : INT64_MAX;
	return g_bytes_new(entry->syn->data, entry->syn->len);
}

GBytes *lu_handshakes_again(struct lu_handshakes *all, int64_t now_ns)
{
	struct entry *entry;
	GBytes *frame;

	g_mutex_lock(&all->lock);
	entry = earliest(all);
	frame = entry && entry->again_ns <= now_ns ? repeat(entry) : NULL;
	g_mutex_unlock(&all->lock);
	return frame;
}

void lu_handshakes_find(struct lu_handshakes *all, uint16_t port, struct lu_handshake *seen)
{
	const struct entry *entry;

	g_mutex_lock(&all->lock);
	entry = find(all, port);
	*seen = entry ? entry->seen : (struct lu_handshake){.accepted_ns = -1};
	g_mutex_unlock(&all->lock);
}

void lu_handshakes_forget(struct lu_handshakes *all, uint16_t port)
{
	g_mutex_lock(&all->lock);
	g_hash_table_remove(all->by_port, GUINT_TO_POINTER(port));
	g_mutex_unlock(&all->lock);
}
