/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several services in the simulated guest. What belongs to one of them lies in struct sim and struct
 * sim_kernel while that one is looked at, and in its seat while another one is; so whatever is about
 * one service need not know that there are others.
 */
#pragma once
#include "sim/state.h"

/* One seat for each service of the plan; the first is looked at. */
void sim_seats_new(struct sim *sim);
/* Look at another one. Returns which one was looked at before. */
unsigned sim_look_at(struct sim *sim, unsigned seat);
/* The seat of that name; "": the first. -1: LU_ERROR_USAGE. */
int sim_seat_of(const struct sim *sim, const char *service, GError **error);
/* Do it with each looked at in turn, then look at the same as before. */
void sim_each_seat(struct sim *sim, void (*one)(struct sim *sim));
/* Of the seat of that number, looked at or not. */
struct lu_peer *sim_peer_of(const struct sim *sim, unsigned seat);
enum sim_service sim_state_of(const struct sim *sim, unsigned seat);
bool sim_locked_of(const struct sim *sim, unsigned seat);
/* Bytes of all that run or have saved their state. */
int64_t sim_state_of_all(const struct sim *sim);
/* Bytes that all have in the checkpoint store. */
int64_t sim_store_used(const struct sim *sim);
