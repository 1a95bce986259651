/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load and the exchanges of a simulated guest: the service's model answers
 * on the virtual clock. */
#include "sim/load.h"
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/seats.h"

static enum lu_peer_way way(void *data)
{
	const struct sim_seat *seat = data;
	const struct sim *sim = seat->sim;

	if (sim->machine == SIM_PAUSED)
		return LU_PEER_HELD;
	if (sim->cut)
		return LU_PEER_LOST;
	if (sim->machine != SIM_ON)
		return LU_PEER_REFUSED;
	return sim->kernel.up && sim->kernel.net && !sim_locked_of(sim, seat->number)
		       ? LU_PEER_THROUGH
		       : LU_PEER_LOST;
}

static bool listening(void *data)
{
	const struct sim_seat *seat = data;

	return way(data) == LU_PEER_THROUGH && sim_state_of(seat->sim, seat->number) != SIM_NONE;
}

static int64_t wire(void *data)
{
	const struct sim_seat *seat = data;

	return sim_cost(seat->sim, "wire");
}

static void arrived(void *data)
{
	const struct sim_seat *seat = data;

	sim_serve(seat->sim);
}

static const struct lu_peer_ops peer_ops = {way, listening, wire, arrived};

/* The service handles one request at a time; a reply leaves when its request is done. */
static void serve_conn(struct sim *sim, unsigned i)
{
	const struct lu_service_model *model = sim->plan->workload->model;
	const char *release = sim_release(sim, sim->kernel.release);
	GByteArray *in = lu_peer_inbox(sim->peer, i);
	size_t n;

	if (model->run)
		model->run(sim->service, sim->now_ns);
	do {
		g_autoptr(GByteArray) out = g_byte_array_new();

		n = in->len ? model->serve(sim->service, in->data, in->len,
					   lu_peer_id(sim->peer, i), release, out)
			    : 0;
		if (!n)
			break;
		g_byte_array_remove_range(in, 0, (guint)n);
		sim->busy_until_ns = MAX(sim->busy_until_ns, sim->now_ns) + sim_cost(sim, "serve");
		lu_peer_reply(sim->peer, i, out, sim->busy_until_ns);
		sim->store.stale = sim->standby.store.stale = true;
	} while (n);
}

static void serve_seat(struct sim *sim)
{
	if (!sim->peer || sim->machine != SIM_ON || !sim->kernel.up ||
	    sim->kernel.service != SIM_RUNNING || sim->cut)
		return;
	lu_peer_accept(sim->peer);
	for (unsigned i = 0; i < lu_peer_count(sim->peer); i++)
		serve_conn(sim, i);
}

void sim_serve(struct sim *sim)
{
	sim_each_seat(sim, serve_seat);
}

bool sim_load_start(struct lu_guest *guest, unsigned service, struct lu_load *load, GError **error)
{
	struct sim *sim = SIM(guest);
	struct sim_seat *seat = &sim->seats[service];

	if (!listening(seat)) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "client: the simulated guest runs no service to connect to");
		return false;
	}
	sim_look_at(sim, service);
	sim->peer = lu_peer_new(&peer_ops, seat, load, sim->now_ns);
	seat->load = load;
	lu_load_start(load, sim->now_ns);
	sim_look_at(sim, 0);
	return true;
}

static unsigned seat_of_load(const struct sim *sim, const struct lu_load *load)
{
	unsigned i = 0;

	while (i + 1 < sim->n_seats && sim->seats[i].load != load)
		i++;
	return i;
}

void sim_load_stop(struct lu_guest *guest, struct lu_load *load, int64_t drain_ns)
{
	struct sim *sim = SIM(guest);
	int64_t until = sim->now_ns + drain_ns, next;

	sim_look_at(sim, seat_of_load(sim, load));
	lu_load_stop(load);
	while (lu_load_outstanding(load) > 0 && (next = lu_peer_next(sim->peer)) <= until)
		sim_advance(sim, MAX(next - sim->now_ns, 0));
	if (lu_load_outstanding(load) > 0)
		sim_advance(sim, until - sim->now_ns);
	lu_load_end(load, sim->now_ns);
	g_clear_pointer(&sim->peer, lu_peer_free);
	sim_look_at(sim, 0);
}

void sim_impair(struct lu_guest *guest, bool on)
{
	struct sim *sim = SIM(guest);
	const struct lu_shape_config link = {
		.rate_bps = sim->plan->net_rate_bps,
		.delay_ns = sim->plan->net_delay_ns,
		.loss = sim->plan->net_loss,
		.seed = (uint32_t)sim->plan->seed,
	};

	for (unsigned i = 0; i < sim->n_seats; i++)
		if (sim_peer_of(sim, i) && (link.rate_bps || link.delay_ns || link.loss > 0))
			lu_peer_impair(sim_peer_of(sim, i), on ? &link : NULL);
}

/* Requests wait for their senders' timers, and replies until it is lifted. */
void sim_cut(struct lu_guest *guest, bool off)
{
	struct sim *sim = SIM(guest);

	sim->cut = off;
	if (!off)
		sim_serve(sim);
}

/* One request and its reply. */
static bool exchange_one(struct sim *sim, const struct lu_exchange *exchange, uint64_t i,
			 GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GByteArray) in = g_byte_array_new();
	const unsigned conn = G_MAXUINT; /* the load has no connection with this number */
	size_t done = 0, n;

	exchange->request(exchange->data, i, out);
	while (done < out->len) {
		n = sim->plan->workload->model->serve(sim->service, out->data + done,
						      out->len - done, conn,
						      sim_release(sim, sim->kernel.release), in);
		if (!n)
			break;
		done += n;
	}
	sim_advance(sim, sim_cost(sim, "serve"));
	if (exchange->reply(exchange->data, i, in->data, in->len) == (ssize_t)in->len && in->len)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "the service violated its protocol at request %" G_GUINT64_FORMAT, i);
	return false;
}

static bool exchange_all(struct sim *sim, const struct lu_exchange *exchange, GError **error)
{
	int64_t deadline = sim->now_ns + exchange->timeout_ns;

	for (uint64_t i = 0; i < exchange->count; i++) {
		if (!listening(&sim->seats[sim->at]) || sim->kernel.service != SIM_RUNNING ||
		    sim->now_ns > deadline) {
			sim_advance(sim, MAX(deadline - sim->now_ns, 0));
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "the service did not answer in time");
			return false;
		}
		if (!exchange_one(sim, exchange, i, error))
			return false;
	}
	return true;
}

bool sim_exchange(struct lu_guest *guest, unsigned service, const struct lu_exchange *exchange,
		  GError **error)
{
	struct sim *sim = SIM(guest);
	bool ok;

	sim_look_at(sim, service);
	ok = exchange_all(sim, exchange, error);
	sim_look_at(sim, 0);
	return ok;
}
