/* SPDX-License-Identifier: GPL-2.0 */
/* The server of a pool's requests: bytes in memory, behind a latency. */
#ifndef LU_POOL_SERVER_H
#define LU_POOL_SERVER_H

#include "pool/front.h"

struct pool_stats {
	u64 requests, read, written; /* requests carried out, and their bytes */
	u64 repeated;		     /* requests whose number was not higher than the last */
	u64 unknown;		     /* answers that match no request of the pool */
	u32 most;		     /* outstanding at once */
};

struct pool_server *pool_server_new(struct pool_client *client, unsigned long bytes,
				    unsigned int latency_us);
/* No request may be outstanding any more. */
void pool_server_free(struct pool_server *server);
unsigned long pool_server_bytes(const struct pool_server *server);
void pool_server_stats(struct pool_server *server, struct pool_stats *stats);

#endif
