/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services that keep values under keys, whatever their protocol: the client, its oracles and the
 * service as the simulated guest runs it. Every value names the write it came from, so each read
 * can be judged: it must not be older than what was acknowledged when the read was sent, nor newer
 * than what was written. A key is written by one connection only, so its writes have one order. A
 * write whose connection was lost may or may not have happened: both are correct from then on. At
 * the end the whole dataset is read back. A protocol is a codec: how requests and replies are
 * written.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/workload.h"
#include "workloads/kit/keyspace.h"

#define LU_KEYED_MAX_VALUE (1u << 20)

/* COUNT asks how many keys there are. */
enum lu_keyed_op { LU_KEYED_GET, LU_KEYED_SET, LU_KEYED_COUNT };

struct lu_keyed_command {
	enum lu_keyed_op op;
	const char *key; /* not terminated */
	size_t key_len;
	const uint8_t *value; /* SET */
	size_t value_len;
};

enum lu_keyed_kind {
	LU_KEYED_VALUE,
	LU_KEYED_MISSING,
	LU_KEYED_STORED,
	LU_KEYED_NUMBER, /* of keys */
	LU_KEYED_ERROR,	 /* the service says that it did not carry it out */
	LU_KEYED_OTHER,	 /* a reply that answers another kind of request */
};

struct lu_keyed_answer {
	enum lu_keyed_kind kind;
	const uint8_t *value; /* VALUE: within the buffer given */
	size_t value_len;
	int64_t number;	 /* NUMBER */
	int64_t evicted; /* NUMBER: keys that it says it has given up by itself; -1: not said */
};

struct lu_keyed_codec {
	bool counts; /* it has the operation COUNT */
	/* Append a request to out. */
	void (*request)(const struct lu_keyed_command *command, GByteArray *out);
	/* One reply to such an operation at the head of buf: bytes consumed, 0: more needed, -1:
	 * broken, or a value longer than max_value. What a guest sends is bounded by this. */
	ssize_t (*parse)(enum lu_keyed_op op, const uint8_t *buf, size_t len, size_t max_value,
			 struct lu_keyed_answer *answer);
	/* The simulated service's side of both. */
	ssize_t (*parse_command)(const uint8_t *buf, size_t len, size_t max_value,
				 struct lu_keyed_command *command);
	/* command is NULL when it could not be parsed. */
	void (*answer)(const struct lu_keyed_command *command, const struct lu_keyed_answer *answer,
		       GByteArray *out);
};

struct lu_keyed_key {
	uint32_t acked, issued; /* versions: 0 is what the dataset was populated with */
};

/* An outstanding request. */
struct lu_keyed_request {
	bool write;
	uint64_t key;
	uint32_t version; /* written; for a read: acknowledged when it was sent */
};

struct lu_keyed {
	const struct lu_keyed_codec *codec;
	struct lu_keyspace space;
	unsigned connections, read_percent;
	struct lu_keyed_key *keys;
	bool *reopened;	     /* by connection: the service behind it may have lost its memory */
	GHashTable *ops;     /* id → struct lu_keyed_request */
	GHashTable *unknown; /* key << 32 | version: writes of unknown fate */
	uint8_t *value;	     /* scratch */
	uint64_t reads, reads_stale, reads_damaged, reads_missing, errors, malformed;
	uint64_t forgotten; /* reads that found nothing behind a reopened connection */
	uint64_t writes_acked;
	/* The audit: keys by finding, separately for those written during the run. */
	bool audited;
	uint64_t audit_keys, written, written_bad, kept, kept_bad;
	int64_t number, evicted; /* what the service says of itself, -1: nothing */
	char *first_bad;
};

enum lu_keyed_finding {
	LU_KEYED_IS_RIGHT,
	LU_KEYED_IS_MISSING,
	LU_KEYED_IS_DAMAGED,
	LU_KEYED_IS_STALE
};

/* By the parameters that workloads with keys have: dataset_mb, value_bytes, read_percent, keys. */
struct lu_keyed *lu_keyed_new(const struct lu_keyed_codec *codec, const json_t *params,
			      uint64_t seed, unsigned connections);
/* How many keys those parameters make. */
uint64_t lu_keyed_count(const json_t *params);

/* keyed.c: what a reply's contents show by themselves. */
void lu_keyed_append(struct lu_keyed *client, enum lu_keyed_op op, uint64_t key, uint32_t version,
		     GByteArray *out);
/* How many requests of a bulk exchange may be outstanding. */
unsigned lu_keyed_window(const struct lu_keyed *client);
/* For the whole dataset, ns. */
int64_t lu_keyed_whole_timeout(const struct lu_keyed *client);
/* A write's key in client->unknown. */
uint64_t lu_keyed_write_name(uint64_t key, uint32_t version);
/* Judges an answer (VALUE or MISSING) to a read of a key whose write `floor` had been acknowledged
 * before the read was sent. */
enum lu_keyed_finding lu_keyed_find(struct lu_keyed *client, uint64_t key, uint32_t floor,
				    const struct lu_keyed_answer *answer);

/* Callbacks of struct lu_workload; their client is a struct lu_keyed. */
void lu_keyed_free(void *client);
bool lu_keyed_populate(void *client, struct lu_exchange *exchange);
void lu_keyed_request(void *client, uint64_t id, unsigned conn, GByteArray *out);
ssize_t lu_keyed_reply(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		       struct lu_reply *reply);
const char *lu_keyed_class(void *client, uint64_t id, unsigned conn);
void lu_keyed_lost(void *client, uint64_t id, unsigned conn);
void lu_keyed_reconnected(void *client, unsigned conn);
/* Passing connections only read: two writers of one key would have no order. */
void lu_keyed_churn(void *client, unsigned count);
bool lu_keyed_audit(void *client, struct lu_exchange *exchange);
/* Every acknowledged write is there; every other key is as it was populated; no read was wrong. */
enum lu_verdict lu_keyed_judge_writes(void *client, char **evidence);
enum lu_verdict lu_keyed_judge_dataset(void *client, char **evidence);
enum lu_verdict lu_keyed_judge_reads(void *client, char **evidence);

/* Callbacks of struct lu_service_model. */
void *lu_keyed_service_new(const struct lu_keyed_codec *codec);
void lu_keyed_service_free(void *service);
size_t lu_keyed_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
		      const char *release, GByteArray *out);
bool lu_keyed_damage(void *service, const char *kind);
