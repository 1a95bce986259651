/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds the files that QEMU boots from, out of a plan and its strategy's needs. */
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/boot/boot-files.h"
#include "qemu/boot/field-disk.h"
#include "qemu/boot/freestanding.h"
#include "qemu/boot/initramfs.h"
#include "qemu/boot/kdat.h"
#include "assets/kernel-files.h"
#include "assets/kernel-tree.h"
#include "assets/kmods.h"
#include "model/workload.h"

#define MEBIBYTE (1 << 20)

static bool open_assets(struct lu_boot_files *files, const struct lu_qemu_options *options,
			GError **error)
{
	struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};

	files->assets = lu_assets_open(files->plan->machine, &how, error);
	return files->assets != NULL;
}

/* Index in the assets of the release that one end of an update names, -1: none. */
static int find_release(const struct lu_boot_files *files, const char *name)
{
	for (unsigned i = 0; i < LU_RELEASES; i++)
		if (g_str_equal(name, lu_assets_kernel(files->assets, i)->release))
			return (int)i;
	return g_str_equal(name, "previous") ? 0 : g_str_equal(name, "newest") ? 1 : -1;
}

static const char *end_name(enum lu_release release)
{
	return release == LU_RELEASE_NEW ? "to" : "from";
}

/* Before anything is fetched, so that errors in a kernel's folder are reported at once. */
static bool open_trees(struct lu_boot_files *files, GError **error)
{
	for (int i = 0; i < LU_RELEASES; i++) {
		const char *path = lu_plan_tree(files->plan, i == LU_RELEASE_NEW);

		if (!path)
			continue;
		files->trees[i] = lu_kernel_tree_open(path, files->plan->machine, error);
		if (!files->trees[i]) {
			g_prefix_error(error, "update.%s: ", end_name(i));
			return false;
		}
	}
	return true;
}

static bool open_named(struct lu_boot_files *files, enum lu_release release, const char *name,
		       const struct lu_qemu_options *options, GError **error)
{
	const struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};

	files->named[release] = lu_assets_open_kernel(files->plan->machine, name, &how, error);
	if (!files->named[release])
		g_prefix_error(error, "update.%s: ", end_name(release));
	return files->named[release] != NULL;
}

static bool assign_release(struct lu_boot_files *files, enum lu_release release,
			   const struct lu_qemu_options *options, GError **error)
{
	const char *name = lu_plan_kernel(files->plan, release == LU_RELEASE_NEW);
	int which = files->trees[release] ? 0 : find_release(files, name);

	files->which[release] = (unsigned)MAX(which, 0);
	return which >= 0 || open_named(files, release, name, options, error);
}

/* Update "previous" → "newest" or back: a downgrade is an update too. */
static bool assign_releases(struct lu_boot_files *files, const struct lu_qemu_options *options,
			    GError **error)
{
	return assign_release(files, LU_RELEASE_OLD, options, error) &&
	       assign_release(files, LU_RELEASE_NEW, options, error);
}

static bool build_kmods(struct lu_boot_files *files, const struct lu_qemu_options *options,
			GError **error)
{
	const struct lu_component *component = files->plan->workload->component;
	const struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};
	g_autoptr(GPtrArray) wanted = g_ptr_array_new();

	for (guint i = 0; i < files->needs->kmods->len; i++) {
		const struct lu_kmod *kmod = files->needs->kmods->pdata[i];

		g_ptr_array_add(wanted, (gpointer)kmod->name);
	}
	g_ptr_array_add(wanted, NULL);
	for (int i = 0; files->needs->kmods->len && i < LU_RELEASES; i++) {
		const struct lu_kmods kmods = {
			.machine = files->plan->machine,
			.kernel = lu_boot_files_kernel(files, i),
			.sources = options->kmod_dir,
			.component = component ? component->name : NULL,
			.wanted = (const char *const *)wanted->pdata,
			.options = &how,
		};

		files->kmods[i] = lu_kmods_get(&kmods, error);
		if (!files->kmods[i])
			return false;
	}
	return true;
}

