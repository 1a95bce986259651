/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol between two versions of tick (docs/reference/handover-protocol.md): messages over a
 * SOCK_SEQPACKET socket of one machine, so integers are in host byte order. The new version sends
 * requests, the old one answers.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "workloads/tick/guest/state.h"

#define WIRE_PROTOCOL 1
#define WIRE_RUN      15 /* maximum number of buckets in a message */
#define WIRE_MAX      81920

enum wire_type {
	/* from the new one */
	WIRE_ROUND = 1, /* send dirty buckets while serving */
	WIRE_PAUSE,	/* pause between two requests */
	WIRE_REST,	/* send the remaining dirty buckets, all other state, and the sockets */
	WIRE_TAKE,	/* everything has arrived: stop serving for good */
	/* from the old one */
	WIRE_HELLO,  /* struct wire_config */
	WIRE_DATA,   /* a: first bucket, b: how many; in the old one's layout */
	WIRE_SENT,   /* a: buckets of that round */
	WIRE_PAUSED, /* paused */
	WIRE_STATE,  /* struct wire_state, with the listening socket */
	WIRE_CONN,   /* struct wire_conn and its bytes, with the connection's socket */
	WIRE_END,    /* a: connections */
	WIRE_GONE,   /* has stopped serving for good */
};

struct wire_message {
	uint32_t type, bytes; /* bytes: length of the payload */
	uint64_t a, b;
};

struct wire_config {
	uint64_t protocol, version, seed, state_mb, dirty_bytes;
};

struct wire_state {
	uint64_t counter, hash, sum;
};

struct wire_conn {
	uint64_t hash;
	uint32_t in_fill, out_fill, closing; /* in_fill bytes, then out_fill bytes follow */
};

/* pass: a descriptor, or -1. false with errno. */
bool wire_send(int fd, const struct wire_message *message, const void *payload, int pass,
	       int flags);
/* payload has WIRE_MAX bytes. *passed: a descriptor or -1; NULL: none is expected. Returns 1; 0:
 * the peer is gone; -1 with errno (EPROTO: not a message). */
int wire_receive(int fd, struct wire_message *message, void *payload, int *passed, int flags);
