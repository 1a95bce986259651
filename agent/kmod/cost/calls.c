// SPDX-License-Identifier: GPL-2.0
/*
 * The bare call: an instance of its own whose operation does nothing, called straight through its
 * operations' pointer, and by the framework in each state. Interrupts are off and the least of
 * several rounds counts, so nothing else is in the figure.
 */
#include <linux/slab.h>
#include <linux/timex.h>

#include "cost/cost.h"
#include "swap/swap.h"

#define ROUNDS 11

struct cost_ops {
	void (*call)(void *state);
};

/* As much as a call costs that finds what it works on and no more. */
static noinline void nothing(void *state)
{
	WRITE_ONCE(*(unsigned long *)state, 1);
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

/* What a driver that nobody can swap has. */
struct straight {
	const struct cost_ops *ops;
	void *state;
};

static struct straight straight;
static struct swap_instance instance;

/* None of them inlined: each is a caller as it stands in a driver. */
static noinline void call_straight(void)
{
	straight.ops->call(straight.state);
}

static __always_inline void pass(const struct swap_binding *binding)
{
	((const struct cost_ops *)binding->ops)->call(binding->state);
}

static noinline void call_mediated(void)
{
	int how;

	pass(swap_enter(&instance, &how));
	swap_exit(&instance, how);
}

static noinline void call_swappable(void)
{
	if (swap_is_mediated()) {
		call_mediated();
		return;
	}
	pass(swap_binding(&instance));
	swap_straight_exit();
}

static u64 round_of(void (*call)(void))
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

static noinline void call_none(void)
{
	barrier();
}

/* Without the loop and the calling of the caller. */
static void measure(struct seq_file *out, const char *way, void (*call)(void))
{
	u64 least = U64_MAX, loop = U64_MAX;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		least = min(least, round_of(call));
		loop = min(loop, round_of(call_none));
	}
	seq_printf(out, "call.%s %llu\n", way, least - min(least, loop));
}

/* As while calls are tracked or another instance moves: the branch is patched in. */
static void measure_tracked(struct seq_file *out, const char *way, enum swap_quiescence track)
{
	instance.track = track;
	static_branch_inc(&swap_mediated);
	measure(out, way, call_swappable);
	static_branch_dec(&swap_mediated);
	instance.track = SWAP_NONE;
}

static void measure_all(struct seq_file *out)
{
	straight = (struct straight){&ops, instance.binding->state};
	instance.track = SWAP_NONE;
	measure(out, "straight", call_straight);
	measure(out, "now", call_swappable);
	measure(out, "now_entered", call_mediated);
	measure_tracked(out, "mediated", SWAP_NONE);
	measure_tracked(out, "counter", SWAP_COUNTER);
	measure_tracked(out, "rcu", SWAP_RCU);
}

int cost_calls(struct seq_file *out)
{
	int error = swap_version_register(&version);

	if (error)
		return error;
	instance =
		(struct swap_instance){.name = "cost", .component = "cost", .owner = THIS_MODULE};
	error = swap_instance_register(&instance, "v1", 1);
	if (!error) {
		measure_all(out);
		swap_instance_unregister(&instance);
	}
	swap_version_unregister(&version);
	return error;
}
