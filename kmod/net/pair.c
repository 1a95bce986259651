// SPDX-License-Identifier: GPL-2.0
/*
 * The pairs of interfaces lunetNa and lunetNb, each pair an instance lunetN. Transmission goes
 * through the instance. While its gate is closed an interface accepts no packets, and the stack
 * keeps them in its queue.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>

#include "net/net.h"

static unsigned int instances = 2;
module_param(instances, uint, 0444);
static char *version = "v1";
module_param(version, charp, 0444);

struct end {
	struct net_pair *pair;
	unsigned int number;
};

static struct net_pair *pairs;

static netdev_tx_t xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct end *end = netdev_priv(dev);
	const struct swap_binding *binding;
	const struct net_ops *ops;
	unsigned int len = skb->len;
	bool taken;
	int how;

	binding = swap_enter_atomic(&end->pair->instance, &how);
	if (!binding) {
		netif_stop_queue(dev); /* reopened() wakes it, under the lock held here */
		return NETDEV_TX_BUSY;
	}
	ops = binding->ops;
	taken = ops->send(binding->state, !end->number, skb);
	swap_exit(&end->pair->instance, how);
	if (!taken)
		return NETDEV_TX_BUSY;
	dev_sw_netstats_tx_add(dev, 1, len);
	return NETDEV_TX_OK;
}

/* In process context, after the gate has opened. */
static void reopened(struct swap_instance *instance)
{
	struct net_pair *pair = container_of(instance, struct net_pair, instance);
	int i;

	for (i = 0; i < NET_ENDS; i++) {
		netif_tx_lock_bh(pair->ends[i]);
		if (netif_running(pair->ends[i]))
			netif_wake_queue(pair->ends[i]);
		netif_tx_unlock_bh(pair->ends[i]);
	}
}

static int open(struct net_device *dev)
{
	netif_start_queue(dev);
	return 0;
}

static int stop(struct net_device *dev)
{
	netif_stop_queue(dev);
	return 0;
}

static const struct net_device_ops operations = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
};

static void forget(struct net_device *dev)
{
	free_percpu(dev->tstats);
	dev->tstats = NULL;
}

static void setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &operations;
	dev->priv_destructor = forget;
	eth_hw_addr_random(dev);
}

static struct net_device *new_end(struct net_pair *pair, unsigned int number)
{
	char name[IFNAMSIZ];
	struct net_device *dev;
	struct end *end;

	snprintf(name, sizeof(name), "%s%c", pair->name, 'a' + number);
	dev = alloc_netdev(sizeof(*end), name, NET_NAME_USER, setup);
	if (!dev)
		return NULL;
	end = netdev_priv(dev);
	end->pair = pair;
	end->number = number;
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (dev->tstats)
		return dev;
	free_netdev(dev);
	return NULL;
}

static void free_ends(struct net_pair *pair)
{
	int i;

	for (i = 0; i < NET_ENDS; i++) {
		if (!pair->ends[i])
			continue;
		forget(pair->ends[i]); /* not freed elsewhere when it was never registered */
		free_netdev(pair->ends[i]);
	}
}

static int show(struct net_pair *pair)
{
	int error = register_netdev(pair->ends[0]);

	if (error)
		return error;
	error = register_netdev(pair->ends[1]);
	if (error)
		unregister_netdev(pair->ends[0]);
	return error;
}

static int begin(struct net_pair *pair, int number)
{
	int error = -ENOMEM, i;

	snprintf(pair->name, sizeof(pair->name), "lunet%d", number);
	for (i = 0; i < NET_ENDS; i++)
		pair->ends[i] = new_end(pair, i);
	if (!pair->ends[0] || !pair->ends[1])
		goto free;
	pair->instance.name = pair->name;
	pair->instance.component = NET_COMPONENT;
	pair->instance.owner = THIS_MODULE;
	pair->instance.reopened = reopened;
	error = swap_instance_register(&pair->instance, version, (unsigned long)pair);
	if (error)
		goto free;
	error = show(pair);
	if (!error)
		return 0;
	swap_instance_unregister(&pair->instance);
free:
	free_ends(pair);
	return error;
}

static void end(struct net_pair *pair)
{
	int i;

	for (i = 0; i < NET_ENDS; i++)
		unregister_netdev(pair->ends[i]);
	swap_instance_unregister(&pair->instance);
	free_ends(pair);
}

static int __init pair_init(void)
{
	int error = 0, i;

	if (!instances || instances > 16)
		return -EINVAL;
	pairs = kcalloc(instances, sizeof(*pairs), GFP_KERNEL);
	if (!pairs)
		return -ENOMEM;
	for (i = 0; !error && i < instances; i++)
		error = begin(&pairs[i], i);
	if (!error)
		return 0;
	while (--i > 0)
		end(&pairs[i - 1]);
	kfree(pairs);
	return error;
}

static void __exit pair_exit(void)
{
	int i;

	for (i = 0; i < instances; i++)
		end(&pairs[i]);
	kfree(pairs);
}

module_init(pair_init);
module_exit(pair_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pairs of Ethernet interfaces with a swappable implementation");
