/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing the running service over to another process, and taking it over:
 * docs/reference/handover-protocol.md. */
#pragma once
#include <stdbool.h>
#include "workloads/kit/guest/line-server.h"
#include "workloads/tick/guest/wire.h"

/* The old version's side: connect to path and answer the process that listens there; ignored while
 * a handover is in progress. The service does not change before WIRE_TAKE, and continues if
 * anything fails before. */
void handover_begin(struct tick_state *state, const struct wire_config *config, const char *path);

/* The context of a service that takes over. */
struct takeover {
	int control;		   /* lines to and from the process that started this one */
	const char *path;	   /* socket to listen on */
	bool spoil;		   /* transfer a word incorrectly, to test that this is detected */
	struct tick_state *state;  /* only .version is set */
	struct wire_config config; /* to be filled */
};
/* The new version's side. Returns the listening socket, with the connections adopted, once the old
 * one has confirmed that it has stopped serving. Ends the process when anything fails before. */
int takeover_run(struct takeover *takeover);

/* Save the state to a file, and load it again (which removes the file), for a restart without
 * handover. false: *why (static) says what is wrong; load: NULL when there is no file. */
bool state_save(const struct wire_config *config, struct tick_state *state, const char *path,
		const char **why);
bool state_load(struct tick_state *state, const char *path, const char **why);