static bool open_packages(struct lu_boot_files *files, const struct lu_qemu_options *options,
			  GError **error)
{
	const struct lu_assets_options how = {
		.cancellable = options->cancellable,
		.offline = options->offline,
		.note = options->note,
		.note_data = options->note_data,
	};

	if (!files->needs->packages->len)
		return true;
	files->packages =
		lu_packages_open(files->plan->machine, files->needs->packages, &how, error);
	return files->packages != NULL;
}

/* Whether this release will be the next one: with both ways the old one, too. */
static bool comes_next(const struct lu_boot_files *files, enum lu_release release)
{
	return release == LU_RELEASE_NEW || files->needs->both_ways;
}

/* The kernel that answers for CRIU is booted with all of it. */
static const char *lacking(const struct lu_boot_files *files, int release)
{
	const struct lu_needs *needs = files->needs;
	bool last = files->kdat[release] || !needs->pin_kdat;

	return release == LU_RELEASE_NEW && last && needs->next_fault == LU_NEXT_LACKS ? "net"
										       : NULL;
}

/* Text files of all services, as struct lu_workload has those of one. g_free. */
static struct lu_guest_file *texts_of(const struct lu_plan *plan)
{
	GArray *all = g_array_new(TRUE, TRUE, sizeof(struct lu_guest_file));

	for (unsigned i = 0; i < lu_plan_services(plan); i++) {
		const struct lu_guest_file *file = lu_plan_service(plan, i)->workload->files;

		for (; file && file->path; file++)
			g_array_append_vals(all, file, 1);
	}
	return (struct lu_guest_file *)g_array_free(all, FALSE);
}

static bool build_initrd(struct lu_boot_files *files, int release, const char *agent_dir,
			 GError **error)
{
	g_autofree struct lu_guest_file *texts = texts_of(files->plan);
	struct lu_initramfs spec = {
		.machine = files->plan->machine,
		.assets = files->assets,
		.kernel = lu_boot_files_kernel(files, release),
		.agent_dir = agent_dir,
		.features = (const char *const *)files->needs->features->pdata,
		.programs = (const char *const *)files->needs->programs->pdata,
		.kdat = files->kdat[release],
		.packages = files->packages,
		.parts = files->needs->parts,
		.files = texts,
		.init_script = files->needs->init_script,
		.kmods = files->needs->kmods,
		.kmod_dir = files->kmods[release],
		.most_modules = comes_next(files, release) && files->needs->next_boot.most_modules,
		.lacking = lacking(files, release),
		.pad_bytes =
			release == LU_RELEASE_NEW ? (size_t)files->plan->initramfs_mb << 20 : 0,
	};

	if (files->initrd[release] >= 0)
		close(files->initrd[release]);
	files->initrd[release] = lu_memfile_new("initramfs", error);
	return files->initrd[release] >= 0 &&
	       lu_initramfs_write(&spec, files->initrd[release], error);
}

static const char *medium_form(const struct lu_boot_files *files)
{
	return files->needs->kernel_image ?: files->plan->machine->images[0];
}

/* The running kernel holds the next release twice: as it was read, and as it was loaded. How large
 * it is is known only now. */
static bool has_room_for(const struct lu_boot_files *files, const struct lu_medium_part *part,
			 GError **error)
{
	const struct lu_plan *plan = files->plan;
	uint64_t state = lu_plan_state_bytes(plan);
	uint64_t next = part->kernel_bytes + part->initrd_bytes;
	unsigned step = plan->machine->memory_step_mb;
	unsigned least = LU_GUEST_RESERVE_MB + (unsigned)((state + 2 * next + MEBIBYTE - 1) >> 20);

	least = (least + step - 1) / step * step;
	if (plan->memory_mb + files->needs->spare_mb >= least)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "memory_mb: %u is too little for strategy %s, which holds the next release of "
		    "%u MiB in memory twice; allowed: %u or more",
		    plan->memory_mb, plan->strategy->name, (unsigned)(next >> 20), least);
	return false;
}

