// SPDX-License-Identifier: GPL-2.0
/*
 * The bare call: an operation that does nothing, called as in a driver that cannot be swapped, and
 * as an instance's operation, in each state of the instance. Interrupts are off and the minimum of
 * several rounds counts, so nothing else is in the figure.
 */
#include <linux/slab.h>
#include <linux/timex.h>

#include "cost/cost.h"
#include "swap/swap.h"

#define ROUNDS 11

struct cost_ops {
	unsigned long (*call)(struct swap_instance *instance);
};

/* The cost of a call that only finds its state. */
static noinline unsigned long nothing(struct swap_instance *instance)
{
	return READ_ONCE(*(unsigned long *)swap_state(instance));
}

static void *create(unsigned long size)
{
	return kzalloc(sizeof(unsigned long), GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
}

static void destroy(void *state)
{
	kfree(state);
}

static const struct cost_ops ops = {nothing};

static struct swap_version version = {
	.component = "cost",
	.name = "v1",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
};

static struct swap_instance instance;

/* As in a driver that cannot be swapped. */
struct straight;

struct straight_ops {
	unsigned long (*call)(struct straight *straight);
};

struct straight {
	const struct straight_ops *ops;
	void *state;
};

static noinline unsigned long straight_nothing(struct straight *straight)
{
	return READ_ONCE(*(unsigned long *)READ_ONCE(straight->state));
}

static const struct straight_ops straight_ops = {straight_nothing};
static struct straight straight;

/*
 * None of them is inlined: each is a caller as in a driver. Most do something with the result; the
 * tails do not, and there a compiler may turn the call into a jump, but not a swappable one.
 */
static noinline unsigned long call_straight(void)
{
	return READ_ONCE(straight.ops)->call(&straight) + 1;
}

static noinline unsigned long call_straight_tail(void)
{
	return READ_ONCE(straight.ops)->call(&straight);
}

static noinline unsigned long call_swappable(void)
{
	const struct cost_ops *now = swap_ops(&instance);
	unsigned long got = now->call(&instance) + 1;

	swap_called();
	return got;
}

static noinline unsigned long call_swappable_tail(void)
{
	const struct cost_ops *now = swap_ops(&instance);
	unsigned long got = now->call(&instance);

	swap_called();
	return got;
}

static unsigned long call_by_gate(struct swap_instance *of)
{
	const struct cost_ops *now;
	unsigned long got;
	int how;

	now = swap_gate_enter(of, &how);
	got = now->call(of);
	swap_exit(of, how);
	return got;
}

static const struct cost_ops switcher = {call_by_gate};

/* The other form of a call: a section. */
static noinline unsigned long call_entered(void)
{
	const struct swap_binding *binding;
	const struct cost_ops *now;
	unsigned long got;
	int how;

	binding = swap_enter(&instance, &how);
	now = binding->ops;
	got = now->call(&instance);
	swap_exit(&instance, how);
	return got;
}

static u64 round_of(unsigned long (*call)(void))
{
	unsigned long flags;
	u64 begin, took;
	int i;

	local_irq_save(flags);
	begin = get_cycles();
	for (i = 0; i < COST_CALLS; i++)
		call();
	took = get_cycles() - begin;
	local_irq_restore(flags);
	return took;
}

static noinline unsigned long call_none(void)
{
	barrier();
	return 0;
}

/* Less the cost of the loop and of calling the caller. */
static void measure(struct seq_file *out, const char *kind, unsigned long (*call)(void))
{
	u64 least = U64_MAX, loop = U64_MAX;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		least = min(least, round_of(call));
		loop = min(loop, round_of(call_none));
	}
	seq_printf(out, "call.%s %llu\n", kind, least - min(least, loop));
}

/* As during a swap: the switcher is in, and calls are tracked as its quiescence method requires. */
static void measure_mediated(struct seq_file *out, const char *kind, enum swap_quiescence track)
{
	enum swap_quiescence own = instance.track;

	instance.track = track;
	swap_mediate(&instance);
	measure(out, kind, call_swappable);
	swap_bypass(&instance);
	instance.track = own;
}

/* "now" is as lu_swap was loaded: calls go directly to the version, or are tracked at all times. */
static void measure_all(struct seq_file *out)
{
	straight = (struct straight){&straight_ops, instance.state};
	measure(out, "straight", call_straight);
	measure(out, "now", call_swappable);
	measure(out, "straight_tail", call_straight_tail);
	measure(out, "now_tail", call_swappable_tail);
	measure(out, "now_entered", call_entered);
	measure_mediated(out, "mediated", SWAP_NONE);
	measure_mediated(out, "counter", SWAP_COUNTER);
	measure_mediated(out, "rcu", SWAP_RCU);
}

int cost_calls(struct seq_file *out)
{
	int error = swap_version_register(&version);

	if (error)
		return error;
	instance = (struct swap_instance){
		.name = "cost", .component = "cost", .owner = THIS_MODULE, .switcher = &switcher};
	error = swap_instance_register(&instance, "v1", 1);
	if (!error) {
		measure_all(out);
		swap_instance_unregister(&instance);
	}
	swap_version_unregister(&version);
	return error;
}
