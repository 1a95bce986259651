/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/peer-conn.h"

int64_t sim_conn_backoff(int64_t rto_ns)
{
	return rto_ns ? MIN(2 * rto_ns, RTO_MAX) : SECOND;
}

void sim_conn_reset(struct sim_conn *c)
{
	c->up = c->socket = c->saved = c->accepted = false;
	c->handshake = SIM_NO_HANDSHAKE;
	c->rto_ns = 0;
	c->retry_ns = c->reset_ns = c->connect_ns = INT64_MAX;
	sim_stream_clear(&c->out);
	sim_stream_clear(&c->back);
	g_byte_array_set_size(c->inbox, 0);
	g_byte_array_set_size(c->received, 0);
}
