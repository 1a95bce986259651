/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One update by one mechanism, on a guest: what became of it. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "bench/report/update-source.h"
#include "model/guest.h"

enum lu_mechanism { LU_BY_HOTSWAP, LU_BY_LIVEPATCH, LU_BY_RELOAD, LU_BY_KEXEC, LU_MECHANISMS };
const char *lu_mechanism_name(enum lu_mechanism mechanism);

enum lu_carried {
	LU_CARRIED,	 /* new behaviour, old state */
	LU_CARRIED_LOST, /* new behaviour, on new state */
	LU_NOT_CARRIED,	 /* the kernel refused it, or it is there without effect */
	LU_BROKE,	 /* the kernel warned, died or hung */
};
const char *lu_carried_name(enum lu_carried carried);

struct lu_update_cell {
	enum lu_carried carried;
	unsigned lines;	 /* of code that only this mechanism takes */
	int64_t took_ns; /* callers waited, a transition lasted, or the component was away; -1 */
	bool undone;	 /* and the old behaviour was had back with the state */
	char *why;	 /* not carried or broke: one line; else NULL */
};

void lu_update_cell_clear(struct lu_update_cell *cell);

/* Base component, filled, before; base component, unloaded, after. LU_ERROR_*: the
 * trial itself could not be held (version 1 does not answer as the update's source
 * says); the guest may be gone. */
bool lu_update_try(struct lu_guest *guest, const struct lu_update *update,
		   enum lu_mechanism mechanism, struct lu_update_cell *cell, GError **error);
/* For LU_BY_KEXEC, before all: fill the component's state, and jump into the next kernel. */
bool lu_update_jump(struct lu_guest *guest, const char *method, const char *image, GError **error);
/* Modules that a guest must have for it: names with parameters, to g_ptr_array_unref. */
GPtrArray *lu_update_kmods(const GPtrArray *updates);
