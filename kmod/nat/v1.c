// SPDX-License-Identifier: GPL-2.0
/*
 * Version 1: a hash table with chains; an entry is linked in two of them, one per direction. Ports
 * are assigned in turn, and a worker expires idle entries.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "nat/nat.h"

#define FIRST_PORT 20000
#define PORTS	   40000
#define SWEEP	   HZ  /* interval between two passes over all entries */
#define AT_ONCE	   256 /* chains handled without a break */

struct link {
	struct hlist_node node;
	u8 direction;
};

struct entry {
	struct link links[NAT_DIRECTIONS];
	struct nat_key key;
	__be16 port;
	u8 ends;
	u32 last; /* jiffies */
};

struct chains {
	spinlock_t lock;
	unsigned long capacity, count;
	u32 mask;
	unsigned int next_port;
	struct delayed_work sweep;
	struct hlist_head *heads;
};

static u32 hash(const struct nat_key *key, __be16 port, enum nat_direction direction)
{
	u32 remote = (__force u32)key->remote ^ key->proto;

	if (direction == NAT_IN)
		return jhash_2words(remote, (__force u32)key->remote_port << 16 | (__force u16)port,
				    1);
	return jhash_3words((__force u32)key->inside, remote,
			    (__force u32)key->inside_port << 16 | (__force u16)key->remote_port, 0);
}

static struct entry *entry_of(struct link *link)
{
	return container_of(link, struct entry, links[link->direction]);
}

static bool is_remote(const struct nat_key *a, const struct nat_key *b)
{
	return a->remote == b->remote && a->remote_port == b->remote_port && a->proto == b->proto;
}

static bool is(const struct entry *entry, const struct nat_key *key, __be16 port,
	       enum nat_direction direction)
{
	if (!is_remote(&entry->key, key))
		return false;
	if (direction == NAT_IN)
		return entry->port == port;
	return entry->key.inside == key->inside && entry->key.inside_port == key->inside_port;
}

static struct entry *find(struct chains *chains, const struct nat_key *key, __be16 port,
			  enum nat_direction direction)
{
	struct hlist_head *head = &chains->heads[hash(key, port, direction) & chains->mask];
	struct link *link;

	hlist_for_each_entry(link, head, node) if (link->direction == direction &&
						   is(entry_of(link), key, port,
						      direction)) return entry_of(link);
	return NULL;
}

static void insert(struct chains *chains, struct entry *entry)
{
	enum nat_direction direction;

	for (direction = NAT_OUT; direction < NAT_DIRECTIONS; direction++) {
		u32 where = hash(&entry->key, entry->port, direction) & chains->mask;

		entry->links[direction].direction = direction;
		hlist_add_head(&entry->links[direction].node, &chains->heads[where]);
	}
	chains->count++;
}

static void drop(struct chains *chains, struct entry *entry)
{
	hlist_del(&entry->links[NAT_OUT].node);
	hlist_del(&entry->links[NAT_IN].node);
	chains->count--;
	kfree(entry);
}

static __be16 free_port(struct chains *chains, const struct nat_key *key)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++) {
		__be16 port = htons(FIRST_PORT + chains->next_port++ % PORTS);

		if (!find(chains, key, port, NAT_IN))
			return port;
	}
	return 0;
}

static struct entry *make(struct chains *chains, const struct nat_key *key)
{
	__be16 port = chains->count < chains->capacity ? free_port(chains, key) : 0;
	struct entry *entry = port ? kzalloc(sizeof(*entry), GFP_ATOMIC) : NULL;

	if (!entry)
		return NULL;
	entry->key = *key;
	entry->port = port;
	insert(chains, entry);
	return entry;
}

static void note_packet(struct entry *entry, const struct nat_note *note)
{
	entry->last = jiffies;
	entry->ends = nat_ends(entry->ends, note);
}

static __be16 outbound(void *state, const struct nat_key *key, const struct nat_note *note)
{
	struct chains *chains = state;
	struct entry *entry;
	__be16 port = 0;

	spin_lock_bh(&chains->lock);
	entry = find(chains, key, 0, NAT_OUT) ?: make(chains, key);
	if (entry) {
		note_packet(entry, note);
		port = entry->port;
	}
	spin_unlock_bh(&chains->lock);
	return port;
}

static bool inbound(void *state, struct nat_key *key, __be16 port, const struct nat_note *note)
{
	struct chains *chains = state;
	struct entry *entry;

	spin_lock_bh(&chains->lock);
	entry = find(chains, key, port, NAT_IN);
	if (entry) {
		note_packet(entry, note);
		*key = entry->key;
	}
	spin_unlock_bh(&chains->lock);
	return entry;
}

static unsigned long flows(void *state)
{
	struct chains *chains = state;

	return READ_ONCE(chains->count);
}

