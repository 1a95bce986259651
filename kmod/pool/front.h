/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands on both sides of a pool of requests: the device that users read and write, and the
 * server that keeps the bytes and answers each request some time later. Neither is swapped, and
 * nobody who waits here is inside a pool's code.
 */
#ifndef LU_POOL_FRONT_H
#define LU_POOL_FRONT_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/types.h>

/* A user's read or write, whole. It is the pool's from submit() until it is completed. */
struct pool_job {
	struct list_head list; /* the pool's, while there is more to ask for */
	bool write;
	u64 offset;
	u32 bytes, asked, done; /* of bytes: those in requests so far, and those answered */
	void *data;
	struct completion completion;
};

/* A request under way, as the server has it. */
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
#define POOL_WIRES	96 /* more than any version has outstanding, with what it took over */

struct pool_server;

/* What a pool is to its device and server. Both may sleep. */
struct pool_client {
	const char *name;
	struct module *owner; /* stays while the device is open */
	void (*submit)(struct pool_client *client, struct pool_job *job);
	/* The answer to that request, and the server's room for it until it returns. false: the
	 * pool knows of no such request. */
	bool (*answer)(struct pool_client *client, const struct pool_wire *wire);
	struct pool_server *server; /* from pool_front_add() on */
};

/* Makes /dev/NAME and its server. */
int pool_front_add(struct pool_client *client);
/* No user has it open any more. */
void pool_front_del(struct pool_client *client);

/* Room for a request; never NULL, as nobody has more than POOL_WIRES at once. */
struct pool_wire *pool_wire_get(struct pool_server *server);
/* Off it goes; whose id was sent before is carried out and counted again. */
void pool_wire_send(struct pool_server *server, struct pool_wire *wire);

#endif
