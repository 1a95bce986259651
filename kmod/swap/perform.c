// SPDX-License-Identifier: GPL-2.0
/* One swap: switcher in, gate closed, quiescence, state transfer, gate open, switcher out; or
 * everything as before. */
#include <linux/ktime.h>
#include <linux/slab.h>

#include "swap/inside.h"

/* The new version's state, or an ERR_PTR with the old version's state intact. */
static void *transfer(struct swap_instance *instance, const struct swap_version *to)
{
	const struct swap_binding *old = instance->binding;
	void *form, *state;

	form = old->version->give(old->state);
	if (IS_ERR(form))
		return form;
	if (instance->fail_transfer) {
		instance->fail_transfer--;
		state = ERR_PTR(-EIO);
	} else {
		state = to->take(form);
	}
	if (IS_ERR(state))
		old->version->regain(old->state, form);
	return state;
}

static int carry_over(struct swap_instance *instance, struct swap_binding *binding)
{
	const struct swap_binding *old = instance->binding;
	u64 begin = ktime_get_ns();

	if (old->version->halt)
		old->version->halt(old->state);
	binding->state = transfer(instance, binding->version);
	instance->last.transfer_ns = ktime_get_ns() - begin;
	if (!IS_ERR(binding->state)) {
		WRITE_ONCE(instance->state, binding->state);
		smp_store_release(&instance->binding, binding);
		return 0;
	}
	if (old->version->resume)
		old->version->resume(old->state);
	return PTR_ERR(binding->state);
}

/*
 * After a swap without quiescence, calls may still be in the old code with the old state: both are
 * leaked on purpose, so that data is corrupted but the kernel does not crash.
 */
static void drop(struct swap_binding *old, enum swap_quiescence how)
{
	const struct swap_version *version = old->version;

	if (how == SWAP_NONE)
		return;
	version->destroy(old->state);
	kfree(old);
	swap_version_put(version);
}

/* Calls that wait at the gate write to it, too. */
static void begin_report(struct swap_instance *instance)
{
	spin_lock(&instance->waiters_lock);
	instance->last = (struct swap_report){};
	spin_unlock(&instance->waiters_lock);
}

/* With no call inside and none entering; or nothing has changed. */
static int change(struct swap_instance *instance, struct swap_binding *binding,
		  enum swap_quiescence how, unsigned long deadline)
{
	u64 begin = ktime_get_ns();
	int error;

	swap_gate_close(instance);
	error = swap_quiesce(instance, how, deadline);
	instance->last.quiesce_ns = ktime_get_ns() - begin;
	if (!error)
		error = carry_over(instance, binding);
	swap_gate_open(instance);
	instance->last.closed_ns = ktime_get_ns() - begin;
	/* At once: the new version's workers have to serve the calls that waited. */
	if (!error && binding->version->resume)
		binding->version->resume(binding->state);
	return error;
}

static int swap_to(struct swap_instance *instance, struct swap_binding *binding,
		   enum swap_quiescence how, unsigned long deadline)
{
	struct swap_binding *old = instance->binding;
	u64 begin = ktime_get_ns();
	int error;

	begin_report(instance);
	swap_mediate(instance);
	error = swap_trace(instance, how, deadline);
	instance->last.trace_ns = ktime_get_ns() - begin;
	if (!error)
		error = change(instance, binding, how, deadline);
	swap_untrace(instance);
	swap_bypass(instance);
	instance->last.error = error;
	if (error)
		return error;
	drop(old, how);
	return 0;
}

static struct swap_binding *prepare(struct swap_instance *instance, const char *to)
{
	struct swap_binding *binding = kzalloc(sizeof(*binding), GFP_KERNEL);

	if (!binding)
		return ERR_PTR(-ENOMEM);
	binding->version = swap_version_get(instance->component, to);
	if (!binding->version) {
		kfree(binding);
		return ERR_PTR(-ENOENT);
	}
	binding->ops = binding->version->ops;
	return binding;
}

int swap_perform(struct swap_instance *instance, const char *to, enum swap_quiescence how,
		 unsigned int limit_ms)
{
	struct swap_binding *binding =
		instance->fixed ? ERR_PTR(-EOPNOTSUPP) : prepare(instance, to);
	int error;

	if (IS_ERR(binding))
		return PTR_ERR(binding);
	mutex_lock(&instance->swapping);
	error = swap_to(instance, binding, how, jiffies + msecs_to_jiffies(limit_ms));
	if (error)
		instance->failures++;
	else
		instance->swaps++;
	mutex_unlock(&instance->swapping);
	if (error) {
		swap_version_put(binding->version);
		kfree(binding);
	}
	return error;
}
