/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the http workload's client uses of a web server: the service as the
 * simulated guest runs it. */
#pragma once
#include "model/workload.h"

/* Damage to the content: "lose-write" (a block of 4 KiB in the middle reads as zeroes), "corrupt"
 * (a bit flips there), "reset-counter" (it is made from another seed). */
extern const struct lu_service_model lu_http_service_model;
