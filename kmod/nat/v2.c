// SPDX-License-Identifier: GPL-2.0
/*
 * Version 2: another layout. Records are in one array, each with a 64-bit time and counts for both
 * directions; an index with open addressing has a slot for each direction of each record. A flow
 * keeps its own port if no other flow uses it towards the same peer. No worker: creating a record
 * also expires a few idle ones.
 */
#include <linux/jhash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "nat/nat.h"

#define LOWEST	1024
#define PORTS	(65536 - LOWEST)
#define LOOK_AT 4 /* records checked for expiry per new one */

struct record {
	struct nat_key key;
	__be16 port;
	u8 ends;
	bool used;
	u64 last_ns;
	u64 packets[NAT_DIRECTIONS], bytes[NAT_DIRECTIONS];
};

struct table {
	spinlock_t lock;
	unsigned long capacity, count;
	struct record *records;
	u32 *free; /* stack of unused records */
	u32 hand;  /* where the check for expiry continues */
	u32 mask;
	u32 *slots; /* 0: empty; else 1 + 2 * record + direction */
};

static u32 slot_of(u32 record, enum nat_direction direction)
{
	return 1 + 2 * record + direction;
}

static struct record *record_of(struct table *table, u32 slot)
{
	return &table->records[(slot - 1) / 2];
}

static enum nat_direction direction_of(u32 slot)
{
	return (slot - 1) % 2;
}

static u32 hash(const struct nat_key *key, __be16 port, enum nat_direction direction)
{
	u32 remote = (__force u32)key->remote + key->proto;

	if (direction == NAT_IN)
		return jhash_2words((__force u32)key->remote_port | (__force u32)port << 16, remote,
				    3);
	return jhash_3words((__force u32)key->remote_port | (__force u32)key->inside_port << 16,
			    (__force u32)key->inside, remote, 2);
}

static u32 home(struct table *table, u32 slot)
{
	const struct record *record = record_of(table, slot);

	return hash(&record->key, record->port, direction_of(slot)) & table->mask;
}

static bool is(struct table *table, u32 slot, const struct nat_key *key, __be16 port,
	       enum nat_direction direction)
{
	const struct record *record = record_of(table, slot);
	const struct nat_key *its = &record->key;

	if (direction_of(slot) != direction || its->remote != key->remote ||
	    its->remote_port != key->remote_port || its->proto != key->proto)
		return false;
	if (direction == NAT_IN)
		return record->port == port;
	return its->inside == key->inside && its->inside_port == key->inside_port;
}

static struct record *find(struct table *table, const struct nat_key *key, __be16 port,
			   enum nat_direction direction)
{
	u32 i = hash(key, port, direction) & table->mask;

	for (; table->slots[i]; i = (i + 1) & table->mask)
		if (is(table, table->slots[i], key, port, direction))
			return record_of(table, table->slots[i]);
	return NULL;
}

static void slot_add(struct table *table, u32 slot)
{
	u32 i = home(table, slot);

	while (table->slots[i])
		i = (i + 1) & table->mask;
	table->slots[i] = slot;
}

/* Slots behind the gap move up, unless that would put them before their home slot. */
static void slot_del(struct table *table, u32 slot)
{
	u32 gap = home(table, slot), i;

	while (table->slots[gap] != slot)
		gap = (gap + 1) & table->mask;
	for (i = (gap + 1) & table->mask; table->slots[i]; i = (i + 1) & table->mask) {
		u32 from_home = (i - home(table, table->slots[i])) & table->mask;

		if (from_home < ((i - gap) & table->mask))
			continue;
		table->slots[gap] = table->slots[i];
		gap = i;
	}
	table->slots[gap] = 0;
}

static struct record *add(struct table *table, const struct nat_key *key, __be16 port)
{
	u32 i = table->free[table->count++];
	struct record *record = &table->records[i];

	*record = (struct record){.key = *key, .port = port, .used = true};
	slot_add(table, slot_of(i, NAT_OUT));
	slot_add(table, slot_of(i, NAT_IN));
	return record;
}

static void drop(struct table *table, u32 i)
{
	slot_del(table, slot_of(i, NAT_OUT));
	slot_del(table, slot_of(i, NAT_IN));
	table->records[i].used = false;
	table->free[--table->count] = i;
}

static void drop_idle(struct table *table, unsigned long looks)
{
	u64 now = ktime_get_ns();

	while (looks--) {
		u32 i = table->hand++ % table->capacity;
		const struct record *record = &table->records[i];

		if (record->used &&
		    now - record->last_ns > nat_lifetime_ns(record->key.proto, record->ends))
			drop(table, i);
	}
}

