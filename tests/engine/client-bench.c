/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/engine/client-bench.h"
#include <errno.h>
#include "model/param.h"
#include "tests/kit/cmocka-all.h"
#include "tests/kit/virtual-io.h"

extern const struct lu_workload lu_workload_tick;

static void handshake(void *data, uint16_t port, struct lu_handshake *seen)
{
	*seen = ((struct client_bench *)data)->seen;
}

static void closed(void *data, uint16_t port)
{
	((struct client_bench *)data)->closed++;
}

static const struct client_bench *bench_of(const struct lu_io *through)
{
	return (const struct client_bench *)(const void *)through;
}

static int64_t through_now(const struct lu_io *through)
{
	const struct lu_io *io = bench_of(through)->io;

	return io->now(io);
}

static int through_poll(const struct lu_io *through, struct pollfd *fds, nfds_t count,
			int64_t until_ns)
{
	const struct lu_io *io = bench_of(through)->io;

	return io->poll(io, fds, count, until_ns);
}

static int through_connect(const struct lu_io *through, uint16_t port, bool *connected)
{
	const struct lu_io *io = bench_of(through)->io;

	if (!g_atomic_int_get(&bench_of(through)->full))
		return io->connect(io, port, connected);
	errno = EMFILE;
	return -1;
}

static GThread *through_thread(const struct lu_io *through, const char *name, GThreadFunc main,
			       gpointer data)
{
	const struct lu_io *io = bench_of(through)->io;

	return io->thread(io, name, main, data);
}

struct client_bench *client_bench_new(const struct lu_io *io, const struct lu_load_config *config,
				      bool between)
{
	const struct lu_workload *tick = &lu_workload_tick;
	struct client_bench *bench = g_new0(struct client_bench, 1);
	struct lu_client_peer peer = {0};

	bench->virtual = io ? NULL : virtual_io_new();
	bench->io = io ?: bench->virtual;
	bench->through =
		(struct lu_io){through_now, through_poll, through_connect, through_thread, NULL};
	bench->begin_ns = bench->io->now(bench->io);
	bench->params = lu_params_resolve(tick->params, NULL, "workload_params", NULL);
	bench->client_state = tick->client_new(bench->params, 7, config->connections);
	bench->timeline = lu_timeline_new();
	bench->load = lu_load_new(config, tick, bench->client_state, bench->timeline);
	bench->lb = loopback_new(bench->io, tick, bench->params, "old");
	if (between)
		peer = (struct lu_client_peer){0, handshake, closed, bench};
	peer.port = loopback_port(bench->lb);
	bench->client = lu_client_start(&bench->through, bench->load, &peer, NULL);
	assert_non_null(bench->client);
	return bench;
}

void client_bench_free(struct client_bench *bench)
{
	lu_client_free(bench->client);
	lu_load_free(bench->load);
	lu_workload_tick.client_free(bench->client_state);
	loopback_free(bench->lb);
	lu_timeline_free(bench->timeline);
	json_decref(bench->params);
	if (bench->virtual)
		virtual_io_free(bench->virtual);
	g_free(bench);
}

/* Made-up time would pass without end for what never comes. */
void client_bench_let_pass(struct client_bench *bench, int64_t ns)
{
	const struct lu_io *io = bench->io;

	io->poll(io, NULL, 0, io->now(io) + ns);
	assert_true(!bench->virtual || io->now(io) < bench->begin_ns + 20 * LU_NS_PER_S);
}

void client_bench_finish(struct client_bench *bench, int64_t drain_ns)
{
	lu_client_stop(bench->client, drain_ns);
	while (!lu_client_done(bench->client))
		client_bench_let_pass(bench, LU_NS_PER_MS);
	g_clear_pointer(&bench->client, lu_client_free);
	lu_timeline_sort(bench->timeline);
}
