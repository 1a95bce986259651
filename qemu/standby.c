/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second machine of a QEMU guest: on a port of its own, with the same address, behind closed
 * gates of network and console until it becomes the guest.
 */
#include <string.h>
#include "record/error.h"
#include "qemu/state.h"
#include "qemu/verb-complete.h"

static bool usage(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "standby: %s", what);
	return false;
}

/* Before the switch only its kernel is of interest. */
static void on_hello(void *data, const struct lu_hello *hello)
{
	struct qemu_guest *self = data;

	g_free(self->standby.kernel);
	self->standby.kernel = g_strdup(hello->kernel);
	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "mark", 0,
			json_pack("{s:s, s:s}", "name", "standby-hello", "kernel", hello->kernel));
}

static const struct lu_channel_ops channel_ops = {.hello = on_hello};

static void set_pids(struct qemu_guest *self, struct lu_vm *other)
{
	g_mutex_lock(&self->lock);
	self->pid = self->vm ? lu_vm_pid(self->vm) : 0;
	self->standby_pid = other ? lu_vm_pid(other) : 0;
	g_mutex_unlock(&self->lock);
}

/* Ports cannot be removed, so the two that a guest needs are swapped at each switch. */
static bool join_fabric(struct qemu_guest *self, GError **error)
{
	static const uint8_t mac[] = LU_VM_MAC;
	int port;

	if (!qemu_join_link(self, &self->standby.spare_link, 3 - self->link.number, error))
		return false;
	if (self->standby.spare)
		return true;
	port = lu_fabric_add_port(self->fabric, "standby", mac, LU_GATE_CLOSED, error);
	if (port < 0 || !qemu_capture(self, port, "standby", error))
		return false;
	qemu_shape_link(self, port);
	self->standby.spare = port;
	return true;
}

/* What the running machine is, by its versioned name; caller frees. */
static char *machine_type(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	json_t *type = NULL;
	char *name = NULL;

	if (!lu_qmp_execute(lu_vm_qmp(self->vm), lu_vm_waiter(self->vm), "qom-get",
			    json_pack("{s:s, s:s}", "path", "/machine", "property", "type"),
			    deadline_ns, &type, error))
		return NULL;
	if (json_is_string(type) && g_str_has_suffix(json_string_value(type), "-machine"))
		name = g_strndup(json_string_value(type),
				 json_string_length(type) - strlen("-machine"));
	else
		g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED,
				    "QEMU does not say what machine it is");
	json_decref(type);
	return name;
}

static bool start(struct qemu_guest *self, enum lu_release release, int64_t deadline_ns,
		  GError **error)
{
	struct qemu_standby *standby = &self->standby;
	struct qemu_life life = {
		.port = standby->spare,
		.link = standby->spare_link,
		.next = !standby->incoming,
		.incoming = standby->incoming,
		.console_held = true,
		.memory = standby->image.memory,
		.channel_ops = &channel_ops,
	};
	g_autofree char *type = NULL;

	if (standby->incoming && self->standby_qemu) {
		type = machine_type(self, deadline_ns, error);
		if (!type)
			return false;
		life.qemu = self->standby_qemu;
		life.machine = type;
	}
	standby->vm = qemu_start_vm(self, release, &life, deadline_ns, error);
	if (!standby->vm)
		return false;
	set_pids(self, standby->vm);
	return standby->incoming ||
	       lu_channel_wait_boot(lu_vm_channel(standby->vm), lu_vm_waiter(standby->vm), 0,
				    deadline_ns, error);
}

