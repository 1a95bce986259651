/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of the SYNs that clients send: libslirp accepts a client's connection before the
 * guest's kernel has, so only the frames tell whether and when that did. And they are sent again as
 * Linux would (1, 3, 7, … s after the first): libslirp's own timer begins with 6 s, which would
 * charge the service with the manners of a client that it does not have.
 *
 * A table by the client's port, which libslirp keeps. It has neither clock nor socket. Locked: the
 * fabric's thread and a client's may use it at once.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/guest.h"
#include "qemu/fabric/table.h"

struct lu_handshakes;

struct lu_handshakes *lu_handshakes_new(void);
void lu_handshakes_free(struct lu_handshakes *all);
/* The host's side sends this frame at now_ns. false: it is libslirp's repetition of a SYN that is
 * repeated here, and is not to be sent. */
bool lu_handshakes_sent(struct lu_handshakes *all, int64_t now_ns, const uint8_t *frame,
			size_t len);
/* This frame, one that lu_admit() lets by, has come for the host's side. */
void lu_handshakes_came(struct lu_handshakes *all, int64_t now_ns, const uint8_t *frame,
			size_t len);
/* The guest's address is that of another machine from now on. */
void lu_handshakes_moved(struct lu_handshakes *all, const uint8_t mac[LU_MAC_BYTES]);
/* When a SYN is to be repeated next; INT64_MAX: none. */
int64_t lu_handshakes_next_ns(struct lu_handshakes *all);
/* The SYN to repeat by now_ns, the caller's; NULL: none any more. */
GBytes *lu_handshakes_again(struct lu_handshakes *all, int64_t now_ns);
/* What is known of that client's connection. */
void lu_handshakes_find(struct lu_handshakes *all, uint16_t port, struct lu_handshake *seen);
/* The client has closed it. */
void lu_handshakes_forget(struct lu_handshakes *all, uint16_t port);
