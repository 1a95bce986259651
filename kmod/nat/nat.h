/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source NAT whose flow table is a swappable version. A version finds and creates mappings;
 * packets themselves (hooks, headers, checksums) are handled by the router. Addresses and ports
 * are in network order.
 */
#ifndef LU_NAT_H
#define LU_NAT_H

#include <linux/overflow.h>
#include <linux/time64.h>
#include <linux/types.h>
#include <uapi/linux/in.h>

#include "swap/swap.h"

#define NAT_COMPONENT "nat"

/* A flow, as seen from the inside. */
struct nat_key {
	__be32 inside, remote;
	__be16 inside_port, remote_port;
	u8 proto;
};

enum nat_direction { NAT_OUT, NAT_IN, NAT_DIRECTIONS };

/* Ends of a flow seen so far. */
#define NAT_FIN_OUT BIT(NAT_OUT)
#define NAT_FIN_IN  BIT(NAT_IN)
#define NAT_RESET   BIT(2)

/* The properties of a packet that matter for its flow's record. */
struct nat_note {
	unsigned int bytes;
	u8 ends; /* NAT_FIN_…, NAT_RESET */
	bool begins;
};

/* The operations of a version, called with bottom halves disabled. */
struct nat_ops {
	/* The public port of that flow, which is created if new; 0: no room for it. */
	__be16 (*outbound)(void *state, const struct nat_key *key, const struct nat_note *note);
	/* Fills in the inside address of the flow with this public port; false: there is none. */
	bool (*inbound)(void *state, struct nat_key *key, __be16 port, const struct nat_note *note);
	unsigned long (*flows)(void *state);
};

/* The neutral form: all flows, each with everything that any version records of it. */
struct nat_flow {
	struct nat_key key;
	__be16 port; /* public */
	u8 ends;
	u64 idle_ns;
	/* 0 from a version that does not count */
	u64 packets[NAT_DIRECTIONS], bytes[NAT_DIRECTIONS];
};

struct nat_form {
	unsigned long capacity, count;
	struct nat_flow flows[];
};

/* NULL: out of memory. Free with kvfree. */
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

/* How long a flow may be idle before it expires. */
static inline u64 nat_lifetime_ns(u8 proto, u8 ends)
{
	if (nat_ended(ends))
		return 10ULL * NSEC_PER_SEC;
	return (proto == IPPROTO_TCP ? 3600ULL : 180ULL) * NSEC_PER_SEC;
}

/* The ends seen after this packet; a new connection between the same ports starts over. */
static inline u8 nat_ends(u8 ends, const struct nat_note *note)
{
	return (note->begins ? 0 : ends) | note->ends;
}

#endif
