/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that is a QEMU process, behind iface/guest.h. A power cycle is a new process on the same
 * network cable: through the firmware, memory lost, as on hardware; its peers stay, and hear of it
 * from the next kernel's TCP.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/error.h"
#include "guest/accel.h"
#include "guest/fabric.h"
#include "guest/images.h"
#include "guest/qemu-guest.h"
#include "guest/qemu-state.h"
#include "guest/verb-complete.h"
#include "iface/workload.h"

#define PANIC_NS (20 * LU_NS_PER_S)

static int64_t guest_now(struct lu_guest *guest)
{
	return lu_monotonic_ns();
}

static bool powered(struct qemu_guest *self, GError **error)
{
	if (self->vm)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the guest is not powered on");
	return false;
}

/* Where it happened: the hello says how old the kernel was then and now. */
static void stamp_mark(struct qemu_guest *self, int64_t now_ns, const char *name, int64_t age_ns,
		       int64_t uptime_ns)
{
	lu_timeline_add(self->guest.timeline, now_ns - age_ns, "guest", "mark", 0,
			json_pack("{s:s, s:I}", "name", name, "uptime_ns", (json_int_t)uptime_ns));
}

static void stamp_marks(struct qemu_guest *self, int64_t now_ns, const struct lu_hello *hello)
{
	const char *key;
	json_t *value;

	json_object_foreach(hello->marks, key, value)
	{
		json_int_t at_ns = json_integer_value(value);
		g_autofree char *name = g_strdup(key);

		if (!json_is_integer(value) || at_ns < 0 || at_ns > hello->uptime_ns)
			continue;
		if (g_str_has_suffix(name, "_ns"))
			name[strlen(name) - strlen("_ns")] = '\0';
		stamp_mark(self, now_ns, name, hello->uptime_ns - at_ns, at_ns);
	}
}

static void on_hello(void *data, const struct lu_hello *hello)
{
	struct qemu_guest *self = data;
	int64_t now_ns = lu_monotonic_ns();
	json_t *value = json_pack("{s:s, s:s}", "kernel", hello->kernel, "arch", hello->arch);

	if (hello->uptime_ns >= 0)
		json_object_set_new(value, "uptime_ns", json_integer(hello->uptime_ns));
	lu_timeline_add(self->guest.timeline, now_ns, "guest", "hello", hello->generation, value);
	stamp_marks(self, now_ns, hello);
	g_free(self->kernel);
	self->kernel = g_strdup(hello->kernel);
}

static void on_memory(struct qemu_guest *self, json_t *event)
{
	json_int_t used = -1, store = -1;

	if (json_unpack(event, "{s:I, s?I}", "used_bytes", &used, "store_bytes", &store))
		return;
	g_mutex_lock(&self->lock);
	self->used_bytes = used;
	self->store_bytes = store;
	g_mutex_unlock(&self->lock);
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "memory", 0,
			json_pack("{s:I, s:I}", "used_bytes", used, "store_bytes", store));
}

/* "jump": the last line of a kernel's user space; "exit": the service ended by itself. */
static void on_mark(struct qemu_guest *self, const char *name, json_t *event)
{
	json_t *value = json_pack("{s:s}", "name", name);

	json_object_del(event, "event");
	json_object_update_missing(value, event);
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "mark", 0, value);
}

static void on_event(void *data, const char *name, json_t *event)
{
	if (g_str_equal(name, "memory"))
		on_memory(data, event);
	else if (g_str_equal(name, "jump"))
		on_mark(data, "jump", event);
	else if (g_str_equal(name, "exit"))
		on_mark(data, "service-exit", event);
}

const struct lu_channel_ops qemu_channel_ops = {.hello = on_hello, .event = on_event};

static void set_pid(struct qemu_guest *self, pid_t pid)
{
	g_mutex_lock(&self->lock);
	self->pid = pid;
	self->used_bytes = self->store_bytes = -1;
	g_mutex_unlock(&self->lock);
}