static u64 idle_ns(const struct entry *entry)
{
	return jiffies_to_nsecs((u32)jiffies - entry->last);
}

static void sweep_chain(struct chains *chains, struct hlist_head *head)
{
	struct hlist_node *node;
	struct link *link;

	/* Only by its outbound link, or an entry could be freed while the walk
	 * is at its other link. */
	hlist_for_each_entry_safe(link, node, head, node)
	{
		struct entry *entry = entry_of(link);

		if (link->direction == NAT_OUT &&
		    idle_ns(entry) > nat_lifetime_ns(entry->key.proto, entry->ends)) {
			/* Its other link may be the next in this chain. */
			if (node == &entry->links[NAT_IN].node)
				node = node->next;
			drop(chains, entry);
		}
	}
}

static void sweep(struct work_struct *item)
{
	struct chains *chains = container_of(to_delayed_work(item), struct chains, sweep);
	u32 i;

	spin_lock_bh(&chains->lock);
	for (i = 0; i <= chains->mask; i++) {
		if (i && !(i % AT_ONCE)) {
			spin_unlock_bh(&chains->lock);
			cond_resched();
			spin_lock_bh(&chains->lock);
		}
		sweep_chain(chains, &chains->heads[i]);
	}
	spin_unlock_bh(&chains->lock);
	schedule_delayed_work(&chains->sweep, SWEEP);
}

static void stop(void *state)
{
	struct chains *chains = state;

	cancel_delayed_work_sync(&chains->sweep);
}

static void go_on(void *state)
{
	struct chains *chains = state;

	schedule_delayed_work(&chains->sweep, SWEEP);
}

static struct chains *chains_new(unsigned long capacity)
{
	struct chains *chains = kzalloc(sizeof(*chains), GFP_KERNEL);
	unsigned long heads = roundup_pow_of_two(capacity);

	if (!chains)
		return NULL;
	chains->heads = kvcalloc(heads, sizeof(*chains->heads), GFP_KERNEL);
	if (!chains->heads) {
		kfree(chains);
		return NULL;
	}
	spin_lock_init(&chains->lock);
	INIT_DELAYED_WORK(&chains->sweep, sweep);
	chains->capacity = capacity;
	chains->mask = heads - 1;
	return chains;
}

static void *create(unsigned long capacity)
{
	struct chains *chains = chains_new(capacity);

	if (!chains)
		return ERR_PTR(-ENOMEM);
	go_on(chains);
	return chains;
}

/* Halted, so it has no other user. */
static void destroy(void *state)
{
	struct chains *chains = state;
	struct hlist_node *node;
	struct link *link;
	u32 i;

	for (i = 0; i <= chains->mask; i++)
		while ((node = chains->heads[i].first)) {
			link = hlist_entry(node, struct link, node);
			drop(chains, entry_of(link));
		}
	kvfree(chains->heads);
	kfree(chains);
}

static void tell(const struct entry *entry, struct nat_flow *flow)
{
	flow->key = entry->key;
	flow->port = entry->port;
	flow->ends = entry->ends;
	flow->idle_ns = idle_ns(entry);
}

/* The entries stay here, for regain() or destroy(). Without quiescence there
 * may still be callers. */
static void *give(void *state)
{
	struct chains *chains = state;
	struct nat_form *form = nat_form_new(chains->capacity, chains->count);
	unsigned long room = chains->count;
	struct link *link;
	u32 i;

	if (!form)
		return ERR_PTR(-ENOMEM);
	spin_lock_bh(&chains->lock);
	for (i = 0; i <= chains->mask; i++)
		hlist_for_each_entry(link, &chains->heads[i],
				     node) if (link->direction == NAT_OUT && form->count < room)
			tell(entry_of(link), &form->flows[form->count++]);
	spin_unlock_bh(&chains->lock);
	return form;
}

static struct entry *entry_new(const struct nat_flow *flow)
{
	struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->key = flow->key;
	entry->port = flow->port;
	entry->ends = flow->ends;
	entry->last = (u32)jiffies - (u32)nsecs_to_jiffies(flow->idle_ns);
	return entry;
}

static void *take(void *neutral)
{
	struct nat_form *form = neutral;
	struct chains *chains = chains_new(form->capacity);
	struct entry *entry;
	unsigned long i;

	if (!chains)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < form->count; i++) {
		entry = entry_new(&form->flows[i]);
		if (!entry) {
			destroy(chains);
			return ERR_PTR(-ENOMEM);
		}
		insert(chains, entry);
		cond_resched();
	}
	kvfree(form);
	return chains;
}

static void regain(void *state, void *form)
{
	kvfree(form);
}

static const struct nat_ops ops = {outbound, inbound, flows};

static struct swap_version version = {
	.component = NAT_COMPONENT,
	.name = "v1",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.halt = stop,
	.resume = go_on,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Flow table, version 1: chains");
