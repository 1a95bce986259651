/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two sides of a pool of requests: the device that users read and write, and the server that
 * stores the bytes and answers each request some time later. Neither is swapped, and callers that
 * wait here are not inside a pool's code.
 */
#ifndef LU_POOL_FRONT_H
#define LU_POOL_FRONT_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>

/* A complete read or write of a user. It belongs to the pool from submit()
 * until it is completed. */
struct pool_job {
	struct list_head list; /* for the pool, while parts remain to be requested */
	bool write;
	u64 offset;
	u32 bytes, asked, done; /* of bytes: requested so far, and answered */
	void *data;
	struct completion completion;
};

/* An outstanding request at the server. */
struct pool_wire {
	struct list_head list;
	u64 id;
	bool write;
	u64 offset;
	u32 bytes;
	u64 due_ns;
	void *data; /* room for POOL_WIRE_BYTES */
};

#define POOL_WIRE_BYTES 16384
#define POOL_WIRES	96 /* more than any version has outstanding, including imported ones */

struct pool_server;

/* The pool's interface to its device and server. Both functions may sleep. */
struct pool_client {
	const char *name;
	struct module *owner; /* pinned while the device is open */
	void (*submit)(struct pool_client *client, struct pool_job *job);
	/* The answer to a request; its buffer belongs to the server again on return. false: the
	 * pool knows of no such request. */
	bool (*answer)(struct pool_client *client, const struct pool_wire *wire);
	struct pool_server *server; /* from pool_front_add() on */
};

/* Create /dev/NAME and its server. */
int pool_front_add(struct pool_client *client);
/* Remove them; no user may have the device open any more. */
void pool_front_del(struct pool_client *client);

/* A buffer for a request; never NULL, as no version has more than POOL_WIRES at once. */
struct pool_wire *pool_wire_get(struct pool_server *server);
/* Send the request; one whose id was sent before is carried out again, and counted as repeated. */
void pool_wire_send(struct pool_server *server, struct pool_wire *wire);

#endif