/* memory() must not look at a pid that may be someone else's. */
static void power_off(struct qemu_guest *self)
{
	qemu_standby_clear(self);
	set_pid(self, 0);
	g_clear_pointer(&self->vm, lu_vm_free);
	self->hung = false;
}

/* What the scenario says of the link between clients and guest. */
void qemu_shape_link(struct qemu_guest *self, int port)
{
	struct lu_shape_config link = {
		.rate_bps = self->plan->net_rate_bps,
		.delay_ns = self->plan->net_delay_ns,
		.loss = self->plan->net_loss,
		.seed = (uint32_t)self->plan->seed,
	};

	if (link.rate_bps || link.delay_ns || link.loss > 0)
		lu_fabric_shape(self->fabric, port, &link);
}

/* Once for all lives of the machine: clients stay connected while it is away. */
static bool join_fabric(struct qemu_guest *self, GError **error)
{
	static const uint8_t mac[] = LU_VM_MAC;

	if (self->endpoint)
		return true;
	if (!self->fabric)
		self->fabric = lu_fabric_new(error);
	if (!self->fabric)
		return false;
	self->port = lu_fabric_add_port(self->fabric, "guest", mac, LU_GATE_OPEN, error);
	if (self->port < 0)
		return false;
	qemu_shape_link(self, self->port);
	self->endpoint =
		lu_fabric_forward(self->fabric, LU_FABRIC_GUEST, self->plan->workload->port, error);
	return self->endpoint != 0;
}

struct lu_vm *qemu_start_vm(struct qemu_guest *self, enum lu_release release,
			    const struct qemu_life *life, int64_t deadline_ns, GError **error)
{
	g_autofree char *cmdline = lu_images_cmdline(&self->images);
	int cable = lu_fabric_plug(self->fabric, life->port, error);
	struct lu_vm_spec spec = {
		.machine = self->plan->machine,
		.accel = self->accel,
		.memory_mb = self->images.layout.memory_mb,
		.kernel = lu_images_kernel(&self->images, release)->image,
		.initrd = self->images.initrd[release],
		.cmdline = cmdline,
		.next = self->images.next.fd,
		.store = self->images.store,
		.net = cable,
		.console_held = life->console_held,
		.incoming = life->incoming,
		.context = self->context,
		.cancellable = self->cancellable,
		.channel_ops = life->channel_ops,
		.data = self,
	};
	struct lu_vm *vm;

	if (cable < 0)
		return NULL;
	vm = lu_vm_start(&spec, deadline_ns, error);
	close(cable);
	return vm;
}

static bool power_on(struct qemu_guest *self, enum lu_release release, int64_t deadline_ns,
		     GError **error)
{
	struct qemu_life life = {.channel_ops = &qemu_channel_ops};

	if (!join_fabric(self, error))
		return false;
	life.port = self->port;
	self->vm = qemu_start_vm(self, release, &life, deadline_ns, error);
	if (!self->vm)
		return false;
	self->booted = release;
	g_free(self->qemu_version);
	self->qemu_version = g_strdup(lu_vm_qemu_version(self->vm));
	set_pid(self, lu_vm_pid(self->vm));
	return true;
}

/* A new kernel's agent knows nothing of the sampling that the one before was asked for. */
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

	power_off(self);
	return power_on(self, release, deadline_ns, error) &&
	       lu_channel_wait_boot(lu_vm_channel(self->vm), lu_vm_waiter(self->vm), 0, deadline_ns,
				    error) &&
	       resume_sampling(self, error);
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

void qemu_claim(struct qemu_guest *self, const char *name, int64_t ns)
{
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
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
	args = lu_verb_complete(verb, args, &self->images.next);
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

static uint16_t endpoint(struct lu_guest *guest)
{
	return QEMU(guest)->endpoint;
}

/* Proportional share: pages that are shared with others count in part. Bytes, 0 when the process is
 * gone. */
static int64_t pss_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/smaps_rollup", pid);
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	line = strstr(text, "\nPss:");
	return line ? g_ascii_strtoll(line + strlen("\nPss:"), NULL, 10) * 1024 : 0;
}

