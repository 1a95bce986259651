/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a QEMU guest was, for the result. */
#include "qemu/guest.h"
#include "qemu/state.h"

/* Describes a kernel that comes from no package. NULL when both are Debian's. */
static json_t *describe_trees(const struct lu_boot_files *files)
{
	static const char *const ends[] = {"old", "new"};
	json_t *trees = NULL;

	for (int i = 0; i < LU_RELEASES; i++) {
		const struct lu_kernel *kernel = files->trees[i];

		if (!kernel)
			continue;
		trees = trees ? trees : json_object();
		json_object_set_new(
			trees, ends[i],
			json_pack("{s:s, s:s}", "path", kernel->tree, "sha256", kernel->sha256));
	}
	return trees;
}

/* What was booted, by its hashes; a new reference. */
static json_t *describe_booted(const struct lu_boot_files *files)
{
	static const char *const ends[] = {"old", "new"};
	json_t *booted = json_object();

	for (int i = 0; i < LU_RELEASES; i++)
		json_object_set_new(booted, ends[i],
				    json_pack("{s:s, s:s*}", "kernel_sha256",
					      files->kernel_sha256[i], "initramfs_sha256",
					      files->initrd_sha256[i]));
	return booted;
}

/* The machine's packages, and those of kernels that the plan names beside them; a new reference. */
static json_t *describe_assets(const struct lu_boot_files *files)
{
	json_t *all = files->assets ? json_copy(lu_assets_describe(files->assets)) : json_array();

	for (int i = 0; i < LU_RELEASES; i++)
		if (files->named[i])
			json_array_extend(all, lu_assets_describe(files->named[i]));
	return all;
}

json_t *qemu_describe(struct lu_guest *guest)
{
	struct qemu_guest *self = QEMU(guest);
	json_t *trees = describe_trees(&self->boot_files);
	json_t *doc = json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:i, s:{s:s, s:s}, s:o}", "machine",
		self->plan->machine->name, "arch", self->plan->machine->arch, "accelerator",
		self->accel, "accelerator_why", self->accel_why, "memory_mb",
		(int)self->boot_files.layout.memory_mb, "cpus", (int)self->plan->cpus, "kernels",
		"old", lu_boot_files_kernel(&self->boot_files, LU_RELEASE_OLD)->release, "new",
		lu_boot_files_kernel(&self->boot_files, LU_RELEASE_NEW)->release, "assets",
		describe_assets(&self->boot_files));

	if (self->boot_files.packages)
		json_object_set(doc, "packages", self->boot_files.packages->list);
	json_object_set_new(doc, "agent_sha256", json_string(self->boot_files.agent_sha256));
	json_object_set_new(doc, "booted", describe_booted(&self->boot_files));
	if (trees)
		json_object_set_new(doc, "built_kernels", trees);
	if (self->endpoints[0])
		json_object_set_new(doc, "network", lu_fabric_describe(self->fabric, self->port));
	json_object_set_new(doc, "qemu",
			    self->qemu_version ? json_string(self->qemu_version) : json_null());
	if (self->image)
		json_object_set_new(doc, "image", qemu_image_describe(self));
	if (self->vm && lu_channel_dropped(lu_vm_channel(self->vm)))
		json_object_set_new(
			doc, "agent_events_dropped",
			json_integer((json_int_t)lu_channel_dropped(lu_vm_channel(self->vm))));
	if (self->migrated)
		json_object_set(doc, "moved", self->migrated);
	return doc;
}
