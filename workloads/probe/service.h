/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model of workload probe's service: callbacks of struct lu_service_model. */
#pragma once
#include "model/workload.h"

void *lu_probe_service_new(const json_t *params, uint64_t seed);
size_t lu_probe_service_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
			      const char *release, GByteArray *reply);
/* "reset-counter", "lose-write" (the last request), "corrupt" (the resource). */
bool lu_probe_service_damage(void *service, const char *kind);
void lu_probe_service_restart(void *service);
