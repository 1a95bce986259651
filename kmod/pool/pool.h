/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pool of requests between users' jobs and a server, as in a client of a file server: versions
 * differ in the number of requests and the size of their buffers.
 */
#ifndef LU_POOL_H
#define LU_POOL_H

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/overflow.h>

#include "pool/front.h"
#include "swap/swap.h"

#define POOL_COMPONENT "pool"

/* The operations of a version; both may sleep. */
struct pool_ops {
	/* server is the same for all calls of an instance. */
	void (*submit)(void *state, struct pool_server *server, struct pool_job *job);
	/* false: no such request. */
	bool (*answer)(void *state, const struct pool_wire *wire);
};

/* A request that has been sent and not answered. */
struct pool_flight {
	u64 id;
	struct pool_job *job;
	u32 at, bytes; /* the part of the job */
};

/* The neutral form. */
struct pool_form {
	struct pool_server *server; /* NULL: nothing has been submitted yet */
	u64 last_id;
	struct list_head waiting; /* jobs with parts not sent yet, in order */
	unsigned int count;
	struct pool_flight flights[];
};

/* NULL: out of memory. Free with kvfree. */
static inline struct pool_form *pool_form_new(unsigned int flights)
{
	struct pool_form *form =
		kvzalloc(struct_size((struct pool_form *)NULL, flights, flights), GFP_KERNEL);

	if (form)
		INIT_LIST_HEAD(&form->waiting);
	return form;
}

/* The next part of the first waiting job, of at most `most` bytes. false: no job is waiting. */
static inline bool pool_next_part(struct list_head *waiting, u32 most, struct pool_flight *flight)
{
	struct pool_job *job = list_first_entry_or_null(waiting, struct pool_job, list);

	if (!job)
		return false;
	flight->job = job;
	flight->at = job->asked;
	flight->bytes = min(most, job->bytes - job->asked);
	job->asked += flight->bytes;
	if (job->asked == job->bytes)
		list_del_init(&job->list);
	return true;
}

static inline void *pool_part(const struct pool_flight *flight)
{
	return flight->job->data + flight->at;
}

/* data: for a write, the bytes to be written. */
static inline void pool_send(struct pool_server *server, const struct pool_flight *flight,
			     const void *data)
{
	struct pool_wire *wire = pool_wire_get(server);

	wire->id = flight->id;
	wire->write = flight->job->write;
	wire->offset = flight->job->offset + flight->at;
	wire->bytes = flight->bytes;
	if (wire->write)
		memcpy(wire->data, data, wire->bytes);
	pool_wire_send(server, wire);
}

/* A part is complete. After the last one the job belongs to its user again. */
static inline void pool_part_done(const struct pool_flight *flight)
{
	struct pool_job *job = flight->job;

	job->done += flight->bytes;
	if (job->done == job->bytes)
		complete(&job->completion);
}

extern unsigned int pool_linger_us;
bool pool_lingers(void);

/* Now and then a call lingers at the worst point for a swap: inside, before it has done anything.
 * Inline, so that this happens in the version's own code. */
static __always_inline void pool_linger(void)
{
	if (unlikely(READ_ONCE(pool_linger_us)) && pool_lingers())
		usleep_range(pool_linger_us, pool_linger_us + 10);
}

#endif
