/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the service that is being started has said that it is ready: READY=1 in a datagram to the
 * socket that its environment names (sd_notify(3)). */
#pragma once
#include <stdbool.h>

/* Make that socket and put its path into the environment, which children inherit. path is kept by
 * reference. false with errno. */
bool ready_begin(const char *path);
/* Has it said so? Also true when it is not asked to, since nothing was begun. */
bool ready_said(void);
/* Remove the socket and its name; no effect when nothing was begun. */
void ready_end(void);
