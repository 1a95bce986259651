/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that is a QEMU process, behind model/guest.h. A power cycle is a new process on the same
 * network cable: through the firmware, memory lost, as on hardware; its peers' connections stay
 * open until the next kernel's TCP resets them.
 */
#include "host/clocks.h"
#include "record/error.h"
#include "qemu/vm/accel.h"
#include "qemu/fabric/fabric.h"
#include "qemu/boot/boot-files.h"
#include "qemu/memory-image/build.h"
#include "qemu/migration/other-qemu.h"
#include "qemu/guest.h"
#include "qemu/state.h"
#include "qemu/verb-complete.h"

#define PANIC_NS (20 * LU_NS_PER_S)
#define DRAIN_NS LU_NS_PER_S

static int64_t guest_now(struct lu_guest *guest)
{
	return lu_monotonic_ns();
}

static int64_t guest_wall(struct lu_guest *guest)
{
	struct lu_clocks clocks = lu_clocks_read();

	return clocks.monotonic_ns + clocks.realtime_ns;
}

static void turn(struct lu_guest *guest)
{
	QEMU(guest)->turned = !QEMU(guest)->turned;
}

static bool powered(struct qemu_guest *self, GError **error)
{
	if (self->vm)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the guest is not powered on");
	return false;
}

/* memory() must not look at a pid that may be someone else's. */
static void power_off(struct qemu_guest *self)
{
	qemu_standby_clear(self);
	qemu_set_pid(self, 0);
	g_clear_pointer(&self->vm, lu_vm_free);
	self->hung = false;
}

static bool power_on(struct qemu_guest *self, enum lu_release role, int64_t deadline_ns,
		     GError **error)
{
	enum lu_release release = qemu_release(self, role);
	struct qemu_life life = {
		.channel_ops = &qemu_channel_ops,
		.next = role == LU_RELEASE_NEW,
	};

	if (!qemu_join_fabric(self, error))
		return false;
	life.port = self->port;
	life.link = self->link;
	self->vm = qemu_start_vm(self, release, &life, deadline_ns, error);
	if (!self->vm)
		return false;
	self->booted = release;
	g_free(self->qemu_version);
	self->qemu_version = g_strdup(lu_vm_qemu_version(self->vm));
	qemu_set_pid(self, lu_vm_pid(self->vm));
	return true;
}

/* The agent of a new kernel knows nothing of the sampling that its predecessor was asked for. */
static bool resume_sampling(struct qemu_guest *self, GError **error)
{
	if (!self->sample_ms)
		return true;
	return lu_channel_tell(lu_vm_channel(self->vm), "sample",
			       json_pack("{s:I}", "interval_ms", (json_int_t)self->sample_ms),
			       error);
}

static bool power_cycle(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
			GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	int64_t deadline_ns = lu_monotonic_ns() + timeout_ns;

	/* A machine's last frames have left long before its power is gone. Drain QEMU, so that
	 * peers learn of the end of the service as they would from hardware and not by chance. */
	if (self->vm)
		lu_vm_drain(self->vm, lu_monotonic_ns() + DRAIN_NS);
	power_off(self);
	return power_on(self, release, deadline_ns, error) &&
	       lu_channel_wait_boot(lu_vm_channel(self->vm), lu_vm_waiter(self->vm), 0, deadline_ns,
				    error) &&
	       resume_sampling(self, error);
}

static bool boot_words(struct lu_guest *guest, const char *words, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	g_free(self->boot_words);
	self->boot_words = g_strdup(words);
	return true;
}

static bool guest_wait(struct lu_guest *guest, int64_t ns, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	return powered(self, error) &&
	       lu_wait_until(lu_vm_waiter(self->vm), lu_monotonic_ns() + ns, error);
}

static bool stop(struct lu_guest *guest, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	return powered(self, error) &&
	       lu_vm_stop(self->vm, lu_monotonic_ns() + QEMU_ANSWERS_NS, error);
}

static bool cont(struct lu_guest *guest, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	int64_t stopped_ns = -1;

	if (!powered(self, error))
		return false;
	if (self->hung) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the guest's machine hangs");
		return false;
	}
	if (!lu_vm_cont(self->vm, lu_monotonic_ns() + QEMU_ANSWERS_NS, &stopped_ns, error))
		return false;
	if (stopped_ns >= 0)
		qemu_claim(self, "qmp.stopped_ns", stopped_ns);
	return true;
}

static bool call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		 json_t **reply, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	if (!powered(self, error)) {
		json_decref(args);
		return false;
	}
	args = lu_verb_complete(verb, args, qemu_next(self));
	if (g_str_equal(verb, "sample"))
		self->sample_ms = json_integer_value(json_object_get(args, "interval_ms"));
	return lu_channel_call(lu_vm_channel(self->vm), lu_vm_waiter(self->vm), verb, args,
			       lu_monotonic_ns() + timeout_ns, reply, error);
}

static bool jump(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		 GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	if (!powered(self, error)) {
		json_decref(args);
		return false;
	}
	return lu_channel_jump(lu_vm_channel(self->vm), lu_vm_waiter(self->vm), verb, args,
			       lu_monotonic_ns() + timeout_ns, error) &&
	       resume_sampling(self, error);
}

static bool panic(struct qemu_guest *self, GError **error)
{
	return lu_channel_tell(lu_vm_channel(self->vm), "panic", NULL, error) &&
	       lu_vm_wait_panic(self->vm, lu_monotonic_ns() + PANIC_NS, error);
}

