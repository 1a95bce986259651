// SPDX-License-Identifier: GPL-2.0
/*
 * The qdisc "luq", for the root of a device: limits the rate (so that queues build up) and counts
 * packets; a version decides their order. Each is an instance luqN. Calls come with the qdisc's
 * lock held and cannot wait at a closed gate: packets that arrive meanwhile are kept, in order, and
 * passed on before anything else.
 */
#include <linux/idr.h>
#include <linux/ktime.h>
#include <net/pkt_sched.h>

#include "queue/options.h"
#include "queue/queue.h"

#define LIMIT	  1000 /* packets, by default */
#define LIMIT_MAX 30000
#define BURST_NS  2000000 /* a timer that is late by less than this does not reduce the rate */
#define NUMBERS	  16

static char *version = "v1";
module_param(version, charp, 0444);
MODULE_PARM_DESC(version, "initial version of a new qdisc");

static DEFINE_IDA(numbers);

struct luq {
	struct swap_instance instance;
	struct Qdisc *sch;
	struct sk_buff_head kept; /* arrived while the gate was closed */
	bool voided; /* reset while it was closed: the version's packets are to be discarded */
	u64 rate, free_ns; /* bytes/s; when the next packet may leave */
	struct qdisc_watchdog watchdog;
	int number;
	bool registered;
	char name[16];
};

/* The first call after the gate has reopened passes on what was kept. */
static void catch_up(struct luq *luq, const struct swap_binding *binding)
{
	const struct queue_ops *ops = binding->ops;
	struct sk_buff *skb;

	if (luq->voided)
		ops->reset(binding->state);
	luq->voided = false;
	while ((skb = __skb_dequeue(&luq->kept)))
		ops->enqueue(binding->state, skb);
}

/* Enter the version; NULL while the gate is closed. */
static const struct swap_binding *enter(struct luq *luq, int *how)
{
	const struct swap_binding *binding = swap_enter_atomic(&luq->instance, how);

	if (binding && unlikely(luq->voided || !skb_queue_empty(&luq->kept)))
		catch_up(luq, binding);
	return binding;
}

static int enqueue(struct sk_buff *skb, struct Qdisc *sch, struct sk_buff **to_free)
{
	struct luq *luq = qdisc_priv(sch);
	const struct swap_binding *binding;
	const struct queue_ops *ops;
	int how;

	if (sch->q.qlen >= sch->limit)
		return qdisc_drop(skb, sch, to_free);
	sch->q.qlen++;
	qdisc_qstats_backlog_inc(sch, skb);
	binding = enter(luq, &how);
	if (!binding) {
		__skb_queue_tail(&luq->kept, skb);
		return NET_XMIT_SUCCESS;
	}
	ops = binding->ops;
	ops->enqueue(binding->state, skb);
	swap_exit(&luq->instance, how);
	return NET_XMIT_SUCCESS;
}

static struct sk_buff *next(struct luq *luq)
{
	const struct swap_binding *binding;
	const struct queue_ops *ops;
	struct sk_buff *skb;
	int how;

	binding = enter(luq, &how);
	if (!binding)
		return NULL; /* reopened() makes the device ask again */
	ops = binding->ops;
	skb = ops->dequeue(binding->state);
	swap_exit(&luq->instance, how);
	return skb;
}

static void pay(struct luq *luq, const struct sk_buff *skb, u64 now)
{
	if (!luq->rate)
		return;
	luq->free_ns = max(luq->free_ns, now - BURST_NS) +
		       div64_u64((u64)qdisc_pkt_len(skb) * NSEC_PER_SEC, luq->rate);
}

static struct sk_buff *dequeue(struct Qdisc *sch)
{
	struct luq *luq = qdisc_priv(sch);
	u64 now = ktime_get_ns();
	struct sk_buff *skb;

	if (!sch->q.qlen)
		return NULL;
	if (now < luq->free_ns) {
		qdisc_watchdog_schedule_ns(&luq->watchdog, luq->free_ns);
		return NULL;
	}
	skb = next(luq);
	if (!skb)
		return NULL;
	pay(luq, skb, now);
	sch->q.qlen--;
	qdisc_qstats_backlog_dec(sch, skb);
	qdisc_bstats_update(sch, skb);
	return skb;
}

static struct sk_buff *peek(struct Qdisc *sch)
{
	struct luq *luq = qdisc_priv(sch);
	const struct swap_binding *binding;
	const struct queue_ops *ops;
	struct sk_buff *skb;
	int how;

	binding = enter(luq, &how);
	if (!binding)
		return NULL;
	ops = binding->ops;
	skb = ops->peek(binding->state);
	swap_exit(&luq->instance, how);
	return skb;
}

