/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The channel to the harness: a raw tty that carries the protocol's lines (agent/protocol.h). */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "agent/protocol.h"

/* Opens the device raw and starts to read; each request is passed to run, which owns it. Sends
 * hello until the first request comes. false with errno: it cannot be opened. */
bool channel_open(const char *device, void (*run)(struct request *request));
/* Send an event; it is taken. */
void push_event(json_t *event);
/* What has been sent has left the UART when this returns. */
void channel_drain(void);
/* Send the event "jump", the last line of a kernel's
 * user space; it has left the UART when this returns. */
void tell_jump(void);
