/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/standby.h"
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/boot/field-disk.h"
#include "qemu/memory-image/devices.h"
#include "qemu/memory-image/slots.h"
#include "qemu/state.h"

static bool usage(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "image: %s", what);
	return false;
}

const json_t *qemu_image_expects(struct lu_guest *guest)
{
	const struct lu_image *image = QEMU(guest)->image;

	return image ? json_object_get(image->about, "field") : NULL;
}

bool qemu_image_prepare(struct qemu_guest *self, GError **error)
{
	struct qemu_image *image = &self->standby.image;

	qemu_image_clear(self);
	if (!self->image)
		return usage(error, "this guest has no memory image");
	/* while the old system can still continue */
	if (!lu_image_verify(self->image, error))
		return false;
	image->memory = lu_medium_disk("memory", self->boot_files.layout.memory_mb, error);
	image->wanted = true;
	return image->memory >= 0;
}

bool qemu_image_started(struct qemu_guest *self, bool lazy, int64_t deadline_ns, GError **error)
{
	struct qemu_image *image = &self->standby.image;

	image->runs_first = lazy;
	if (lazy) {
		lu_image_warm(self->image);
		return lu_image_lazy_possible(self->image, error) &&
		       lu_postcopy_allow(self->standby.vm, deadline_ns, error);
	}
	image->stream =
		lu_image_stream_new(&lu_io_host, self->image, image->memory, self->context, error);
	return image->stream != NULL;
}

static bool feeding(void *data, GError **error)
{
	return lu_image_lazy_result(data, error);
}

/* Only the image's tables have been read when it returns. */
static bool load_lazily(struct qemu_guest *self, const struct lu_image_load *load,
			int64_t deadline_ns, GError **error)
{
	struct qemu_image *image = &self->standby.image;
	struct lu_vm *vm = self->standby.vm;
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "socketpair: %s", g_strerror(errno));
		return false;
	}
	image->lazy =
		lu_image_lazy_new(&lu_io_host, self->image, pair[0], load, self->context, error);
	ok = image->lazy && lu_postcopy_listen(vm, pair[1], deadline_ns, error);
	close(pair[1]);
	if (!ok)
		return false;
	lu_vm_depend(vm, feeding, image->lazy);
	image->loaded = lu_wait_for(lu_vm_waiter(vm), lu_image_lazy_ready, image->lazy, deadline_ns,
				    "machine that waits for its memory", error);
	return image->loaded;
}

bool qemu_image_load(struct lu_guest *guest, const struct lu_image_load *load, int64_t timeout_ns,
		     GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	struct qemu_image *image = &self->standby.image;
	int64_t deadline_ns = lu_monotonic_ns() + timeout_ns;

	if (!self->standby.vm || !image->wanted || image->lazy ||
	    (image->stream && lu_image_stream_started(image->stream)))
		return usage(error, "no machine is waiting for one");
	if (image->runs_first)
		return load_lazily(self, load, deadline_ns, error);
	lu_image_stream_start(image->stream, load);
	if (!lu_wait_for(lu_vm_waiter(self->standby.vm), lu_image_stream_ended, image->stream,
			 deadline_ns, "end of the image", error) ||
	    !lu_image_stream_result(image->stream, error))
		return false;
	qemu_claim(self, "image.stream_ns", lu_image_stream_took_ns(image->stream));
	qemu_claim(self, "image.behind_flash_ns", lu_image_stream_behind_ns(image->stream));
	image->loaded = true;
	return true;
}

/* All times count from when the machine was run. */
static void record_rest(struct qemu_guest *self)
{
	struct lu_image_lazy_figures figures = lu_image_lazy_figures(self->standby.image.lazy);

	qemu_claim(self, "image.stream_ns", figures.took_ns);
	qemu_claim(self, "image.behind_flash_ns", figures.behind_ns);
	qemu_claim(self, "image.waited_ns", figures.wait_ns);
	qemu_claim(self, "image.longest_wait_ns", figures.longest_ns);
	json_decref(self->fetched);
	self->fetched =
		json_pack("{s:i, s:i, s:I, s:I}", "waits", (int)figures.waits, "zeros",
			  (int)figures.zeros, "bytes_asked", (json_int_t)figures.bytes_asked,
			  "bytes", (json_int_t)figures.bytes_all);
}