/* A migration needs a destination that is configured exactly as this machine is. */
bool qemu_standby_start(struct lu_guest *guest, enum lu_standby_kind kind, enum lu_release release,
			int64_t timeout_ns, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	int64_t deadline_ns = lu_monotonic_ns() + timeout_ns;
	bool image = kind == LU_STANDBY_IMAGE || kind == LU_STANDBY_LAZY;

	if (!self->vm)
		return usage(error, "the guest is not powered on");
	if (self->standby.vm || self->standby.old)
		return usage(error, "there is one already");
	self->standby.incoming = kind != LU_STANDBY_BOOT;
	self->standby.flipped = false;
	if (image && !qemu_image_prepare(self, error))
		return false;
	return join_fabric(self, error) &&
	       start(self, kind == LU_STANDBY_INCOMING ? self->booted : qemu_release(self, release),
		     deadline_ns, error) &&
	       (!image || qemu_image_started(self, kind == LU_STANDBY_LAZY, deadline_ns, error));
}

bool qemu_standby_call(struct lu_guest *guest, const char *verb, json_t *args, int64_t timeout_ns,
		       json_t **reply, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	struct lu_vm *vm = self->standby.vm;

	if (!vm || self->standby.incoming) {
		json_decref(args);
		return usage(error, "there is none that runs");
	}
	args = lu_verb_complete(verb, args, qemu_next(self));
	return lu_channel_call(lu_vm_channel(vm), lu_vm_waiter(vm), verb, args,
			       lu_monotonic_ns() + timeout_ns, reply, error);
}

/* Gate and address. In the other direction when a migration is cancelled. */
static void flip(struct qemu_guest *self, bool to_standby)
{
	int from = to_standby ? self->port : self->standby.spare;
	int to = to_standby ? self->standby.spare : self->port;

	if (self->standby.flipped == to_standby)
		return;
	lu_fabric_flip(self->fabric, from, to, LU_FABRIC_GUEST);
	self->standby.flipped = to_standby;
}

static void on_step(void *data, const char *name)
{
	struct qemu_guest *self = data;

	lu_timeline_add(self->guest.timeline, lu_monotonic_ns(), "guest", "step", 0,
			json_pack("{s:s}", "name", name));
}

/*
 * From here on neither machine runs: frames are held at the one that will run next instead of being
 * lost at the one that will not. It cannot answer before it runs.
 */
bool qemu_standby_copy(struct lu_guest *guest, const struct lu_migration_config *config,
		       int64_t timeout_ns, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	struct qemu_standby *standby = &self->standby;

	if (!standby->vm || !standby->incoming || standby->image.wanted)
		return usage(error, "there is none that waits for a migration");
	if (config->mode == LU_MIGRATION_FILE && !lu_vm_state(self->vm)->stopped)
		return usage(error, "the machine has to be stopped first");
	g_clear_pointer(&standby->migration, lu_migration_free);
	standby->migration =
		lu_migration_new(self->vm, standby->vm, config, self->cancellable, on_step, self);
	if (!lu_migration_copy(standby->migration, lu_monotonic_ns() + timeout_ns, error))
		return false;
	flip(self, true);
	return true;
}

/* Roles are exchanged: the standby becomes the guest, and the guest becomes standby.old. */
static void change_places(struct qemu_guest *self)
{
	struct qemu_standby *standby = &self->standby;
	struct qemu_link link = self->link;
	int port = self->port;

	lu_vm_console_gate(standby->vm, LU_GATE_OPEN);
	lu_channel_redirect(lu_vm_channel(standby->vm), &qemu_channel_ops);
	standby->old = self->vm;
	self->vm = g_steal_pointer(&standby->vm);
	self->port = standby->spare;
	standby->spare = port;
	self->link = standby->spare_link;
	standby->spare_link = link;
	standby->flipped = false;
	set_pids(self, standby->old);
}

static json_t *describe_vm(struct lu_vm *vm)
{
	return json_pack("{s:s, s:i}", "qemu", lu_vm_qemu_version(vm), "pid", (int)lu_vm_pid(vm));
}

static void claim_ms(struct qemu_guest *self, const json_t *claims, const char *member,
		     const char *name)
{
	const json_t *ms = json_object_get(claims, member);

	if (json_is_integer(ms))
		qemu_claim(self, name, json_integer_value(ms) * LU_NS_PER_MS);
}

