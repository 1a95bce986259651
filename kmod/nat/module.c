// SPDX-License-Identifier: GPL-2.0
/*
 * The instances lunatN. Writing "N LINK" to the parameter attach activates an instance in the
 * writer's network namespace, with LINK as its outside; it ends with the namespace. The parameter
 * stats has the statistics of each.
 */
#include <linux/inet.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "nat/router.h"

#define MOST 16

static unsigned int instances = 2;
module_param(instances, uint, 0444);
static unsigned int capacity = 16384;
module_param(capacity, uint, 0444);
MODULE_PARM_DESC(capacity, "maximum number of flows of an instance");
static char *version = "v1";
module_param(version, charp, 0444);

static struct nat *nats;
static DEFINE_MUTEX(attaching);

static int attach_set(const char *text, const struct kernel_param *param)
{
	char link[IFNAMSIZ];
	unsigned int i;
	int error;

	if (sscanf(text, "%u %15s", &i, link) != 2 || i >= instances)
		return -EINVAL;
	mutex_lock(&attaching);
	error = nats ? nat_attach(&nats[i], link) : -EAGAIN;
	mutex_unlock(&attaching);
	return error;
}

static const struct kernel_param_ops attach_ops = {.set = attach_set};
module_param_cb(attach, &attach_ops, NULL, 0200);

static unsigned long count_flows(struct nat *nat)
{
	const struct swap_binding *binding;
	const struct nat_ops *ops;
	unsigned long flows;
	int how;

	binding = swap_enter(&nat->instance, &how);
	ops = binding->ops;
	flows = ops->flows(binding->state);
	swap_exit(&nat->instance, how);
	return flows;
}

/* A line per instance: packets translated, held in total and at most at once, without a
 * flow, dropped; flows. */
static int stats_get(char *text, const struct kernel_param *param)
{
	unsigned int i;
	int n = 0;

	mutex_lock(&attaching);
	for (i = 0; nats && i < instances; i++)
		n += scnprintf(text + n, PAGE_SIZE - n, "%s %ld %ld %lu %ld %ld %lu\n",
			       nats[i].name, atomic_long_read(&nats[i].translated),
			       atomic_long_read(&nats[i].held_ever), nats[i].kept_most,
			       atomic_long_read(&nats[i].unknown),
			       atomic_long_read(&nats[i].refused), count_flows(&nats[i]));
	mutex_unlock(&attaching);
	return n;
}

static const struct kernel_param_ops stats_ops = {.get = stats_get};
module_param_cb(stats, &stats_ops, NULL, 0444);

static void __net_exit net_exit(struct net *net)
{
	unsigned int i;

	mutex_lock(&attaching);
	for (i = 0; nats && i < instances; i++)
		if (nats[i].net == net)
			nat_detach(&nats[i]);
	mutex_unlock(&attaching);
}

static struct pernet_operations net_operations = {.exit = net_exit};

static void end(struct nat *all, unsigned int count)
{
	while (count--)
		swap_instance_unregister(&all[count].instance);
	kfree(all);
}

static struct nat *begin(void)
{
	struct nat *all = kcalloc(instances, sizeof(*all), GFP_KERNEL);
	unsigned int i;
	int error = all ? 0 : -ENOMEM;

	for (i = 0; !error && i < instances; i++) {
		snprintf(all[i].name, sizeof(all[i].name), "lunat%u", i);
		nat_init(&all[i]);
		error = swap_instance_register(&all[i].instance, version, capacity);
	}
	if (!error)
		return all;
	if (all)
		end(all, i - 1);
	return ERR_PTR(error);
}

static int __init nat_module_init(void)
{
	struct nat *all;
	int error;

	if (!instances || instances > MOST || !capacity || capacity > 1 << 20)
		return -EINVAL;
	all = begin();
	if (IS_ERR(all))
		return PTR_ERR(all);
	error = register_pernet_subsys(&net_operations);
	if (error) {
		end(all, instances);
		return error;
	}
	mutex_lock(&attaching);
	nats = all;
	mutex_unlock(&attaching);
	return 0;
}

/* Leaving the namespaces detaches the instances. */
static void __exit nat_module_exit(void)
{
	unregister_pernet_subsys(&net_operations);
	end(nats, instances);
}

module_init(nat_module_init);
module_exit(nat_module_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Source NAT with a swappable table of flows");
