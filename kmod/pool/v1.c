// SPDX-License-Identifier: GPL-2.0
/*
 * Version 1: 16 requests with embedded buffers of 4 KiB, found by linear search. Imported requests
 * may be more and larger: they stay in the neutral form until they have been answered, and
 * meanwhile no more than 16 are outstanding in total.
 */
#include <linux/slab.h>

#include "pool/pool.h"

#define REQUESTS 16
#define BYTES	 4096

struct request {
	struct pool_flight flight; /* unused if it has no job */
	u8 buffer[BYTES];
};

struct fixed {
	struct mutex lock;
	struct pool_server *server;
	u64 last_id;
	struct list_head waiting;
	unsigned int busy;	 /* requests in use */
	struct pool_form *taken; /* imported requests, or NULL */
	struct request requests[REQUESTS];
};

static struct request *unused(struct fixed *fixed)
{
	unsigned int i = 0;

	if (fixed->busy + (fixed->taken ? fixed->taken->count : 0) >= REQUESTS)
		return NULL;
	while (fixed->requests[i].flight.job)
		i++;
	return &fixed->requests[i];
}

static void send(struct fixed *fixed, struct request *request)
{
	struct pool_flight *flight = &request->flight;

	flight->id = ++fixed->last_id;
	fixed->busy++;
	if (flight->job->write)
		memcpy(request->buffer, pool_part(flight), flight->bytes);
	pool_send(fixed->server, flight, request->buffer);
}

static void send_waiting(struct fixed *fixed)
{
	struct request *request;

	while ((request = unused(fixed)) &&
	       pool_next_part(&fixed->waiting, BYTES, &request->flight))
		send(fixed, request);
}

static void submit(void *state, struct pool_server *server, struct pool_job *job)
{
	struct fixed *fixed = state;

	pool_linger();
	mutex_lock(&fixed->lock);
	fixed->server = server;
	list_add_tail(&job->list, &fixed->waiting);
	send_waiting(fixed);
	mutex_unlock(&fixed->lock);
}

static bool answer_own(struct fixed *fixed, const struct pool_wire *wire)
{
	unsigned int i;

	for (i = 0; i < REQUESTS; i++) {
		struct request *request = &fixed->requests[i];
		struct pool_flight flight = request->flight;

		if (!flight.job || flight.id != wire->id)
			continue;
		if (!wire->write) {
			memcpy(request->buffer, wire->data, flight.bytes);
			memcpy(pool_part(&flight), request->buffer, flight.bytes);
		}
		request->flight.job = NULL;
		fixed->busy--;
		pool_part_done(&flight);
		return true;
	}
	return false;
}

static bool answer_taken(struct fixed *fixed, const struct pool_wire *wire)
{
	struct pool_form *taken = fixed->taken;
	unsigned int i;

	for (i = 0; taken && i < taken->count; i++) {
		struct pool_flight flight = taken->flights[i];

		if (flight.id != wire->id)
			continue;
		if (!wire->write)
			memcpy(pool_part(&flight), wire->data, flight.bytes);
		taken->flights[i] = taken->flights[--taken->count];
		pool_part_done(&flight);
		return true;
	}
	return false;
}

static bool answer(void *state, const struct pool_wire *wire)
{
	struct fixed *fixed = state;
	bool known;

	mutex_lock(&fixed->lock);
	known = answer_own(fixed, wire) || answer_taken(fixed, wire);
	send_waiting(fixed);
	mutex_unlock(&fixed->lock);
	return known;
}

static void *create(unsigned long size)
{
	struct fixed *fixed = kvzalloc(sizeof(*fixed), GFP_KERNEL);

	if (!fixed)
		return ERR_PTR(-ENOMEM);
	mutex_init(&fixed->lock);
	INIT_LIST_HEAD(&fixed->waiting);
	return fixed;
}

static void destroy(void *state)
{
	struct fixed *fixed = state;

	kvfree(fixed->taken);
	kvfree(fixed);
}

/* Send what was waiting in the other version. */
static void go_on(void *state)
{
	struct fixed *fixed = state;

	mutex_lock(&fixed->lock);
	send_waiting(fixed);
	mutex_unlock(&fixed->lock);
}

/* The requests stay here, for regain(); waiting jobs can be in one list only. */
static void *give(void *state)
{
	struct fixed *fixed = state;
	unsigned int taken = fixed->taken ? fixed->taken->count : 0, i;
	struct pool_form *form = pool_form_new(REQUESTS + taken);

	if (!form)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&fixed->lock);
	form->server = fixed->server;
	form->last_id = fixed->last_id;
	list_splice_init(&fixed->waiting, &form->waiting);
	for (i = 0; i < REQUESTS; i++)
		if (fixed->requests[i].flight.job)
			form->flights[form->count++] = fixed->requests[i].flight;
	for (i = 0; i < taken; i++)
		form->flights[form->count++] = fixed->taken->flights[i];
	mutex_unlock(&fixed->lock);
	return form;
}

static void *take(void *neutral)
{
	struct pool_form *form = neutral;
	struct fixed *fixed = create(0);

	if (IS_ERR(fixed))
		return fixed;
	fixed->server = form->server;
	fixed->last_id = form->last_id;
	list_splice_init(&form->waiting, &fixed->waiting);
	fixed->taken = form;
	return fixed;
}

static void regain(void *state, void *neutral)
{
	struct fixed *fixed = state;
	struct pool_form *form = neutral;

	list_splice_init(&form->waiting, &fixed->waiting);
	kvfree(form);
}

static const struct pool_ops ops = {submit, answer};

static struct swap_version version = {
	.component = POOL_COMPONENT,
	.name = "v1",
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
MODULE_DESCRIPTION("Pool of requests, version 1: 16 of 4 KiB");
