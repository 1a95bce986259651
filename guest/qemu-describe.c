/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a QEMU guest was, for the result. */
#include "guest/qemu-guest.h"
#include "guest/qemu-state.h"

json_t *qemu_describe(struct lu_guest *guest)
{
	struct qemu_guest *self = QEMU(guest);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:i, s:{s:s, s:s}, s:O}", "machine",
				self->plan->machine->name, "arch", self->plan->machine->arch,
				"accelerator", self->accel, "accelerator_why", self->accel_why,
				"memory_mb", (int)self->images.layout.memory_mb, "kernels", "old",
				lu_images_kernel(&self->images, LU_RELEASE_OLD)->release, "new",
				lu_images_kernel(&self->images, LU_RELEASE_NEW)->release, "assets",
				lu_assets_describe(self->images.assets));

	json_object_set_new(doc, "agent_sha256", json_string(self->images.agent_sha256));
	if (self->endpoint)
		json_object_set_new(doc, "network", lu_fabric_describe(self->fabric, self->port));
	json_object_set_new(doc, "qemu",
			    self->qemu_version ? json_string(self->qemu_version) : json_null());
	if (self->images.image)
		json_object_set_new(doc, "image", qemu_image_describe(self));
	if (self->moved)
		json_object_set(doc, "moved", self->moved);
	return doc;
}