/* Under the lock from begin to end: the pid is reaped only after set_pid(0) has had it. */
static void memory(struct lu_guest *guest, struct lu_memory *memory)
{
	struct qemu_guest *self = QEMU(guest);

	g_mutex_lock(&self->lock);
	memory->guest_used_bytes = self->used_bytes;
	memory->guest_store_bytes = self->store_bytes;
	memory->host_qemu_bytes = self->pid ? pss_of(self->pid) : 0;
	memory->host_qemu_bytes += self->standby_pid ? pss_of(self->standby_pid) : 0;
	memory->host_files_bytes = lu_images_used(&self->images);
	g_mutex_unlock(&self->lock);
}

static const char *kernel(struct lu_guest *guest)
{
	return QEMU(guest)->kernel;
}

static const char *release_name(struct lu_guest *guest, enum lu_release release)
{
	return lu_images_kernel(&QEMU(guest)->images, release)->release;
}

static json_t *describe(struct lu_guest *guest)
{
	struct qemu_guest *self = QEMU(guest);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:i, s:{s:s, s:s}, s:O}", "machine",
				self->plan->machine->name, "arch", self->plan->machine->arch,
				"accelerator", self->accel, "accelerator_why", self->accel_why,
				"memory_mb", (int)self->images.layout.memory_mb, "kernels", "old",
				release_name(guest, LU_RELEASE_OLD), "new",
				release_name(guest, LU_RELEASE_NEW), "assets",
				lu_assets_describe(self->images.assets));

	json_object_set_new(doc, "agent_sha256", json_string(self->images.agent_sha256));
	if (self->endpoint)
		json_object_set_new(doc, "network", lu_fabric_describe(self->fabric, self->port));
	json_object_set_new(doc, "qemu",
			    self->qemu_version ? json_string(self->qemu_version) : json_null());
	if (self->moved)
		json_object_set(doc, "moved", self->moved);
	return doc;
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
	lu_images_clear(&self->images);
	g_clear_object(&self->cancellable);
	g_main_context_unref(self->context);
	g_mutex_clear(&self->lock);
	g_free(self->accel_why);
	g_free(self->kernel);
	g_free(self->qemu_version);
	json_decref(self->moved);
	g_free(self);
}

static const struct lu_guest_ops qemu_ops = {
	.name = "qemu",
	.now = guest_now,
	.wait = guest_wait,
	.boot = power_cycle,
	.power_cycle = power_cycle,
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
	.endpoint = endpoint,
	.memory = memory,
	.kernel = kernel,
	.release = release_name,
	.describe = describe,
	.console_tail = console_tail,
	.free = guest_free,
};

static bool qemu_installed(const struct lu_machine *machine, GError **error)
{
	g_autofree char *path = g_find_program_in_path(machine->qemu);

	if (path)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "machine %s takes %s, which is not installed", machine->name, machine->qemu);
	return false;
}

struct lu_guest *lu_qemu_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline,
				   const struct lu_qemu_options *options, GError **error)
{
	struct qemu_guest *self = g_new0(struct qemu_guest, 1);

	self->guest.ops = &qemu_ops;
	self->guest.timeline = timeline;
	self->plan = plan;
	self->context = g_main_context_new();
	self->used_bytes = self->store_bytes = -1;
	g_mutex_init(&self->lock);
	if (options->cancellable)
		self->cancellable = g_object_ref(options->cancellable);
	if (qemu_installed(plan->machine, error))
		self->accel =
			lu_accel_choose(plan->accel, plan->machine->arch, &self->accel_why, error);
	if (self->accel && lu_images_make(&self->images, plan, self->accel, options, error))
		return &self->guest;
	guest_free(&self->guest);
	return NULL;
}
