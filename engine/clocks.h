/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads from the guest what belongs to the service onto the timeline. */
#pragma once
#include "model/guest.h"

/*
 * The clocks as the service sees them (verb service.clocks): guest/clock with that number. service: which
 * of several, NULL: the only one. false: they
 * could not be read, or make no sense (LU_ERROR_FAILED); the run was cancelled
 * (LU_ERROR_INTERRUPTED); or whatever ends the guest.
 */
bool lu_clocks_stamp(struct lu_guest *guest, const char *service, int64_t number, GError **error);
/* How many descriptors it holds (verb service.status): guest/census with that number; none when the
 * agent does not say. Errors as above. */
bool lu_census_stamp(struct lu_guest *guest, const char *service, int64_t number, GError **error);
