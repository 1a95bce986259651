// SPDX-License-Identifier: GPL-2.0
/*
 * A thread that carries out requests in order of arrival, each a fixed time after it was sent.
 * Outstanding requests wait concurrently, so more of them give a higher throughput.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "pool/server.h"

struct pool_server {
	struct pool_client *client;
	unsigned long bytes;
	unsigned int latency_us;
	void *store;
	spinlock_t lock; /* protects lists and stats */
	struct list_head idle, under_way;
	struct pool_wire wires[POOL_WIRES];
	wait_queue_head_t arrived, returned;
	u64 last_id;
	u32 now;
	struct pool_stats stats;
	struct task_struct *thread;
};

static struct pool_wire *grab(struct pool_server *server, struct list_head *from)
{
	struct pool_wire *wire;

	spin_lock(&server->lock);
	wire = list_first_entry_or_null(from, struct pool_wire, list);
	if (wire)
		list_del(&wire->list);
	spin_unlock(&server->lock);
	return wire;
}

struct pool_wire *pool_wire_get(struct pool_server *server)
{
	struct pool_wire *wire;

	wait_event(server->returned, (wire = grab(server, &server->idle)));
	return wire;
}
EXPORT_SYMBOL_GPL(pool_wire_get);

void pool_wire_send(struct pool_server *server, struct pool_wire *wire)
{
	wire->due_ns = ktime_get_ns() + server->latency_us * (u64)NSEC_PER_USEC;
	spin_lock(&server->lock);
	list_add_tail(&wire->list, &server->under_way);
	server->stats.most = max(server->stats.most, ++server->now);
	spin_unlock(&server->lock);
	wake_up(&server->arrived);
}
EXPORT_SYMBOL_GPL(pool_wire_send);

static void put(struct pool_server *server, struct pool_wire *wire)
{
	spin_lock(&server->lock);
	list_add_tail(&wire->list, &server->idle);
	server->now--;
	spin_unlock(&server->lock);
	wake_up(&server->returned);
}

static void carry_out(struct pool_server *server, struct pool_wire *wire)
{
	if (wire->write)
		memcpy(server->store + wire->offset, wire->data, wire->bytes);
	else
		memcpy(wire->data, server->store + wire->offset, wire->bytes);
	spin_lock(&server->lock);
	server->stats.requests++;
	if (wire->write)
		server->stats.written += wire->bytes;
	else
		server->stats.read += wire->bytes;
	if (wire->id <= server->last_id)
		server->stats.repeated++;
	else
		server->last_id = wire->id;
	spin_unlock(&server->lock);
}

static void serve(struct pool_server *server, struct pool_wire *wire)
{
	struct pool_client *client = server->client;
	u64 now = ktime_get_ns();

	if (wire->due_ns > now)
		usleep_range((wire->due_ns - now) / NSEC_PER_USEC + 1,
			     (wire->due_ns - now) / NSEC_PER_USEC + 50);
	carry_out(server, wire);
	if (!client->answer(client, wire)) {
		spin_lock(&server->lock);
		server->stats.unknown++;
		spin_unlock(&server->lock);
	}
	put(server, wire);
}

static int run(void *data)
{
	struct pool_server *server = data;
	struct pool_wire *wire = NULL;

	while (!kthread_should_stop()) {
		wait_event_idle(server->arrived,
				(wire = grab(server, &server->under_way)) || kthread_should_stop());
		if (wire)
			serve(server, wire);
	}
	return 0;
}

static int wires_init(struct pool_server *server)
{
	unsigned int i;

	for (i = 0; i < POOL_WIRES; i++) {
		server->wires[i].data = kvmalloc(POOL_WIRE_BYTES, GFP_KERNEL);
		if (!server->wires[i].data)
			return -ENOMEM;
		list_add_tail(&server->wires[i].list, &server->idle);
	}
	return 0;
}

static void discard(struct pool_server *server)
{
	unsigned int i;

	for (i = 0; i < POOL_WIRES; i++)
		kvfree(server->wires[i].data);
	vfree(server->store);
	kvfree(server);
}

struct pool_server *pool_server_new(struct pool_client *client, unsigned long bytes,
				    unsigned int latency_us)
{
	struct pool_server *server = kvzalloc(sizeof(*server), GFP_KERNEL);

	if (!server)
		return NULL;
	server->client = client;
	server->bytes = bytes;
	server->latency_us = latency_us;
	spin_lock_init(&server->lock);
	INIT_LIST_HEAD(&server->idle);
	INIT_LIST_HEAD(&server->under_way);
	init_waitqueue_head(&server->arrived);
	init_waitqueue_head(&server->returned);
	server->store = vzalloc(bytes);
	if (server->store && !wires_init(server))
		server->thread = kthread_run(run, server, "%s", client->name);
	if (!IS_ERR_OR_NULL(server->thread))
		return server;
	discard(server);
	return NULL;
}

void pool_server_free(struct pool_server *server)
{
	kthread_stop(server->thread);
	discard(server);
}

unsigned long pool_server_bytes(const struct pool_server *server)
{
	return server->bytes;
}

void pool_server_stats(struct pool_server *server, struct pool_stats *stats)
{
	spin_lock(&server->lock);
	*stats = server->stats;
	spin_unlock(&server->lock);
}
