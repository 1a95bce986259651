// SPDX-License-Identifier: GPL-2.0
/*
 * Version 2: 64 requests with separately allocated buffers of 16 KiB; an index by number, and a
 * bitmap of those in use.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "pool/pool.h"

#define REQUESTS 64
#define BYTES	 16384

struct sized {
	struct mutex lock;
	struct pool_server *server;
	u64 last_id;
	struct list_head waiting;
	DECLARE_BITMAP(busy, REQUESTS);
	struct xarray index; /* of flights, by id */
	struct pool_flight flights[REQUESTS];
	void *buffers[REQUESTS];
};

/* Numbers of outstanding requests are never far apart, so the index stays small. */
static int occupy(struct sized *sized, unsigned int i, const struct pool_flight *flight)
{
	int error = xa_err(xa_store(&sized->index, flight->id, xa_mk_value(i), GFP_KERNEL));

	if (error)
		return error;
	sized->flights[i] = *flight;
	__set_bit(i, sized->busy);
	return 0;
}

/* Without memory for the index the part stays with its job, to be requested later. */
static bool send(struct sized *sized, unsigned int i, struct pool_flight *flight)
{
	flight->id = ++sized->last_id;
	if (occupy(sized, i, flight)) {
		flight->job->asked -= flight->bytes;
		if (list_empty(&flight->job->list))
			list_add(&flight->job->list, &sized->waiting);
		return false;
	}
	if (flight->job->write)
		memcpy(sized->buffers[i], pool_part(flight), flight->bytes);
	pool_send(sized->server, flight, sized->buffers[i]);
	return true;
}

static void send_waiting(struct sized *sized)
{
	struct pool_flight flight;
	unsigned int i;

	for (;;) {
		i = find_first_zero_bit(sized->busy, REQUESTS);
		if (i == REQUESTS || !pool_next_part(&sized->waiting, BYTES, &flight) ||
		    !send(sized, i, &flight))
			return;
	}
}

static void submit(void *state, struct pool_server *server, struct pool_job *job)
{
	struct sized *sized = state;

	pool_linger();
	mutex_lock(&sized->lock);
	sized->server = server;
	list_add_tail(&job->list, &sized->waiting);
	send_waiting(sized);
	mutex_unlock(&sized->lock);
}

static bool finish(struct sized *sized, const struct pool_wire *wire)
{
	void *entry = xa_erase(&sized->index, wire->id);
	struct pool_flight flight;
	unsigned int i;

	if (!entry)
		return false;
	i = xa_to_value(entry);
	flight = sized->flights[i];
	if (!wire->write) {
		memcpy(sized->buffers[i], wire->data, flight.bytes);
		memcpy(pool_part(&flight), sized->buffers[i], flight.bytes);
	}
	__clear_bit(i, sized->busy);
	pool_part_done(&flight);
	return true;
}

static bool answer(void *state, const struct pool_wire *wire)
{
	struct sized *sized = state;
	bool known;

	mutex_lock(&sized->lock);
	known = finish(sized, wire);
	send_waiting(sized);
	mutex_unlock(&sized->lock);
	return known;
}

static void destroy(void *state)
{
	struct sized *sized = state;
	unsigned int i;

	xa_destroy(&sized->index);
	for (i = 0; i < REQUESTS; i++)
		kvfree(sized->buffers[i]);
	kvfree(sized);
}

static void *create(unsigned long size)
{
	struct sized *sized = kvzalloc(sizeof(*sized), GFP_KERNEL);
	unsigned int i;

	if (!sized)
		return ERR_PTR(-ENOMEM);
	mutex_init(&sized->lock);
	INIT_LIST_HEAD(&sized->waiting);
	xa_init(&sized->index);
	for (i = 0; i < REQUESTS; i++) {
		sized->buffers[i] = kvmalloc(BYTES, GFP_KERNEL);
		if (!sized->buffers[i]) {
			destroy(sized);
			return ERR_PTR(-ENOMEM);
		}
	}
	return sized;
}

/* Send what was waiting in the other version. */
static void go_on(void *state)
{
	struct sized *sized = state;

	mutex_lock(&sized->lock);
	send_waiting(sized);
	mutex_unlock(&sized->lock);
}

/* The requests stay here, for regain(); waiting jobs can be in one list only. */
static void *give(void *state)
{
	struct sized *sized = state;
	struct pool_form *form = pool_form_new(REQUESTS);
	unsigned int i;

	if (!form)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&sized->lock);
	form->server = sized->server;
	form->last_id = sized->last_id;
	list_splice_init(&sized->waiting, &form->waiting);
	for_each_set_bit(i, sized->busy, REQUESTS) form->flights[form->count++] = sized->flights[i];
	mutex_unlock(&sized->lock);
	return form;
}

/* No version has more outstanding than fit here. */
static void *take(void *neutral)
{
	struct pool_form *form = neutral;
	struct sized *sized = create(0);
	unsigned int i;
	int error;

	if (IS_ERR(sized))
		return sized;
	error = form->count > REQUESTS ? -ENOBUFS : 0;
	for (i = 0; !error && i < form->count; i++)
		error = occupy(sized, i, &form->flights[i]);
	if (error) {
		destroy(sized);
		return ERR_PTR(error);
	}
	sized->server = form->server;
	sized->last_id = form->last_id;
	list_splice_init(&form->waiting, &sized->waiting);
	kvfree(form);
	return sized;
}

static void regain(void *state, void *neutral)
{
	struct sized *sized = state;
	struct pool_form *form = neutral;

	list_splice_init(&form->waiting, &sized->waiting);
	kvfree(form);
}

static const struct pool_ops ops = {submit, answer};

static struct swap_version version = {
	.component = POOL_COMPONENT,
	.name = "v2",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.resume = go_on,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Pool of requests, version 2: 64 of 16 KiB");
