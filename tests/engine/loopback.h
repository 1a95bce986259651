/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A workload's model served on a loopback port by a thread, with the ways in which a real
 * service misbehaves. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "model/workload.h"

struct loopback;

/* A port of io: a virtual one (tests/kit/virtual-io.h) or lu_io_host. release is what replies
 * carry; borrowed. */
struct loopback *loopback_new(const struct lu_io *io, const struct lu_workload *workload,
			      const json_t *params, const char *release);
void loopback_free(struct loopback *lb);
uint16_t loopback_port(const struct loopback *lb);
/* All return when the thread has done it. */
void loopback_stall(struct loopback *lb, bool on);   /* reads and answers nothing */
void loopback_trickle(struct loopback *lb, bool on); /* answers byte by byte */
void loopback_garbage(struct loopback *lb);	     /* the next reply is noise */
void loopback_reset(struct loopback *lb);	     /* every connection gets an RST */
void loopback_refuse(struct loopback *lb, bool on);  /* nobody listens; open connections stay */
void loopback_blackhole(struct loopback *lb,
			bool on);	    /* accepts, but such connections are never served */
void loopback_restart(struct loopback *lb); /* the service's memory is lost */
void loopback_release(struct loopback *lb, const char *release);
bool loopback_damage(struct loopback *lb, const char *kind);
unsigned loopback_accepted(struct loopback *lb);
