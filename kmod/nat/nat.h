/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source NAT whose table of flows is a swappable version. A version finds and makes mappings; the
 * packets themselves (hooks, headers, checksums) are the router's. Addresses and ports are in
 * network order.
 */
#ifndef LU_NAT_H
#define LU_NAT_H

#include <linux/overflow.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/in.h>

#include "swap/swap.h"

#define NAT_COMPONENT "nat"

/* A flow, as the inside sees it. */
struct nat_key {
	__be32 inside, remote;
	__be16 inside_port, remote_port;
	u8 proto;
};

enum nat_direction { NAT_OUT, NAT_IN, NAT_DIRECTIONS };

/* What has been seen of a flow's end. */
#define NAT_FIN_OUT BIT(NAT_OUT)
#define NAT_FIN_IN  BIT(NAT_IN)
#define NAT_RESET   BIT(2)

/* A packet, as far as it concerns its flow's record. */
struct nat_note {
	unsigned int bytes;
	u8 ends; /* NAT_FIN_…, NAT_RESET */
	bool begins;
};

/* What a version offers, to be called with bottom halves off. */
struct nat_ops {
	/* The public port of that flow, made when there is none; 0: no room for it. */
	__be16 (*outbound)(void *state, const struct nat_key *key, const struct nat_note *note);
	/* Fills in the inside of the flow that has this public port; false: there is none. */
	bool (*inbound)(void *state, struct nat_key *key, __be16 port, const struct nat_note *note);
	unsigned long (*flows)(void *state);
};

/* The neutral form: all flows, each with what any version knows of it. */
struct nat_flow {
	struct nat_key key;
	__be16 port; /* public */
	u8 ends;
	u64 idle_ns;
	u64 packets[NAT_DIRECTIONS], bytes[NAT_DIRECTIONS]; /* 0 of a version that does not count */
};

struct nat_form {
	unsigned long capacity, count;
	struct nat_flow flows[];
};

/* NULL: no memory. To kvfree. */
static inline struct nat_form *nat_form_new(unsigned long capacity, unsigned long flows)
{
	struct nat_form *form =
		kvzalloc(sizeof(*form) + array_size(flows, sizeof(*form->flows)), GFP_KERNEL);

	if (form)
		form->capacity = capacity;
	return form;
}

static inline bool nat_ended(u8 ends)
{
	return ends & NAT_RESET ||
	       (ends & (NAT_FIN_OUT | NAT_FIN_IN)) == (NAT_FIN_OUT | NAT_FIN_IN);
}

/* How long a flow may be idle before its record goes. */
static inline u64 nat_lifetime_ns(u8 proto, u8 ends)
{
	if (nat_ended(ends))
		return 10ULL * NSEC_PER_SEC;
	return (proto == IPPROTO_TCP ? 3600ULL : 180ULL) * NSEC_PER_SEC;
}

/* Its ends after this packet: a new connection between the same ports begins anew. */
static inline u8 nat_ends(u8 ends, const struct nat_note *note)
{
	return (note->begins ? 0 : ends) | note->ends;
}

#endif
