/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns a plan and what its strategy needs into files that QEMU can be given. */
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/boot/boot-files.h"
#include "qemu/boot/field-disk.h"
#include "qemu/boot/initramfs.h"
#include "qemu/boot/kdat.h"
#include "assets/kernel-tree.h"
#include "assets/kmods.h"
#include "model/workload.h"

static bool open_assets(struct lu_images *images, const struct lu_qemu_options *options,
			GError **error)
{
	struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};

	images->assets = lu_assets_open(images->plan->machine, &how, error);
	return images->assets != NULL;
}

/* Index in the assets of the release that an update's end names, -1: none. */
static int find_release(const struct lu_images *images, const char *name)
{
	for (unsigned i = 0; i < LU_RELEASES; i++)
		if (g_str_equal(name, lu_assets_kernel(images->assets, i)->release))
			return (int)i;
	return g_str_equal(name, "previous") ? 0 : g_str_equal(name, "newest") ? 1 : -1;
}

static const char *end_name(enum lu_release release)
{
	return release == LU_RELEASE_NEW ? "to" : "from";
}

/* Before anything is fetched: what is wrong with a folder is known at once. */
static bool open_trees(struct lu_images *images, GError **error)
{
	for (int i = 0; i < LU_RELEASES; i++) {
		const char *path = lu_plan_tree(images->plan, i == LU_RELEASE_NEW);

		if (!path)
			continue;
		images->trees[i] = lu_kernel_tree_open(path, images->plan->machine, error);
		if (!images->trees[i]) {
			g_prefix_error(error, "update.%s: ", end_name(i));
			return false;
		}
	}
	return true;
}

static bool assign_release(struct lu_images *images, enum lu_release release, GError **error)
{
	const char *name = lu_plan_kernel(images->plan, release == LU_RELEASE_NEW);
	int which = images->trees[release] ? 0 : find_release(images, name);

	if (which < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "update.%s: kernel '%s' is not among the assets; allowed: "
			    "previous (%s) or newest (%s), or the folder of a built kernel",
			    end_name(release), name, lu_assets_kernel(images->assets, 0)->release,
			    lu_assets_kernel(images->assets, 1)->release);
		return false;
	}
	images->which[release] = (unsigned)which;
	return true;
}

/* Update "previous" → "newest" or back: a downgrade is an update too. */
static bool assign_releases(struct lu_images *images, GError **error)
{
	return assign_release(images, LU_RELEASE_OLD, error) &&
	       assign_release(images, LU_RELEASE_NEW, error);
}

static bool wants_catalog(const struct lu_images *images)
{
	for (guint i = 0; i < images->needs->kmods->len; i++) {
		const struct lu_kmod *kmod = images->needs->kmods->pdata[i];

		if (g_str_has_prefix(kmod->name, "lu_catalog"))
			return true;
	}
	return false;
}

static bool build_kmods(struct lu_images *images, const struct lu_qemu_options *options,
			GError **error)
{
	const struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};

	for (int i = 0; images->needs->kmods->len && i < LU_RELEASES; i++) {
		const struct lu_kmods kmods = {
			.machine = images->plan->machine,
			.kernel = lu_images_kernel(images, i),
			.sources = options->kmod_dir,
			.catalog = wants_catalog(images),
			.options = &how,
		};

		images->kmods[i] = lu_kmods_get(&kmods, error);
		if (!images->kmods[i])
			return false;
	}
	return true;
}

static bool build_initrd(struct lu_images *images, int release, const char *agent_dir,
			 GError **error)
{
	struct lu_initramfs spec = {
		.machine = images->plan->machine,
		.assets = images->assets,
		.kernel = lu_images_kernel(images, release),
		.agent_dir = agent_dir,
		.features = (const char *const *)images->needs->features->pdata,
		.programs = (const char *const *)images->needs->programs->pdata,
		.kdat = release == LU_RELEASE_NEW ? images->kdat : NULL,
		.files = images->plan->workload->files,
		.init_script = images->needs->init_script,
		.kmods = images->needs->kmods,
		.kmod_dir = images->kmods[release],
	};

	if (images->initrd[release] >= 0)
		close(images->initrd[release]);
	images->initrd[release] = lu_memfile_new("initramfs", error);
	return images->initrd[release] >= 0 &&
	       lu_initramfs_write(&spec, images->initrd[release], error);
}

/* The image form of the next release that the strategy wants. */
static bool build_medium(struct lu_images *images, GError **error)
{
	const struct lu_kernel *kernel = lu_images_kernel(images, LU_RELEASE_NEW);
	const char *form = images->needs->image ?: images->plan->machine->images[0];
	const char *path;

	if (!images->needs->stage_next)
		return true;
	path = lu_kernel_file(kernel, form, error);
	return path && lu_medium_next(&images->next, path, images->initrd[LU_RELEASE_NEW], error);
}

static bool build_store(struct lu_images *images, GError **error)
{
	if (g_strcmp0(images->needs->store, "disk"))
		return true;
	images->store = lu_medium_disk("store", images->needs->store_mb, error);
	return images->store >= 0;
}

static bool build_data(struct lu_images *images, GError **error)
{
	if (!images->needs->data_mb)
		return true;
	images->data = lu_medium_disk("data", images->needs->data_mb, error);
	return images->data >= 0;
}

static bool hash_agent(struct lu_images *images, const char *agent_dir, GError **error)
{
	g_autofree char *path =
		g_strdup_printf("%s/agent-%s", agent_dir, images->plan->machine->arch);
	g_autofree char *bytes = NULL;
	gsize len;

	if (!g_file_get_contents(path, &bytes, &len, NULL)) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the guest's agent %s is missing: it is built with lubench, for %s by "
			    "a cross compiler",
			    path, images->plan->machine->arch);
		return false;
	}
	images->agent_sha256 =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, len);
	return true;
}

