/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of one life of a guest's machine: a QEMU process on the fabric. */
#include <unistd.h>
#include "qemu/state.h"

/* The words that were set for the next release; the caller frees. NULL: the command line as it is. */
static char *cmdline_of(const struct qemu_guest *self, bool next, const struct lu_payload *payload)
{
	if (!next || !self->boot_words || payload->kind != LU_PAYLOAD_LINUX)
		return NULL;
	return g_strdup_printf("%s %s", payload->cmdline, self->boot_words);
}

struct lu_vm *qemu_start_vm(struct qemu_guest *self, enum lu_release release,
			    const struct qemu_life *life, int64_t deadline_ns, GError **error)
{
	int cable = lu_fabric_plug(self->fabric, life->port, error), link = -1;
	struct lu_vm_spec spec = lu_boot_files_vm_spec(&self->boot_files, release, life->next);
	g_autofree char *cmdline = cmdline_of(self, life->next, &spec.payload);
	struct lu_vm *vm;

	if (cmdline)
		spec.payload.cmdline = cmdline;
	spec.qemu = life->qemu;
	spec.machine_type = life->machine;
	spec.accel = self->accel;
	spec.uneven = self->boot_files.needs->dirty_log && g_str_has_prefix(self->accel, "tcg") &&
		      self->plan->machine->memory_step_mb <= 1;
	spec.net = cable;
	spec.link_number = life->link.number;
	spec.memory = life->memory;
	spec.console_held = life->console_held;
	spec.incoming = life->incoming;
	spec.context = self->context;
	spec.cancellable = self->cancellable;
	spec.channel_ops = life->channel_ops;
	spec.data = self;
	if (cable >= 0 && life->link.number)
		link = lu_fabric_plug(self->fabric, life->link.port, error);
	spec.link = link;
	vm = cable >= 0 && (link >= 0 || !life->link.number)
		     ? lu_vm_start(&spec, deadline_ns, error)
		     : NULL;
	if (cable >= 0)
		close(cable);
	if (link >= 0)
		close(link);
	return vm;
}
