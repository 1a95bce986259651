/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat: numbered messages over many flows through two NATs (docs/design/hotswap-nat.md). Its parts:
 * the network of namespaces, the echo on the far side, and the flows with their findings.
 */
#pragma once
#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define NATS	  2
#define ECHO_PORT 7000

enum { MESSAGE_MIN = 64, MESSAGE_MAX = 1400 };

/* The error made on purpose (--spoil): with a message of a thread's flow, or with a request. */
enum spoil {
	SPOIL_NONE,
	SPOIL_LOSE,   /* the echo keeps it */
	SPOIL_DOUBLE, /* the echo sends it back twice */
	SPOIL_CHANGE, /* the echo changes a byte */
	SPOIL_PORT,   /* its flow continues from another port, as if the mapping had been lost */
	SPOIL_CLOSE,  /* the echo ends the connection instead */
	SPOIL_ANSWER, /* a request gets the reply to another one */
};

/* At the head of each message; the rest of it follows from flow and number. */
struct message {
	uint64_t number; /* from 1, in each flow */
	uint32_t flow;
	uint32_t peer_address;	/* filled in by the echo: the address it sees; network order */
	uint16_t peer_port;	/* the same */
	uint16_t spoil;		/* the error for the echo to make: enum spoil */
	uint32_t gaps, repeats; /* that the echo has seen in all flows so far */
};

/* Findings of all threads. */
struct counts {
	atomic_ullong messages;		/* that came back correctly */
	atomic_ullong lost, duplicated; /* as the flow's own end sees it */
	atomic_ullong gaps, repeats;	/* as the echo sees it */
	atomic_ullong wrong;		/* of another flow, or with other contents */
	atomic_ullong broken;		/* flows that ended or could not be opened */
	atomic_ullong moved;		/* messages whose flow had a different public port before */
	atomic_ullong opened, longest_ns;
};
extern struct counts counts;

/* options.c */
extern struct nat_options {
	long port, ops, flows, sources, callers, pace_us, churn, bytes, patience_ms;
	enum spoil spoil;
} options;
/* Ends the process with status 2 when a value is wrong or two do not go together. */
void options_parse(int argc, char **argv);

/* network.c. All end the process when something fails. */
struct net {
	int inside, server;	       /* namespaces */
	in_addr_t first, public, echo; /* first source, its translation, the peer */
};
extern struct net nets[NATS];
void network_make(void);
void network_enter(int netns);
/* Return to the initial namespace. */
void network_home(void);
in_addr_t network_source(const struct net *net, unsigned i);

/* echo.c: a thread that answers on all servers' addresses. */
void echo_start(void);

/* flow.c */
struct flow {
	uint32_t id;
	unsigned nat, source;
	uint16_t source_port;
	bool udp;
	int fd;		    /* -1: broken */
	uint64_t number;    /* of the last message */
	uint16_t seen_port; /* as the echo saw it; 0: not yet */
};
/* Flows of one NAT that one thread uses. */
struct caller {
	unsigned nat, which, count;
	uint32_t next, batches; /* the next flow to use; batches so far */
	struct flow *flows;
};
/* Open share number `which` (0: the requests') of `callers` equal shares of a NAT's flows. */
void caller_open(struct caller *caller, unsigned nat, unsigned which, unsigned callers);
/* Exchange so many messages on its flows in turn. */
void caller_batch(struct caller *caller, unsigned count);
/* Close one of them and open another one in its place. */
void caller_renew(struct caller *caller);

#define die(...) (fprintf(stderr, "nat: " __VA_ARGS__), fputc('\n', stderr), exit(1))
