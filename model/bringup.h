/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every freshly started kernel needs before its service can answer: devices, an address, the
 * service. The engine does it after the first boot, strategies after theirs; it is in one place so
 * that all do the same.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/plan.h"
#include "model/guest.h"

/* Load modules of these features (keys of the machine's "features", NULL-terminated), in that
 * order. reply as in call(). */
bool lu_bringup_modules(struct lu_guest *guest, const char *const *features, int64_t deadline_ns,
			json_t **reply, GError **error);
/* The same for the features and our own kernel modules that the workload uses;
 * nothing to do without any. */
bool lu_bringup_kmods(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		      GError **error);
/* For strategies that carry a service over to another kernel: LU_ERROR_REFUSED when the plan's
 * service has state in kernel modules. */
bool lu_bringup_movable(const struct lu_plan *plan, GError **error);
/* Address, route and the gateway's hardware address (so that no ARP exchange is waited for).
 * locked: no packet is received before net.unlock, so that none reaches a kernel whose sockets have
 * not been restored from the checkpoint yet. */
bool lu_bringup_net(struct lu_guest *guest, bool locked, int64_t deadline_ns, GError **error);
/*
 * The data disk (serial "data", at /data), with its modules; nothing to do without one. It is
 * the same disk in every machine of a guest, so before a kernel mounts it every other one
 * that has it mounted must hold it (lu_bringup_data_hold). Files that a service had open
 * there can be opened again.
 */
bool lu_bringup_data(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		     GError **error);
/* Once the service is paused: write back the data disk and block writes until release, so that
 * another kernel can mount it. Nothing to do without one. */
bool lu_bringup_data_hold(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
			  GError **error);
bool lu_bringup_data_release(struct lu_guest *guest, const struct lu_plan *plan,
			     int64_t deadline_ns, GError **error);
/* The service's command line for the version of the application before or after the update; when
 * the application is what is updated, with a socket and a file for its state. New reference. */
json_t *lu_bringup_argv(const struct lu_plan *plan, bool after);
/* Start that version of the plan's service; returns once its port listens. */
bool lu_bringup_version(struct lu_guest *guest, const struct lu_plan *plan, bool after,
			int64_t deadline_ns, json_t **reply, GError **error);
/* The same for the version before the update. */
bool lu_bringup_service(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
			GError **error);
/* All of the above but the hold, with the feature "net" and all services of the plan: what a cold
 * boot needs. deadline_ns is a time on the guest's clock. */
bool lu_bringup(struct lu_guest *guest, const struct lu_plan *plan, int64_t deadline_ns,
		GError **error);
/* The same on a kernel that brings that version of the workload's component; NULL: the first. */
bool lu_bringup_as(struct lu_guest *guest, const struct lu_plan *plan, const char *version,
		   int64_t deadline_ns, GError **error);
/* Arguments of net.up for a machine that has, or will take over, the guest's address. */
json_t *lu_bringup_net_args(bool locked);