static void claim_ns(struct qemu_guest *self, const char *name, int64_t ns)
{
	if (ns >= 0)
		qemu_claim(self, name, ns);
}

/* QEMU's times become claims beside our own; pages,
 * bytes and rates are kept as QEMU reports them. */
static void record_migration(struct qemu_guest *self)
{
	struct qemu_standby *standby = &self->standby;
	json_t *claims =
		lu_migration_claims(standby->migration, lu_monotonic_ns() + QEMU_ANSWERS_NS);
	int64_t still_ns = lu_migration_downtime_ns(standby->migration);

	claim_ms(self, claims, "downtime", "migrate.downtime_ns");
	claim_ms(self, claims, "total-time", "migrate.total_ns");
	claim_ns(self, "migrate.stop_to_run_ns", still_ns);
	claim_ns(self, "migrate.downtime_limit_ns", lu_migration_limit_ns(standby->migration));
	claim_ns(self, "migrate.postcopy_ns", lu_migration_postcopy_ns(standby->migration));
	json_decref(self->migrated);
	self->migrated = json_pack("{s:o, s:o, s:o*}", "from", describe_vm(standby->old), "to",
				   describe_vm(self->vm), "claims", claims);
}

static bool finish_move(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	struct qemu_standby *standby = &self->standby;

	if (!standby->migration || !standby->flipped)
		return usage(error, "no memory has been copied");
	if (!lu_migration_finish(standby->migration, deadline_ns, error))
		return false;
	change_places(self);
	record_migration(self);
	return true;
}

/* The standby becomes the guest, and gate and address go with it; the other machine becomes
 * standby.old, and runs if it did before. */
static void take_over(struct qemu_guest *self)
{
	flip(self, true);
	change_places(self);
}

/* The old one must not send any more, and cannot: its gate is closed before it is stopped. */
static bool hand_over(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	struct qemu_standby *standby = &self->standby;

	take_over(self);
	g_free(self->kernel);
	self->kernel = g_steal_pointer(&standby->kernel);
	lu_timeline_add(
		self->guest.timeline, lu_monotonic_ns(), "guest", "hello", 0,
		json_pack("{s:s, s:s}", "kernel", self->kernel, "arch", self->plan->machine->arch));
	return lu_vm_stop(standby->old, deadline_ns, error);
}

static bool hand_over_to_image(struct qemu_guest *self, int64_t deadline_ns, GError **error)
{
	if (!qemu_image_ready(self, deadline_ns, error))
		return false;
	take_over(self);
	return qemu_image_run(self, deadline_ns, error);
}

bool qemu_standby_switch(struct lu_guest *guest, int64_t timeout_ns, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	int64_t deadline_ns = lu_monotonic_ns() + timeout_ns;

	if (!self->standby.vm)
		return usage(error, "there is none");
	if (self->standby.image.wanted)
		return hand_over_to_image(self, deadline_ns, error);
	return self->standby.incoming ? finish_move(self, deadline_ns, error)
				      : hand_over(self, deadline_ns, error);
}

void qemu_standby_clear(struct qemu_guest *self)
{
	struct qemu_standby *standby = &self->standby;

	flip(self, false);
	set_pids(self, NULL);
	g_clear_pointer(&standby->migration, lu_migration_free);
	g_clear_pointer(&standby->vm, lu_vm_free);
	g_clear_pointer(&standby->old, lu_vm_free);
	g_clear_pointer(&standby->kernel, g_free);
	qemu_image_clear(self);
}

/* A gate that was flipped is flipped back before the machine continues. */
bool qemu_standby_drop(struct lu_guest *guest, GError **error)
{
	struct qemu_guest *self = QEMU(guest);
	struct qemu_standby *standby = &self->standby;
	bool ok = true;

	if (standby->vm)
		flip(self, false);
	if (standby->vm && standby->migration)
		ok = lu_migration_cancel(standby->migration, lu_monotonic_ns() + QEMU_ANSWERS_NS,
					 error);
	qemu_standby_clear(self);
	return ok;
}