bool qemu_image_rest(struct lu_guest *guest, int64_t timeout_ns, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	struct qemu_image *image = &self->standby.image;

	if (!image->lazy)
		return true;
	if (!lu_wait_for(lu_vm_waiter(self->vm), lu_image_lazy_ended, image->lazy,
			 lu_monotonic_ns() + timeout_ns, "end of the image", error) ||
	    !lu_image_lazy_result(image->lazy, error))
		return false;
	record_rest(self);
	return true;
}

static bool load_devices(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	const struct lu_image *image = self->image;
	int fd = lu_memfile_new("devices", error);
	bool ok = fd >= 0;

	if (ok && write(fd, image->bytes + image->head->devices_at, image->head->devices_bytes) !=
			  (ssize_t)image->head->devices_bytes) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED, "image: device state");
		ok = false;
	}
	ok = ok && lu_devices_load(self->standby.vm, fd, deadline_ns, error);
	if (fd >= 0)
		close(fd);
	return ok;
}

static int64_t realtime_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * LU_NS_PER_S + now.tv_nsec;
}

/* The release that the agent reports counts, not the one that should have been loaded. */
static bool wake(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	g_autofree char *seed = g_uuid_string_random();
	json_auto_t *reply = NULL;
	const char *kernel, *arch;

	if (!lu_channel_call(
		    lu_vm_channel(self->vm), lu_vm_waiter(self->vm), "image.wake",
		    json_pack("{s:I, s:s}", "realtime_ns", (json_int_t)realtime_ns(), "seed", seed),
		    deadline_ns, &reply, error))
		return false;
	if (json_unpack(reply, "{s:s, s:s}", "kernel", &kernel, "arch", &arch)) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED,
				    "image.wake: the agent does not say which kernel runs");
		return false;
	}
	g_free(self->kernel);
	self->kernel = g_strdup(kernel);
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "hello", 0,
			json_pack("{s:s, s:s}", "kernel", kernel, "arch", arch));
	return true;
}

static bool stop_old(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	struct lu_vm *old = self->standby.old;

	return lu_vm_state(old)->stopped || lu_vm_stop(old, deadline_ns, error);
}

/* A lazy machine gets its devices only now, and runs once it has them. */
static bool let_run(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	int64_t begin_ns = lu_monotonic_ns();

	lu_image_lazy_go(self->standby.image.lazy);
	if (!lu_vm_wait_running(self->vm, deadline_ns, error))
		return false;
	qemu_claim(self, "image.devices_ns", lu_monotonic_ns() - begin_ns);
	return true;
}

bool qemu_image_ready(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	int64_t begin_ns = lu_monotonic_ns();

	if (!self->standby.image.loaded)
		return usage(error, "none has been loaded");
	if (self->standby.image.lazy)
		return true;
	if (!load_devices(self, deadline_ns, error))
		return false;
	qemu_claim(self, "image.devices_ns", lu_monotonic_ns() - begin_ns);
	return true;
}

bool qemu_image_run(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	return stop_old(self, deadline_ns, error) &&
	       (self->standby.image.lazy ? let_run(self, deadline_ns, error)
					 : lu_vm_cont(self->vm, deadline_ns, NULL, error)) &&
	       wake(self, deadline_ns, error);
}

bool qemu_image_audit(struct lu_guest *guest, char **finding, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	if (self->boot_files.field < 0)
		return usage(error, "this guest has no disk \"field\"");
	return lu_field_disk_check(self->boot_files.field, self->cancellable, finding, error);
}

void qemu_image_clear(struct qemu_guest *self)
{
	struct qemu_image *image = &self->standby.image;

	g_clear_pointer(&image->stream, lu_image_stream_free);
	if (image->lazy && self->vm)
		lu_vm_depend(self->vm, NULL, NULL);
	g_clear_pointer(&image->lazy, lu_image_lazy_free);
	if (image->wanted && image->memory >= 0)
		close(image->memory);
	*image = (struct qemu_image){.memory = -1};
}

json_t *qemu_image_describe(const struct qemu_guest *self)
{
	const struct lu_image *image = self->image;

	if (!image)
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I, s:O*, s:O}", "bytes",
			 (json_int_t)image->head->file_bytes, "memory_bytes",
			 (json_int_t)image->head->memory_bytes, "stored_bytes",
			 (json_int_t)image->head->stored * LU_IMAGE_PAGE, "devices_bytes",
			 (json_int_t)image->head->devices_bytes, "fetched", self->fetched,
			 "made_of", json_object_get(image->about, "made_of"));
}
