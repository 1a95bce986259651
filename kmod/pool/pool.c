// SPDX-License-Identifier: GPL-2.0
/* The pools lupoolN, each an instance, between its device and its server. */
#include <linux/slab.h>

#include "pool/pool.h"

static unsigned int instances = 2;
module_param(instances, uint, 0444);
static char *version = "v1";
module_param(version, charp, 0444);

struct pool {
	struct swap_instance instance;
	struct pool_client client;
	char name[16];
};

static struct pool *pools;

static struct pool *pool_of(struct pool_client *client)
{
	return container_of(client, struct pool, client);
}

static void submit(struct pool_client *client, struct pool_job *job)
{
	struct pool *pool = pool_of(client);
	const struct swap_binding *binding;
	const struct pool_ops *ops;
	int how;

	binding = swap_enter(&pool->instance, &how);
	ops = binding->ops;
	ops->submit(binding->state, client->server, job);
	swap_exit(&pool->instance, how);
}

static bool answer(struct pool_client *client, const struct pool_wire *wire)
{
	struct pool *pool = pool_of(client);
	const struct swap_binding *binding;
	const struct pool_ops *ops;
	bool known;
	int how;

	binding = swap_enter(&pool->instance, &how);
	ops = binding->ops;
	known = ops->answer(binding->state, wire);
	swap_exit(&pool->instance, how);
	return known;
}

static int begin(struct pool *pool, unsigned int i)
{
	int error;

	snprintf(pool->name, sizeof(pool->name), "lupool%u", i);
	pool->client = (struct pool_client){pool->name, THIS_MODULE, submit, answer};
	pool->instance.name = pool->name;
	pool->instance.component = POOL_COMPONENT;
	pool->instance.owner = THIS_MODULE;
	error = swap_instance_register(&pool->instance, version, 0);
	if (error)
		return error;
	error = pool_front_add(&pool->client);
	if (error)
		swap_instance_unregister(&pool->instance);
	return error;
}

static void end(unsigned int count)
{
	while (count--) {
		pool_front_del(&pools[count].client);
		swap_instance_unregister(&pools[count].instance);
	}
	kfree(pools);
}

static int __init pool_init(void)
{
	unsigned int i;
	int error;

	if (!instances || instances > 16)
		return -EINVAL;
	pools = kcalloc(instances, sizeof(*pools), GFP_KERNEL);
	if (!pools)
		return -ENOMEM;
	for (i = 0; i < instances; i++) {
		error = begin(&pools[i], i);
		if (error) {
			end(i);
			return error;
		}
	}
	return 0;
}

static void __exit pool_exit(void)
{
	end(instances);
}

module_init(pool_init);
module_exit(pool_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pools of requests with a swappable implementation");