/* The next release's initramfs twice: as it is to find the answers, then with them in it. */
static bool pin_kdat(struct lu_images *images, const char *accel,
		     const struct lu_qemu_options *options, GError **error)
{
	const struct lu_kdat_spec spec = {
		.machine = images->plan->machine,
		.assets = images->assets,
		.kernel = lu_images_kernel(images, LU_RELEASE_NEW),
		.accel = accel,
		.initrd = images->initrd[LU_RELEASE_NEW],
		.agent_sha256 = images->agent_sha256,
		.features = (const char *const *)images->needs->features->pdata,
		.cancellable = options->cancellable,
		.note = options->note,
		.note_data = options->note_data,
	};

	if (!images->needs->pin_kdat)
		return true;
	images->kdat = lu_kdat_get(&spec, error);
	return images->kdat && build_initrd(images, LU_RELEASE_NEW, options->agent_dir, error);
}

static bool build_field(struct lu_images *images, const struct lu_qemu_options *options,
			GError **error)
{
	if (!images->needs->release_image.wanted)
		return true;
	images->field = lu_field_disk_new(options->cancellable, error);
	return images->field >= 0;
}

static bool build(struct lu_images *images, const char *accel,
		  const struct lu_qemu_options *options, GError **error)
{
	g_ptr_array_add(images->needs->features, NULL);
	g_ptr_array_add(images->needs->programs, NULL);
	if (!build_kmods(images, options, error))
		return false;
	for (int i = 0; i < LU_RELEASES; i++)
		if (!build_initrd(images, i, options->agent_dir, error))
			return false;
	return pin_kdat(images, accel, options, error) && build_medium(images, error) &&
	       build_store(images, error) && build_data(images, error) &&
	       build_field(images, options, error);
}

/* The agent takes these words over to the next kernel, whose memory must be cut in the same way. */
static char *cmdline_of(const struct lu_images *images)
{
	const struct lu_machine *machine = images->plan->machine;
	g_autofree char *memmap =
		images->layout.store_at_mb
			? g_strdup_printf(" memmap=%uM!%uM", images->layout.store_mb,
					  images->layout.store_at_mb)
			: g_strdup("");

	return g_strdup_printf("%s%s%s lubench.agent=%s lubench.generation=0", machine->cmdline,
			       memmap, images->needs->cmdline ?: "", machine->agent_tty);
}

static bool lay_out(struct lu_images *images, GError **error)
{
	const struct lu_plan *plan = images->plan;
	bool pmem = !g_strcmp0(images->needs->store, "pmem");

	unsigned memory_mb = plan->memory_mb ? plan->memory_mb : plan->machine->memory_mb;

	if (!lu_layout_make(&images->layout, plan->machine, memory_mb + images->needs->spare_mb,
			    pmem ? images->needs->store_mb : 0, error))
		return false;
	images->cmdline = cmdline_of(images);
	return true;
}

bool lu_images_make(struct lu_images *images, const struct lu_plan *plan, const char *accel,
		    const struct lu_qemu_options *options, GError **error)
{
	*images = (struct lu_images){.plan = plan,
				     .initrd = {-1, -1},
				     .next = {.fd = -1},
				     .store = -1,
				     .data = -1,
				     .field = -1};
	images->needs = lu_needs_copy(plan->needs);
	if (open_trees(images, error) && hash_agent(images, options->agent_dir, error) &&
	    lay_out(images, error) && open_assets(images, options, error) &&
	    assign_releases(images, error) && build(images, accel, options, error))
		return true;
	lu_images_clear(images);
	return false;
}

void lu_images_clear(struct lu_images *images)
{
	if (!images->plan)
		return;
	for (int i = 0; i < LU_RELEASES; i++) {
		if (images->initrd[i] >= 0)
			close(images->initrd[i]);
		g_free(images->kmods[i]);
		lu_kernel_tree_free(images->trees[i]);
	}
	lu_medium_clear(&images->next);
	if (images->store >= 0)
		close(images->store);
	if (images->data >= 0)
		close(images->data);
	if (images->field >= 0)
		close(images->field);
	if (images->assets)
		lu_assets_free(images->assets);
	lu_needs_free(images->needs);
	g_free(images->cmdline);
	g_free(images->agent_sha256);
	g_clear_pointer(&images->kdat, g_bytes_unref);
	memset(images, 0, sizeof(*images));
}

const struct lu_kernel *lu_images_kernel(const struct lu_images *images, enum lu_release release)
{
	return images->trees[release] ? images->trees[release]
				      : lu_assets_kernel(images->assets, images->which[release]);
}

struct lu_vm_spec lu_images_vm_spec(const struct lu_images *images, enum lu_release release)
{
	return (struct lu_vm_spec){
		.machine = images->plan->machine,
		.memory_mb = images->layout.memory_mb,
		.cpus = images->plan->cpus,
		.payload = {LU_PAYLOAD_LINUX, lu_images_kernel(images, release)->image,
			    images->initrd[release], images->cmdline},
		.next = images->next.fd,
		.store = images->store,
		.data_disk = images->data,
		.field = images->field,
		.memory = -1,
	};
}

int64_t lu_images_used(const struct lu_images *images)
{
	int64_t used = lu_memfile_used(images->next.fd) + lu_memfile_used(images->store) +
		       lu_memfile_used(images->data) + lu_memfile_used(images->field);

	for (int i = 0; i < LU_RELEASES; i++)
		used += lu_memfile_used(images->initrd[i]);
	return used;
}
