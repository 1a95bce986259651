/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM is a file that QEMU shares, so its migration stream leaves it out (x-ignore-shared) and it is
 * read from that file once the machine is stopped.
 */
#include "qemu/memory-image/capture.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/memory-image/devices.h"
#include "qemu/memory-image/file.h"
#include "qemu/vm/vm.h"

#define DEADLINE_NS (300 * LU_NS_PER_S)
/* Pages that one page of a page table maps. */
#define TABLE_ENTRIES 512

static void no_hello(void *data, const struct lu_hello *hello)
{
}

static void no_event(void *data, const char *name, json_t *event)
{
}

static bool ask(struct lu_vm *vm, const char *verb, json_t *args, int64_t deadline_ns,
		json_t **reply, GError **error)
{
	return lu_channel_call(lu_vm_channel(vm), lu_vm_waiter(vm), verb, args, deadline_ns, reply,
			       error);
}

static json_t *feature_list(const struct lu_boot_files *files)
{
	json_t *list = json_array();

	for (guint i = 0; i + 1 < files->needs->features->len; i++)
		json_array_append_new(list, json_string(files->needs->features->pdata[i]));
	return list;
}

/* Bytes to fill so that the memory image has the requested size on flash, allowing for its tables
 * and for the page tables of the memory that is filled. */
static uint64_t missing(const struct lu_boot_files *files, int memory)
{
	uint64_t target = (uint64_t)files->needs->memory_image.touched_mb << 20;
	uint64_t pages = ((uint64_t)files->layout.memory_mb << 20) / LU_IMAGE_PAGE;
	uint64_t have = pages * sizeof(struct lu_image_page);

	if (!target)
		return 0;
	have += lu_image_distinct(memory) * LU_IMAGE_PAGE;
	return target > have ? (target - have) / (TABLE_ENTRIES + 1) * TABLE_ENTRIES : 0;
}

/* Everything that the release can do before it knows its service and its network. Listing the disk
 * reads every file of it and so caches them. */
static bool prepare(struct lu_vm *vm, const struct lu_boot_files *files, struct lu_capture *capture,
		    int64_t deadline_ns, GError **error)
{
	const struct lu_image_form *form = &files->needs->memory_image;

	return lu_channel_wait_boot(lu_vm_channel(vm), lu_vm_waiter(vm), 0, deadline_ns, error) &&
	       ask(vm, "modules", json_pack("{s:o}", "features", feature_list(files)), deadline_ns,
		   NULL, error) &&
	       ask(vm, "field.open", NULL, deadline_ns, NULL, error) &&
	       ask(vm, "field.list", NULL, deadline_ns, &capture->field, error) &&
	       ask(vm, "image.settle", NULL, deadline_ns, NULL, error) &&
	       ask(vm, "image.fill",
		   json_pack("{s:I, s:i}", "bytes", (json_int_t)missing(files, capture->memory),
			     "compressible", (int)form->compressible),
		   deadline_ns, &capture->filled, error);
}

static bool save(struct lu_vm *vm, const struct lu_boot_files *files, struct lu_capture *capture,
		 int64_t deadline_ns, GError **error)
{
	return prepare(vm, files, capture, deadline_ns, error) &&
	       lu_vm_stop(vm, deadline_ns, error) &&
	       lu_devices_save(vm, capture->devices, deadline_ns, error);
}

static struct lu_vm *start(struct lu_boot_files *files, const char *accel, int memory, int net,
			   GMainContext *context, GCancellable *cancellable, int64_t deadline_ns,
			   GError **error)
{
	static const struct lu_channel_ops ops = {.hello = no_hello, .event = no_event};
	struct lu_vm_spec spec = lu_boot_files_vm_spec(files, LU_RELEASE_NEW, true);

	spec.accel = accel;
	spec.memory = memory;
	spec.net = net;
	spec.context = context;
	spec.cancellable = cancellable;
	spec.channel_ops = &ops;
	return lu_vm_start(&spec, deadline_ns, error);
}

/* The network interface must exist, but stays down: its cable has no peer. */
static bool run(struct lu_capture *capture, struct lu_boot_files *files, const char *accel,
		GCancellable *cancellable, GError **error)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	int64_t deadline_ns = lu_monotonic_ns() + DEADLINE_NS;
	int cable[2];
	struct lu_vm *vm;
	bool ok;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, cable) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "socketpair: %s", g_strerror(errno));
		return false;
	}
	vm = start(files, accel, capture->memory, cable[1], context, cancellable, deadline_ns,
		   error);
	ok = vm && save(vm, files, capture, deadline_ns, error);
	if (ok)
		capture->qemu_version = g_strdup(lu_vm_qemu_version(vm));
	lu_vm_free(vm);
	close(cable[0]);
	close(cable[1]);
	return ok;
}

bool lu_capture_make(struct lu_capture *capture, struct lu_boot_files *files, const char *accel,
		     GCancellable *cancellable, GError **error)
{
	*capture = (struct lu_capture){.memory = -1, .devices = -1};
	capture->memory = lu_medium_disk("memory", files->layout.memory_mb, error);
	if (capture->memory >= 0)
		capture->devices = lu_memfile_new("devices", error);
	if (capture->devices >= 0 && run(capture, files, accel, cancellable, error))
		return true;
	lu_capture_clear(capture);
	return false;
}

void lu_capture_clear(struct lu_capture *capture)
{
	if (capture->memory >= 0)
		close(capture->memory);
	if (capture->devices >= 0)
		close(capture->devices);
	json_decref(capture->field);
	json_decref(capture->filled);
	g_free(capture->qemu_version);
	*capture = (struct lu_capture){.memory = -1, .devices = -1};
}
