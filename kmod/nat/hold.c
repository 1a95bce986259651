// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that meet a closed gate cannot wait there: they are stolen (NF_STOLEN), held in order of
 * arrival, and continue when the gate has opened. While any is held, later ones are appended, so
 * that none overtakes. The hooks are the last of their chains, so continuing means calling the
 * chain's end (okfn), and no other hook is skipped.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/dst.h>

#include "nat/router.h"

struct held {
	struct list_head list;
	struct sk_buff *skb;
	/* of a forwarded packet: no socket; references to its devices are held */
	struct nf_hook_state state;
};

static void let_go(struct held *held)
{
	dev_put(held->state.in);
	dev_put(held->state.out);
	kfree(held);
}

/* Keeps a reference to the route, which was found under RCU. */
static bool keep(struct nat *nat, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct held *held = kmalloc(sizeof(*held), GFP_ATOMIC);

	if (!held || (skb_dst(skb) && !skb_dst_force(skb))) {
		kfree(held);
		return false;
	}
	held->skb = skb;
	held->state = *state;
	dev_hold(state->in);
	dev_hold(state->out);
	list_add_tail(&held->list, &nat->held);
	nat->holding = true;
	nat->kept_most = max(nat->kept_most, ++nat->kept);
	atomic_long_inc(&nat->held_ever);
	return true;
}

/*
 * The gate is tried again under the lock. nat_release() takes the lock after the gate has opened,
 * so a packet either finds it open here or is on the list before nat_release() looks.
 */
unsigned int nat_hold(struct nat *nat, struct sk_buff *skb, const struct nf_hook_state *state)
{
	const struct swap_binding *binding = NULL;
	unsigned int verdict;
	int how;

	spin_lock_bh(&nat->lock);
	if (!nat->holding)
		binding = swap_enter_atomic(&nat->instance, &how);
	verdict = binding || !keep(nat, skb, state) ? NF_DROP : NF_STOLEN;
	spin_unlock_bh(&nat->lock);
	if (!binding) {
		if (verdict == NF_DROP)
			atomic_long_inc(&nat->refused);
		return verdict;
	}
	verdict = nat_translate(nat, binding, skb, nat_direction(state));
	swap_exit(&nat->instance, how);
	return verdict;
}

/* Takes the first; NULL: none is left, and from now on packets pass directly. */
static struct held *take(struct nat *nat)
{
	struct held *held;

	spin_lock_bh(&nat->lock);
	held = list_first_entry_or_null(&nat->held, struct held, list);
	if (held) {
		list_del(&held->list);
		nat->kept--;
	} else {
		nat->holding = false;
	}
	spin_unlock_bh(&nat->lock);
	return held;
}

static void put_back(struct nat *nat, struct held *held)
{
	spin_lock_bh(&nat->lock);
	list_add(&held->list, &nat->held);
	nat->kept++;
	spin_unlock_bh(&nat->lock);
}

/* Continue as after the hook. false: the gate is closed again. */
static bool go_on(struct nat *nat, struct held *held)
{
	struct nf_hook_state *state = &held->state;
	const struct swap_binding *binding;
	unsigned int verdict;
	int how;

	binding = swap_enter_atomic(&nat->instance, &how);
	if (!binding)
		return false;
	verdict = nat_translate(nat, binding, held->skb, nat_direction(state));
	swap_exit(&nat->instance, how);
	if (verdict == NF_ACCEPT)
		state->okfn(state->net, NULL, held->skb);
	else
		kfree_skb(held->skb);
	return true;
}

/* The end of a hook's chain runs without bottom halves and under RCU. */
void nat_release(struct nat *nat)
{
	struct held *held;
	bool open = true;

	mutex_lock(&nat->release);
	while (open && (held = take(nat))) {
		rcu_read_lock();
		local_bh_disable();
		open = go_on(nat, held);
		local_bh_enable();
		rcu_read_unlock();
		if (open)
			let_go(held);
		else
			put_back(nat, held);
	}
	mutex_unlock(&nat->release);
}

void nat_hold_drop(struct nat *nat)
{
	struct held *held;

	mutex_lock(&nat->release);
	while ((held = take(nat))) {
		kfree_skb(held->skb);
		let_go(held);
	}
	mutex_unlock(&nat->release);
}
