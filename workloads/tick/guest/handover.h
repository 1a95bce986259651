/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing the running service to another process, and taking it:
 * docs/reference/handover-protocol.md. */
#pragma once
#include <stdbool.h>
#include "workloads/kit/guest/line-server.h"
#include "workloads/tick/guest/wire.h"

/* The old version's side: connect to path and answer whoever listens there; at once when that is
 * being done already. Nothing of the service changes before WIRE_TAKE, and whatever breaks before
 * it lets the service go on. */
void handover_begin(struct tick_state *state, const struct wire_config *config, const char *path);

/* What is at hand for a service that takes over. */
struct takeover {
	int control;		   /* lines to and from whoever started this one */
	const char *path;	   /* socket to listen on */
	bool spoil;		   /* carry a word over wrongly, for tests that it is noticed */
	struct tick_state *state;  /* only .version is set */
	struct wire_config config; /* to be filled */
};
/* The new version's side. Returns the listening socket, with the connections adopted, once the old
 * one has said that it is gone. Ends the process when anything fails before. */
int takeover_run(struct takeover *takeover);

/* The state to a file and back (which is removed): how a service is restarted that does not hand
 * over. false: *why (static) says what is wrong; load: NULL when there is no file. */
bool state_save(const struct wire_config *config, struct tick_state *state, const char *path,
		const char **why);
bool state_load(struct tick_state *state, const char *path, const char **why);
