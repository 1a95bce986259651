/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel to the harness: a raw tty that carries the protocol's lines (agent/protocol.h). */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "agent/protocol.h"

/* Opens the device raw and starts to read; each request that comes is given to run, whose it is.
 * Says hello until the first one comes. false with errno: it cannot be opened. */
bool channel_open(const char *device, void (*run)(struct request *request));
/* An event that nobody has asked for; it is taken. */
void push_event(json_t *event);
/* The last line of a kernel's user space, the event "jump": sent and gone from here when it
 * returns. */
void tell_jump(void);
