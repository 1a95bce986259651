/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shelves and their service as the simulated guest runs them: they answer what the update's
 * source says, and hold items. Callbacks are as struct lu_service_model says. */
#pragma once
#include "model/workload.h"
#include "workloads/catalog/source.h"

void *lu_catalog_service_new(const struct lu_update *update, const char *first);
void lu_catalog_service_free(void *service);
size_t lu_catalog_serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
			const char *release, GByteArray *reply);
/* "lose-write": an item is gone; "corrupt": one has another value; "reset-counter": all are gone;
 * "wrong-answer": of the update's questions none is answered right; "warning": of the kernel. */
bool lu_catalog_damage(void *service, const char *kind);
void lu_catalog_swapped(void *service, unsigned instance, const char *version);