static __be16 free_port(struct table *table, const struct nat_key *key)
{
	u32 start = jhash_2words((__force u32)key->inside, (__force u16)key->inside_port, 4);
	__be16 port = key->inside_port;
	u32 i;

	for (i = 0; i < PORTS; i++) {
		if (ntohs(port) >= LOWEST && !find(table, key, port, NAT_IN))
			return port;
		port = htons(LOWEST + (start + i) % PORTS);
	}
	return 0;
}

static struct record *make(struct table *table, const struct nat_key *key)
{
	__be16 port;

	drop_idle(table, LOOK_AT);
	if (table->count == table->capacity)
		drop_idle(table, table->capacity);
	if (table->count == table->capacity)
		return NULL;
	port = free_port(table, key);
	return port ? add(table, key, port) : NULL;
}

static void note_packet(struct record *record, const struct nat_note *note,
			enum nat_direction direction)
{
	record->last_ns = ktime_get_ns();
	record->ends = nat_ends(record->ends, note);
	record->packets[direction]++;
	record->bytes[direction] += note->bytes;
}

static __be16 outbound(void *state, const struct nat_key *key, const struct nat_note *note)
{
	struct table *table = state;
	struct record *record;
	__be16 port = 0;

	spin_lock_bh(&table->lock);
	record = find(table, key, 0, NAT_OUT) ?: make(table, key);
	if (record) {
		note_packet(record, note, NAT_OUT);
		port = record->port;
	}
	spin_unlock_bh(&table->lock);
	return port;
}

static bool inbound(void *state, struct nat_key *key, __be16 port, const struct nat_note *note)
{
	struct table *table = state;
	struct record *record;

	spin_lock_bh(&table->lock);
	record = find(table, key, port, NAT_IN);
	if (record) {
		note_packet(record, note, NAT_IN);
		*key = record->key;
	}
	spin_unlock_bh(&table->lock);
	return record;
}

static unsigned long flows(void *state)
{
	const struct table *table = state;

	return READ_ONCE(table->count);
}

static void destroy(void *state)
{
	struct table *table = state;

	kvfree(table->records);
	kvfree(table->free);
	kvfree(table->slots);
	kfree(table);
}

/* Half of the slots stay empty, so that probing is short and ends. */
static void *create(unsigned long capacity)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	unsigned long slots = roundup_pow_of_two(4 * capacity), i;

	if (!table)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&table->lock);
	table->capacity = capacity;
	table->mask = slots - 1;
	table->records = kvcalloc(capacity, sizeof(*table->records), GFP_KERNEL);
	table->free = kvcalloc(capacity, sizeof(*table->free), GFP_KERNEL);
	table->slots = kvcalloc(slots, sizeof(*table->slots), GFP_KERNEL);
	if (!table->records || !table->free || !table->slots) {
		destroy(table);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < capacity; i++)
		table->free[i] = i;
	return table;
}

static void tell(const struct record *record, u64 now, struct nat_flow *flow)
{
	flow->key = record->key;
	flow->port = record->port;
	flow->ends = record->ends;
	flow->idle_ns = now - record->last_ns;
	memcpy(flow->packets, record->packets, sizeof(flow->packets));
	memcpy(flow->bytes, record->bytes, sizeof(flow->bytes));
}

/* The records stay here, for destroy(). Without quiescence there may still be callers. */
static void *give(void *state)
{
	struct table *table = state;
	struct nat_form *form = nat_form_new(table->capacity, table->count);
	unsigned long room = table->count, i;
	u64 now = ktime_get_ns();

	if (!form)
		return ERR_PTR(-ENOMEM);
	spin_lock_bh(&table->lock);
	for (i = 0; i < table->capacity; i++)
		if (table->records[i].used && form->count < room)
			tell(&table->records[i], now, &form->flows[form->count++]);
	spin_unlock_bh(&table->lock);
	return form;
}

static void *take(void *neutral)
{
	struct nat_form *form = neutral;
	struct table *table = create(form->capacity);
	u64 now = ktime_get_ns();
	unsigned long i;

	if (IS_ERR(table))
		return table;
	for (i = 0; i < form->count; i++) {
		const struct nat_flow *flow = &form->flows[i];
		struct record *record = add(table, &flow->key, flow->port);

		record->ends = flow->ends;
		record->last_ns = now - flow->idle_ns;
		memcpy(record->packets, flow->packets, sizeof(record->packets));
		memcpy(record->bytes, flow->bytes, sizeof(record->bytes));
		cond_resched();
	}
	kvfree(form);
	return table;
}

static void regain(void *state, void *form)
{
	kvfree(form);
}

static const struct nat_ops ops = {outbound, inbound, flows};

static struct swap_version version = {
	.component = NAT_COMPONENT,
	.name = "v2",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Flow table, version 2: records with counts, and an index with open addressing");