/* A release in the kernel image form that the strategy wants. */
static bool add_to_medium(struct lu_boot_files *files, enum lu_release release, GError **error)
{
	const struct lu_kernel *kernel = lu_boot_files_kernel(files, release);
	const char *path = lu_kernel_file(kernel, medium_form(files), error);

	return path && lu_medium_add(&files->next, release, path, files->initrd[release], error) &&
	       has_room_for(files, &files->next.parts[release], error);
}

static bool build_medium(struct lu_boot_files *files, GError **error)
{
	for (int i = LU_RELEASES - 1; files->needs->stage_next && i >= 0; i--)
		if (comes_next(files, i) && !add_to_medium(files, i, error))
			return false;
	return true;
}

static bool build_store(struct lu_boot_files *files, GError **error)
{
	if (g_strcmp0(files->needs->store, "disk"))
		return true;
	files->store = lu_medium_disk("store", files->needs->store_mb, error);
	return files->store >= 0;
}

static bool build_data(struct lu_boot_files *files, GError **error)
{
	if (!files->needs->data_mb)
		return true;
	files->data = lu_medium_disk("data", files->needs->data_mb, error);
	return files->data >= 0;
}

/* The program that speaks the agent's protocol there. */
static bool hash_agent(struct lu_boot_files *files, const char *path)
{
	g_autofree char *bytes = NULL;
	gsize len;

	if (!g_file_get_contents(path, &bytes, &len, NULL))
		return false;
	files->agent_sha256 =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, len);
	return true;
}

static bool find_agent(struct lu_boot_files *files, const char *agent_dir, GError **error)
{
	g_autofree char *path =
		g_strdup_printf("%s/agent-%s", agent_dir, files->plan->machine->arch);

	if (hash_agent(files, path))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "the guest's agent %s is missing: lubench's build makes it, for %s with a "
		    "cross compiler",
		    path, files->plan->machine->arch);
	return false;
}

/* The initramfs is built twice: first without CRIU's answers, to boot the kernel that gives them,
 * then with them. */
static bool pin_kdat(struct lu_boot_files *files, enum lu_release release, const char *accel,
		     const struct lu_qemu_options *options, GError **error)
{
	const struct lu_kdat_spec spec = {
		.machine = files->plan->machine,
		.assets = files->assets,
		.kernel = lu_boot_files_kernel(files, release),
		.accel = accel,
		.initrd = files->initrd[release],
		.agent_sha256 = files->agent_sha256,
		.features = (const char *const *)files->needs->features->pdata,
		.cancellable = options->cancellable,
		.note = options->note,
		.note_data = options->note_data,
	};

	files->kdat[release] = lu_kdat_get(&spec, error);
	return files->kdat[release] && build_initrd(files, release, options->agent_dir, error);
}

static bool pin_kdats(struct lu_boot_files *files, const char *accel,
		      const struct lu_qemu_options *options, GError **error)
{
	for (int i = 0; files->needs->pin_kdat && i < LU_RELEASES; i++)
		if (comes_next(files, i) && !pin_kdat(files, i, accel, options, error))
			return false;
	return true;
}

static bool build_field(struct lu_boot_files *files, const struct lu_qemu_options *options,
			GError **error)
{
	if (!files->needs->memory_image.wanted)
		return true;
	files->field = lu_field_disk_new(options->cancellable, error);
	return files->field >= 0;
}

/* The form in which the kernel boots. */
static const char *booted_image(const struct lu_boot_files *files, enum lu_release release,
				GError **error)
{
	const struct lu_kernel *kernel = lu_boot_files_kernel(files, release);

	if (release == LU_RELEASE_NEW && files->needs->stage_next)
		return lu_kernel_file(kernel, medium_form(files), error);
	if (release == LU_RELEASE_NEW && files->needs->next_boot.image)
		return lu_kernel_file(kernel, files->needs->next_boot.image, error);
	return kernel->image;
}

