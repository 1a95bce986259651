// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks of an instance: packets that leave through its outside link get the router's address
 * and a port for their flow, those that come back get their inside address again. The router's own
 * packets, fragments and anything but TCP and UDP pass as they are.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#include "nat/router.h"

static bool concerns(const struct nat *nat, const struct sk_buff *skb,
		     const struct nf_hook_state *state)
{
	const struct iphdr *ip = ip_hdr(skb);

	if ((ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP) || ip_is_fragment(ip))
		return false;
	if (nat_direction(state) == NAT_IN)
		return state->in->ifindex == nat->outside && ip->daddr == nat->address;
	return state->out->ifindex == nat->outside && ip->saddr != nat->address && !state->sk;
}

static unsigned int hook(void *data, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct swap_binding *binding = NULL;
	struct nat *nat = data;
	unsigned int verdict;
	int how;

	if (!concerns(nat, skb, state))
		return NF_ACCEPT;
	if (likely(!READ_ONCE(nat->holding)))
		binding = swap_enter_atomic(&nat->instance, &how);
	if (unlikely(!binding))
		return nat_hold(nat, skb, state);
	verdict = nat_translate(nat, binding, skb, nat_direction(state));
	swap_exit(&nat->instance, how);
	return verdict;
}

static void reopened(struct swap_instance *instance)
{
	nat_release(container_of(instance, struct nat, instance));
}

static void hook_init(struct nat *nat, enum nat_direction direction, unsigned int where)
{
	nat->hooks[direction] = (struct nf_hook_ops){
		.hook = hook,
		.priv = nat,
		.pf = NFPROTO_IPV4,
		.hooknum = where,
		.priority = NF_IP_PRI_LAST,
	};
}

void nat_init(struct nat *nat)
{
	nat->instance.name = nat->name;
	nat->instance.component = NAT_COMPONENT;
	nat->instance.owner = THIS_MODULE;
	nat->instance.reopened = reopened;
	spin_lock_init(&nat->lock);
	INIT_LIST_HEAD(&nat->held);
	mutex_init(&nat->release);
	hook_init(nat, NAT_OUT, NF_INET_POST_ROUTING);
	hook_init(nat, NAT_IN, NF_INET_PRE_ROUTING);
}

int nat_attach(struct nat *nat, const char *link)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev = dev_get_by_name(net, link);
	int error;

	if (!dev)
		return -ENODEV;
	nat->outside = dev->ifindex;
	nat->address = inet_select_addr(dev, 0, RT_SCOPE_UNIVERSE);
	dev_put(dev);
	if (!nat->address)
		return -EADDRNOTAVAIL;
	if (nat->net)
		return -EBUSY;
	error = nf_register_net_hooks(net, nat->hooks, NAT_DIRECTIONS);
	if (!error)
		nat->net = net;
	return error;
}

void nat_detach(struct nat *nat)
{
	if (!nat->net)
		return;
	nf_unregister_net_hooks(nat->net, nat->hooks, NAT_DIRECTIONS);
	synchronize_net(); /* wait for packets that are in the hooks */
	nat_hold_drop(nat);
	nat->net = NULL;
}
