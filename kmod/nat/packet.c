// SPDX-License-Identifier: GPL-2.0
/* Reads and rewrites packets. */
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "nat/router.h"

struct ports {
	__be16 source, dest;
};

/* Makes header and ports writable. */
static bool writable(struct sk_buff *skb)
{
	unsigned int transport = ip_hdr(skb)->protocol == IPPROTO_TCP ? sizeof(struct tcphdr)
								      : sizeof(struct udphdr);

	return !skb_ensure_writable(skb, ip_hdrlen(skb) + transport);
}

static void *transport(const struct sk_buff *skb)
{
	return (u8 *)ip_hdr(skb) + ip_hdrlen(skb);
}

static void look(const struct sk_buff *skb, enum nat_direction direction, struct nat_note *note)
{
	const struct tcphdr *tcp = transport(skb);

	*note = (struct nat_note){.bytes = skb->len};
	if (ip_hdr(skb)->protocol != IPPROTO_TCP)
		return;
	note->begins = tcp->syn && !tcp->ack;
	if (tcp->fin)
		note->ends |= direction == NAT_OUT ? NAT_FIN_OUT : NAT_FIN_IN;
	if (tcp->rst)
		note->ends |= NAT_RESET;
}

/* The transport checksum; NULL: this datagram has none. */
static __sum16 *checksum(const struct sk_buff *skb)
{
	struct udphdr *udp;

	if (ip_hdr(skb)->protocol == IPPROTO_TCP)
		return &((struct tcphdr *)transport(skb))->check;
	udp = transport(skb);
	return udp->check || skb->ip_summed == CHECKSUM_PARTIAL ? &udp->check : NULL;
}

static void rewrite(struct sk_buff *skb, __be32 *address, __be16 *port, __be32 to_address,
		    __be16 to_port)
{
	struct iphdr *ip = ip_hdr(skb);
	__sum16 *sum = checksum(skb);

	if (sum) {
		inet_proto_csum_replace4(sum, skb, *address, to_address, true);
		inet_proto_csum_replace2(sum, skb, *port, to_port, false);
		if (ip->protocol == IPPROTO_UDP && !*sum)
			*sum = CSUM_MANGLED_0;
	}
	csum_replace4(&ip->check, *address, to_address);
	*address = to_address;
	*port = to_port;
}

static unsigned int outbound(struct nat *nat, const struct swap_binding *binding,
			     struct sk_buff *skb, const struct nat_note *note)
{
	const struct nat_ops *ops = binding->ops;
	struct iphdr *ip = ip_hdr(skb);
	struct ports *ports = transport(skb);
	struct nat_key key = {ip->saddr, ip->daddr, ports->source, ports->dest, ip->protocol};
	__be16 port = ops->outbound(binding->state, &key, note);

	if (!port) {
		atomic_long_inc(&nat->refused);
		return NF_DROP;
	}
	rewrite(skb, &ip->saddr, &ports->source, nat->address, port);
	return NF_ACCEPT;
}

/* A packet without a flow is for the router itself, whose kernel answers it. */
static unsigned int inbound(struct nat *nat, const struct swap_binding *binding,
			    struct sk_buff *skb, const struct nat_note *note)
{
	const struct nat_ops *ops = binding->ops;
	struct iphdr *ip = ip_hdr(skb);
	struct ports *ports = transport(skb);
	struct nat_key key = {
		.remote = ip->saddr, .remote_port = ports->source, .proto = ip->protocol};

	if (ops->inbound(binding->state, &key, ports->dest, note))
		rewrite(skb, &ip->daddr, &ports->dest, key.inside, key.inside_port);
	else
		atomic_long_inc(&nat->unknown);
	return NF_ACCEPT;
}

unsigned int nat_translate(struct nat *nat, const struct swap_binding *binding, struct sk_buff *skb,
			   enum nat_direction direction)
{
	struct nat_note note;

	if (!writable(skb))
		return NF_DROP;
	look(skb, direction, &note);
	atomic_long_inc(&nat->translated);
	return direction == NAT_OUT ? outbound(nat, binding, skb, &note)
				    : inbound(nat, binding, skb, &note);
}
