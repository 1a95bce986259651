/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU guest's place on the fabric. */
#include <errno.h>
#include <fcntl.h>
#include "record/error.h"
#include "qemu/fabric/fabric.h"
#include "qemu/guest.h"
#include "qemu/state.h"
#include "model/workload.h"

void qemu_shape_link(struct qemu_guest *self, int port)
{
	struct lu_shape_config link = {
		.rate_bps = self->plan->net_rate_bps,
		.delay_ns = self->plan->net_delay_ns,
		.loss = self->plan->net_loss,
		.seed = (uint32_t)self->plan->seed,
	};
	bool shaped = self->impaired && (link.rate_bps || link.delay_ns || link.loss > 0);

	if (self->cut)
		link = (struct lu_shape_config){.loss = 1};
	lu_fabric_shape(self->fabric, port, shaped || self->cut ? &link : NULL);
}

static void shape_all(struct qemu_guest *self)
{
	if (!self->endpoints[0])
		return;
	qemu_shape_link(self, self->port);
	if (self->standby.spare)
		qemu_shape_link(self, self->standby.spare);
}

void qemu_impair(struct lu_guest *guest, bool on)
{
	struct qemu_guest *self = QEMU(guest);

	self->impaired = on;
	shape_all(self);
}

void qemu_cut(struct lu_guest *guest, bool off)
{
	struct qemu_guest *self = QEMU(guest);

	self->cut = off;
	shape_all(self);
}

bool qemu_capture(struct qemu_guest *self, int port, const char *name, GError **error)
{
	g_autofree char *path =
		name ? g_strdup_printf("%s.%s", self->capture, name) : g_strdup(self->capture);
	int fd;

	if (!self->capture)
		return true;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		return lu_fabric_capture(self->fabric, port, fd, error);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--capture: %s: %s", path, g_strerror(errno));
	return false;
}

bool qemu_join_link(struct qemu_guest *self, struct qemu_link *link, unsigned number,
		    GError **error)
{
	const uint8_t mac[] = LU_VM_LINK_MAC((uint8_t)number);
	g_autofree char *name = g_strdup_printf("link%u", number);
	int port;

	if (!self->boot_files.needs->replication || link->port)
		return true;
	port = lu_fabric_add_private_port(self->fabric, name, mac, error);
	if (port < 0 || !qemu_capture(self, port, name, error))
		return false;
	*link = (struct qemu_link){port, number};
	return true;
}

static bool churns(const struct lu_plan *plan)
{
	for (unsigned i = 0; i < lu_plan_services(plan); i++)
		if (lu_plan_service(plan, i)->churn_hz)
			return true;
	return false;
}

static bool forward_all(struct qemu_guest *self, GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(self->plan); i++) {
		const struct lu_plan *plan = lu_plan_service(self->plan, i);
		uint16_t port = lu_workload_port(plan->workload, plan->workload_params);

		self->endpoints[i] = lu_fabric_forward(self->fabric, LU_FABRIC_GUEST, port, error);
		if (!self->endpoints[i])
			return false;
	}
	return true;
}

bool qemu_join_fabric(struct qemu_guest *self, GError **error)
{
	static const uint8_t mac[] = LU_VM_MAC;

	if (self->endpoints[0])
		return true;
	if (!self->fabric)
		self->fabric = lu_fabric_new(&lu_io_host, error);
	if (!self->fabric)
		return false;
	if (churns(self->plan))
		lu_fabric_follow(self->fabric);
	self->port = lu_fabric_add_port(self->fabric, "guest", mac, LU_GATE_OPEN, error);
	if (self->port < 0 || !qemu_capture(self, self->port, NULL, error))
		return false;
	qemu_shape_link(self, self->port);
	if (!qemu_join_link(self, &self->link, 1, error))
		return false;
	return forward_all(self, error);
}
