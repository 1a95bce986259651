// SPDX-License-Identifier: GPL-2.0
/* An instance: bound to a version when registered, unregistered by the code that calls it. */
#include <linux/slab.h>

#include "swap/inside.h"

static struct swap_binding *bind(struct swap_version *version, unsigned long size)
{
	struct swap_binding *binding = kzalloc(sizeof(*binding), GFP_KERNEL);
	void *state;

	if (!binding)
		return ERR_PTR(-ENOMEM);
	state = version->create(size);
	if (IS_ERR(state)) {
		kfree(binding);
		return state;
	}
	binding->version = version;
	binding->ops = version->ops;
	binding->state = state;
	return binding;
}

static void unbind(struct swap_binding *binding)
{
	const struct swap_version *version = binding->version;

	if (version->halt)
		version->halt(binding->state);
	version->destroy(binding->state);
	kfree(binding);
	swap_version_put(version);
}

static int track(struct swap_instance *instance)
{
	int error;

	instance->counts = alloc_percpu(struct swap_count);
	if (!instance->counts)
		return -ENOMEM;
	error = init_srcu_struct(&instance->srcu);
	if (error)
		free_percpu(instance->counts);
	return error;
}

static void untrack(struct swap_instance *instance)
{
	if (instance->grace_pending)
		wait_for_completion(&instance->graced);
	srcu_barrier(&instance->srcu);
	cleanup_srcu_struct(&instance->srcu);
	free_percpu(instance->counts);
}

static void begin(struct swap_instance *instance)
{
	instance->track = swap_default_track();
	instance->closed = false;
	init_waitqueue_head(&instance->opened);
	init_waitqueue_head(&instance->left);
	spin_lock_init(&instance->waiters_lock);
	INIT_LIST_HEAD(&instance->waiters);
	mutex_init(&instance->swapping);
	init_completion(&instance->graced);
	init_completion(&instance->released);
}

int swap_instance_register(struct swap_instance *instance, const char *name, unsigned long size)
{
	struct swap_version *version = swap_version_get(instance->component, name);
	int error;

	if (!version)
		return -ENOENT;
	begin(instance);
	error = track(instance);
	if (error)
		goto put;
	instance->binding = bind(version, size);
	error = PTR_ERR_OR_ZERO(instance->binding);
	if (error)
		goto forget;
	instance->state = instance->binding->state;
	swap_switcher_add(instance);
	error = swap_sysfs_add(instance);
	if (!error)
		return 0;
	swap_switcher_remove(instance);
	unbind(instance->binding);
	untrack(instance);
	return error;
forget:
	untrack(instance);
put:
	swap_version_put(version);
	return error;
}
EXPORT_SYMBOL_GPL(swap_instance_register);

/* No new call may begin. */
void swap_instance_unregister(struct swap_instance *instance)
{
	swap_sysfs_remove(instance);
	swap_switcher_remove(instance);
	unbind(instance->binding);
	untrack(instance);
}
EXPORT_SYMBOL_GPL(swap_instance_unregister);
