/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real client and its load against tick's model on a loopback port, for tests of what becomes of
 * requests and connections. */
#pragma once
#include "engine/client.h"
#include "tests/engine/loopback.h"

struct client_bench {
	struct lu_io through;  /* the client's: io, but for full */
	gint full;	       /* atomic; this host has no socket left */
	struct lu_io *virtual; /* NULL: the host's time */
	const struct lu_io *io;
	json_t *params;
	void *client_state;
	struct lu_timeline *timeline;
	struct lu_load *load;
	struct loopback *lb;
	struct lu_client *client;
	int64_t begin_ns;
	/* the network between, if there is one: what it says, and how often it was told of an end */
	struct lu_handshake seen;
	unsigned closed;
};

/* Begins the load; io NULL: in made-up time. Free with client_bench_free. */
struct client_bench *client_bench_new(const struct lu_io *io, const struct lu_load_config *config,
				      bool between);
void client_bench_free(struct client_bench *bench);
void client_bench_let_pass(struct client_bench *bench, int64_t ns);
/* Ends the client, which drains for so long at most, and sorts its timeline. */
void client_bench_finish(struct client_bench *bench, int64_t drain_ns);
