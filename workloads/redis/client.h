/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the redis workload's client, and its parts (workloads/redis/). */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "workloads/kit/keyspace.h"
#include "workloads/redis/resp.h"
#include "model/workload.h"

#define REDIS_MAX_BULK (1u << 20)

struct key {
	uint32_t acked, issued; /* versions: 0 is what the dataset was populated with */
};

/* An outstanding request. */
struct op {
	bool write;
	uint64_t key;
	uint32_t version; /* written; for a read: acknowledged when it was sent */
};

struct redis_client {
	struct lu_keyspace space;
	unsigned connections, read_percent;
	struct key *keys;
	bool *reopened;	     /* by connection: the service behind it may have lost its memory */
	GHashTable *ops;     /* id → struct op */
	GHashTable *unknown; /* key << 32 | version: writes of unknown fate */
	uint8_t *value;	     /* scratch */
	uint64_t reads, reads_stale, reads_damaged, reads_missing, errors, malformed;
	uint64_t forgotten; /* reads that found nothing behind a reopened connection */
	uint64_t writes_acked;
	/* The audit: keys by finding, separately for those written during the run. */
	bool audited;
	uint64_t audit_keys, written, written_bad, kept, kept_bad;
	int64_t dbsize;
	char *first_bad;
};

enum redis_finding { REDIS_FOUND, REDIS_MISSING, REDIS_DAMAGED, REDIS_STALE };

/* client.c: requests, and the checks that a reply permits by itself */
void redis_append_get(uint64_t key, GByteArray *out);
void redis_append_set(struct redis_client *client, uint64_t key, uint64_t version, GByteArray *out);
/* How many requests of a bulk exchange may be outstanding. */
unsigned redis_window(const struct redis_client *client);
/* For the whole dataset, ns. */
int64_t redis_whole_timeout(const struct redis_client *client);
/* A write's key in client->unknown. */
uint64_t redis_write_name(uint64_t key, uint32_t version);
/* Judges a value of a key whose write `floor` had been acknowledged before the read was sent. */
enum redis_finding redis_judge_value(struct redis_client *client, uint64_t key, uint32_t floor,
				     const struct lu_resp *resp);

/* load.c: the open-loop client's hooks (model/workload.h) */
void redis_request(void *data, uint64_t id, unsigned conn, GByteArray *out);
ssize_t redis_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		    struct lu_reply *reply);
void redis_lost(void *data, uint64_t id, unsigned conn);
void redis_reconnected(void *data, unsigned conn);

/* audit.c: reading back at the end, and the verdicts */
bool redis_audit(void *data, struct lu_exchange *exchange);
extern const struct lu_oracle redis_oracles[];