/* In process context, after the gate has opened. */
static void reopened(struct swap_instance *instance)
{
	struct luq *luq = container_of(instance, struct luq, instance);
	spinlock_t *lock = qdisc_lock(luq->sch);
	int how;

	spin_lock_bh(lock);
	if (enter(luq, &how))
		swap_exit(instance, how);
	spin_unlock_bh(lock);
	rcu_read_lock_bh();
	__netif_schedule(luq->sch);
	rcu_read_unlock_bh();
}

static void reset(struct Qdisc *sch)
{
	struct luq *luq = qdisc_priv(sch);
	const struct swap_binding *binding;
	const struct queue_ops *ops;
	int how;

	qdisc_watchdog_cancel(&luq->watchdog);
	luq->free_ns = 0;
	__skb_queue_purge(&luq->kept);
	if (!luq->registered)
		return;
	binding = swap_enter_atomic(&luq->instance, &how);
	if (!binding) {
		luq->voided = true;
		return;
	}
	ops = binding->ops;
	ops->reset(binding->state);
	swap_exit(&luq->instance, how);
}

static const struct nla_policy policy[LUQ_ATTRS] = {
	[LUQ_RATE] = {.type = NLA_U64},
	[LUQ_LIMIT] = NLA_POLICY_RANGE(NLA_U32, 1, LIMIT_MAX),
};

static int parse(struct Qdisc *sch, struct nlattr *opt, struct netlink_ext_ack *extack)
{
	struct luq *luq = qdisc_priv(sch);
	struct nlattr *attrs[LUQ_ATTRS] = {};
	int error;

	sch->limit = LIMIT;
	if (!opt)
		return 0;
	error = nla_parse_nested(attrs, LUQ_ATTRS - 1, opt, policy, extack);
	if (error)
		return error;
	if (attrs[LUQ_RATE])
		luq->rate = nla_get_u64(attrs[LUQ_RATE]);
	if (attrs[LUQ_LIMIT])
		sch->limit = nla_get_u32(attrs[LUQ_LIMIT]);
	return 0;
}

static int begin(struct luq *luq)
{
	int error;

	luq->number = ida_alloc_max(&numbers, NUMBERS - 1, GFP_KERNEL);
	if (luq->number < 0)
		return luq->number;
	snprintf(luq->name, sizeof(luq->name), "luq%d", luq->number);
	luq->instance.name = luq->name;
	luq->instance.component = QUEUE_COMPONENT;
	luq->instance.owner = THIS_MODULE;
	luq->instance.reopened = reopened;
	error = swap_instance_register(&luq->instance, version, 0);
	luq->registered = !error;
	if (error)
		ida_free(&numbers, luq->number);
	return error;
}

static int init(struct Qdisc *sch, struct nlattr *opt, struct netlink_ext_ack *extack)
{
	struct luq *luq = qdisc_priv(sch);
	int error;

	/* destroy() is called whether or not this succeeds. */
	qdisc_watchdog_init(&luq->watchdog, sch);
	__skb_queue_head_init(&luq->kept);
	luq->sch = sch;
	/* reopened() takes the qdisc's own lock, which must be a root's. */
	if (sch->parent != TC_H_ROOT) {
		NL_SET_ERR_MSG(extack, "luq is for the root of a device");
		return -EOPNOTSUPP;
	}
	error = parse(sch, opt, extack);
	return error ? error : begin(luq);
}

static void destroy(struct Qdisc *sch)
{
	struct luq *luq = qdisc_priv(sch);

	qdisc_watchdog_cancel(&luq->watchdog);
	if (luq->registered) {
		swap_instance_unregister(&luq->instance);
		ida_free(&numbers, luq->number);
	}
	__skb_queue_purge(&luq->kept);
}

static int dump(struct Qdisc *sch, struct sk_buff *skb)
{
	struct luq *luq = qdisc_priv(sch);
	struct nlattr *nest = nla_nest_start_noflag(skb, TCA_OPTIONS);

	if (!nest || nla_put_u64_64bit(skb, LUQ_RATE, luq->rate, LUQ_UNSPEC) ||
	    nla_put_u32(skb, LUQ_LIMIT, sch->limit)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	return nla_nest_end(skb, nest);
}

static struct Qdisc_ops luq_ops = {
	.id = LUQ_KIND,
	.priv_size = sizeof(struct luq),
	.enqueue = enqueue,
	.dequeue = dequeue,
	.peek = peek,
	.init = init,
	.reset = reset,
	.destroy = destroy,
	.dump = dump,
	.owner = THIS_MODULE,
};

static int __init queue_init(void)
{
	return register_qdisc(&luq_ops);
}

static void __exit queue_exit(void)
{
	unregister_qdisc(&luq_ops);
}

module_init(queue_init);
module_exit(queue_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packet scheduler with a swappable implementation");