/* Whether a release that comes next can be had in the form in which it then boots. */
static bool has_next_form(const struct lu_boot_files *files, enum lu_release release,
			  GError **error)
{
	const char *form = files->needs->next_boot.image;

	return !form || !comes_next(files, release) ||
	       lu_kernel_file(lu_boot_files_kernel(files, release), form, error);
}

static bool hash_booted(struct lu_boot_files *files, GError **error)
{
	for (int i = 0; i < LU_RELEASES; i++) {
		const char *path =
			has_next_form(files, i, error) ? booted_image(files, i, error) : NULL;

		files->kernel_sha256[i] =
			path ? lu_kernel_hash(lu_boot_files_kernel(files, i), path, error) : NULL;
		if (!files->kernel_sha256[i])
			return false;
		files->initrd_sha256[i] = lu_memfile_hash(files->initrd[i], error);
		if (!files->initrd_sha256[i])
			return false;
	}
	return true;
}

static bool build(struct lu_boot_files *files, const char *accel,
		  const struct lu_qemu_options *options, GError **error)
{
	if (!open_packages(files, options, error))
		return false;
	g_ptr_array_add(files->needs->features, NULL);
	g_ptr_array_add(files->needs->programs, NULL);
	if (!build_kmods(files, options, error))
		return false;
	for (int i = 0; i < LU_RELEASES; i++)
		if (!build_initrd(files, i, options->agent_dir, error))
			return false;
	return pin_kdats(files, accel, options, error) && build_medium(files, error) &&
	       build_store(files, error) && build_data(files, error) &&
	       build_field(files, options, error) && hash_booted(files, error);
}

/* The agent passes these words on to the next kernel,
 * which must lay out its memory in the same way. */
static char *cmdline_of(const struct lu_boot_files *files)
{
	const struct lu_machine *machine = files->plan->machine;
	g_autofree char *memmap =
		files->layout.store_at_mb
			? g_strdup_printf(" memmap=%uM!%uM", files->layout.store_mb,
					  files->layout.store_at_mb)
			: g_strdup("");

	return g_strdup_printf("%s%s%s lubench.agent=%s lubench.generation=0", machine->cmdline,
			       memmap, files->needs->cmdline ?: "", machine->agent_tty);
}

static bool lay_out(struct lu_boot_files *files, GError **error)
{
	const struct lu_plan *plan = files->plan;
	bool pmem = !g_strcmp0(files->needs->store, "pmem");

	unsigned memory_mb = plan->memory_mb ? plan->memory_mb : plan->machine->memory_mb;

	if (!lu_layout_make(&files->layout, plan->machine, memory_mb + files->needs->spare_mb,
			    pmem ? files->needs->store_mb : 0, error))
		return false;
	files->cmdline = cmdline_of(files);
	files->next_cmdline = g_strconcat(files->cmdline, files->needs->next_boot.cmdline ?: "",
					  lu_needs_next_words(files->needs), NULL);
	return true;
}

/* Disks, but no kernel, no initramfs and no package. */
static bool make_freestanding(struct lu_boot_files *files, GError **error)
{
	char *path = lu_freestanding_find(files->plan, error);

	if (!path)
		return false;
	files->freestanding.image = path;
	files->freestanding.release = g_path_get_basename(path);
	hash_agent(files, path);
	for (int i = 0; i < LU_RELEASES; i++)
		files->kernel_sha256[i] = g_strdup(files->agent_sha256);
	return lay_out(files, error) && build_store(files, error) && build_data(files, error);
}