static bool hang(struct qemu_guest *self, GError **error)
{
	self->hung = true;
	return lu_vm_stop(self->vm, lu_monotonic_ns() + QEMU_ANSWERS_NS, error);
}

static bool sabotage(struct lu_guest *guest, const char *kind, GError **error)
{
	struct qemu_guest *self = QEMU(guest);

	if (!powered(self, error))
		return false;
	if (g_str_equal(kind, "panic"))
		return panic(self, error);
	if (g_str_equal(kind, "kill"))
		return lu_vm_kill(self->vm, error);
	if (g_str_equal(kind, "hang"))
		return hang(self, error);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
		    "sabotage '%s' is not known: panic, kill or hang", kind);
	return false;
}

static uint16_t endpoint(struct lu_guest *guest, unsigned service)
{
	return QEMU(guest)->endpoints[service];
}

static void handshake(struct lu_guest *guest, uint16_t local_port, struct lu_handshake *seen)
{
	lu_fabric_handshake(QEMU(guest)->fabric, local_port, seen);
}

static void forget_handshake(struct lu_guest *guest, uint16_t local_port)
{
	lu_fabric_forget(QEMU(guest)->fabric, local_port);
}

static const char *kernel(struct lu_guest *guest)
{
	return QEMU(guest)->kernel;
}

static const char *release_name(struct lu_guest *guest, enum lu_release release)
{
	return lu_boot_files_kernel(&QEMU(guest)->boot_files, release)->release;
}

static char *console_tail(struct lu_guest *guest, unsigned lines)
{
	struct qemu_guest *self = QEMU(guest);

	return self->vm ? lu_vm_console_tail(self->vm, lines) : g_strdup("");
}

static void guest_free(struct lu_guest *guest)
{
	struct qemu_guest *self = QEMU(guest);

	power_off(self);
	lu_fabric_free(self->fabric);
	lu_image_close(self->image);
	lu_boot_files_clear(&self->boot_files);
	g_clear_object(&self->cancellable);
	g_main_context_unref(self->context);
	g_mutex_clear(&self->lock);
	g_free(self->accel_why);
	g_free(self->boot_words);
	g_free(self->capture);
	g_free(self->kernel);
	g_free(self->qemu_version);
	g_free(self->standby_qemu);
	json_decref(self->migrated);
	json_decref(self->fetched);
	g_free(self);
}

static const struct lu_guest_ops qemu_ops = {
	.name = "qemu",
	.now = guest_now,
	.wall = guest_wall,
	.wait = guest_wait,
	.turn = turn,
	.boot = power_cycle,
	.power_cycle = power_cycle,
	.boot_words = boot_words,
	.stop = stop,
	.cont = cont,
	.call = call,
	.jump = jump,
	.sabotage = sabotage,
	.standby_start = qemu_standby_start,
	.standby_call = qemu_standby_call,
	.standby_copy = qemu_standby_copy,
	.standby_switch = qemu_standby_switch,
	.standby_drop = qemu_standby_drop,
	.image_expects = qemu_image_expects,
	.image_load = qemu_image_load,
	.image_rest = qemu_image_rest,
	.image_audit = qemu_image_audit,
	.endpoint = endpoint,
	.handshake = handshake,
	.forget_handshake = forget_handshake,
	.host_script = qemu_host_script,
	.impair = qemu_impair,
	.cut = qemu_cut,
	.memory = qemu_memory,
	.kernel = kernel,
	.release = release_name,
	.describe = qemu_describe,
	.console_tail = console_tail,
	.free = guest_free,
};

static bool qemu_installed(const struct lu_machine *machine, GError **error)
{
	g_autofree char *path = g_find_program_in_path(machine->qemu);

	if (path)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "machine %s needs %s, which is not installed", machine->name, machine->qemu);
	return false;
}

static bool get_image(struct qemu_guest *self, const struct lu_qemu_options *options,
		      GError **error)
{
	if (!self->boot_files.needs->memory_image.wanted)
		return true;
	self->image = lu_image_get(&self->boot_files, self->accel, options, error);
	return self->image != NULL;
}

static bool find_standby_qemu(struct qemu_guest *self, GError **error)
{
	const char *wanted = self->boot_files.needs->standby_qemu;

	if (wanted)
		self->standby_qemu = lu_other_qemu(self->plan->machine->qemu, wanted, error);
	return !wanted || self->standby_qemu;
}

struct lu_guest *lu_qemu_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline,
				   const struct lu_qemu_options *options, GError **error)
{
	struct qemu_guest *self = g_new0(struct qemu_guest, 1);

	self->guest.ops = &qemu_ops;
	self->guest.timeline = timeline;
	self->plan = plan;
	self->capture = g_strdup(options->capture);
	self->context = g_main_context_new();
	self->used_bytes = self->store_bytes = -1;
	g_mutex_init(&self->lock);
	if (options->cancellable)
		self->cancellable = g_object_ref(options->cancellable);
	if (qemu_installed(plan->machine, error))
		self->accel =
			lu_accel_choose(plan->accel, plan->machine->arch, &self->accel_why, error);
	if (self->accel &&
	    lu_boot_files_make(&self->boot_files, plan, self->accel, options, error) &&
	    get_image(self, options, error) && find_standby_qemu(self, error))
		return &self->guest;
	guest_free(&self->guest);
	return NULL;
}