static bool make_linux(struct lu_boot_files *files, const char *accel,
		       const struct lu_qemu_options *options, GError **error)
{
	return open_trees(files, error) && find_agent(files, options->agent_dir, error) &&
	       lay_out(files, error) && open_assets(files, options, error) &&
	       assign_releases(files, options, error) && build(files, accel, options, error);
}

bool lu_boot_files_make(struct lu_boot_files *files, const struct lu_plan *plan, const char *accel,
			const struct lu_qemu_options *options, GError **error)
{
	*files = (struct lu_boot_files){.plan = plan,
					.initrd = {-1, -1},
					.next = {.fd = -1},
					.store = -1,
					.data = -1,
					.field = -1};
	files->needs = lu_needs_copy(plan->needs);
	if (plan->machine->payload.file ? make_freestanding(files, error)
					: make_linux(files, accel, options, error))
		return true;
	lu_boot_files_clear(files);
	return false;
}

void lu_boot_files_clear(struct lu_boot_files *files)
{
	if (!files->plan)
		return;
	for (int i = 0; i < LU_RELEASES; i++) {
		if (files->initrd[i] >= 0)
			close(files->initrd[i]);
		g_free(files->kmods[i]);
		g_free(files->kernel_sha256[i]);
		g_free(files->initrd_sha256[i]);
		lu_kernel_tree_free(files->trees[i]);
		lu_assets_free(files->named[i]);
	}
	for (int i = 0; i < LU_RELEASES; i++)
		g_clear_pointer(&files->kdat[i], g_bytes_unref);
	lu_medium_clear(&files->next);
	if (files->store >= 0)
		close(files->store);
	if (files->data >= 0)
		close(files->data);
	if (files->field >= 0)
		close(files->field);
	lu_kernel_clear(&files->freestanding);
	if (files->assets)
		lu_assets_free(files->assets);
	lu_packages_free(files->packages);
	lu_needs_free(files->needs);
	g_free(files->cmdline);
	g_free(files->next_cmdline);
	g_free(files->agent_sha256);
	memset(files, 0, sizeof(*files));
}

const struct lu_kernel *lu_boot_files_kernel(const struct lu_boot_files *files,
					     enum lu_release release)
{
	if (files->freestanding.image)
		return &files->freestanding;
	if (files->trees[release])
		return files->trees[release];
	if (files->named[release])
		return lu_assets_kernel(files->named[release], 0);
	return lu_assets_kernel(files->assets, files->which[release]);
}

static struct lu_payload payload_of(const struct lu_boot_files *files, enum lu_release release,
				    bool next)
{
	const char *image = lu_boot_files_kernel(files, release)->image;
	const char *form = next ? files->needs->next_boot.image : NULL;

	if (files->freestanding.image)
		return lu_freestanding_payload(files->plan->machine, image);
	/* That there is one was found out when the files were made. */
	if (form)
		image = lu_kernel_file(lu_boot_files_kernel(files, release), form, NULL);
	return (struct lu_payload){LU_PAYLOAD_LINUX, image, files->initrd[release],
				   next ? files->next_cmdline : files->cmdline};
}

struct lu_vm_spec lu_boot_files_vm_spec(const struct lu_boot_files *files, enum lu_release release,
					bool next)
{
	return (struct lu_vm_spec){
		.machine = files->plan->machine,
		.memory_mb = files->layout.memory_mb,
		.cpus = files->plan->cpus,
		.payload = payload_of(files, release, next),
		.next = files->next.fd,
		.store = files->store,
		.data_disk = files->data,
		.field = files->field,
		.memory = -1,
		.more_args = next ? files->needs->next_boot.qemu_args : NULL,
	};
}

int64_t lu_boot_files_used(const struct lu_boot_files *files)
{
	int64_t used = lu_memfile_used(files->next.fd) + lu_memfile_used(files->store) +
		       lu_memfile_used(files->data) + lu_memfile_used(files->field);

	for (int i = 0; i < LU_RELEASES; i++)
		used += lu_memfile_used(files->initrd[i]);
	return used;
}
