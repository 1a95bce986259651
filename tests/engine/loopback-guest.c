/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest in the test's own process. */
#include "record/error.h"
#include "tests/engine/loopback-guest.h"
#include "tests/kit/virtual-io.h"

#define OLD "6.1.0-1-test"
#define NEW "6.1.0-2-test"

struct guest {
	struct lu_guest base;
	struct lu_io *io;
	struct loopback *lb;
	const char *kernel, *damage;
	GString *verbs;
	unsigned generation, interrupt;
	bool dead, hung, nowhere;
};

static struct guest *self(struct lu_guest *guest)
{
	return (struct guest *)guest;
}

static int64_t guest_now(struct lu_guest *base)
{
	struct guest *guest = self(base);

	return guest->io->now(guest->io);
}

static bool alive(struct guest *guest, GError **error)
{
	if (guest->dead)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "the guest died");
	else if (guest->hung)
		g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT, "the guest did not answer");
	return !guest->dead && !guest->hung;
}

static bool guest_wait(struct lu_guest *base, int64_t ns, GError **error)
{
	struct guest *guest = self(base);

	if (guest->interrupt && --guest->interrupt == 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_INTERRUPTED, "cancelled");
		return false;
	}
	virtual_io_sleep(guest->io, ns);
	if (guest->dead)
		return alive(guest, error);
	return true;
}

static void hello(struct guest *guest)
{
	lu_timeline_add(guest->base.timeline, guest_now(&guest->base), "guest", "hello",
			guest->generation++,
			json_pack("{s:s, s:s}", "kernel", guest->kernel, "arch", "x86_64"));
}

static bool guest_boot(struct lu_guest *base, enum lu_release release, int64_t timeout_ns,
		       GError **error)
{
	self(base)->kernel = release == LU_RELEASE_OLD ? OLD : NEW;
	loopback_release(self(base)->lb, self(base)->kernel);
	hello(self(base));
	return true;
}

static bool guest_power_cycle(struct lu_guest *base, enum lu_release release, int64_t timeout_ns,
			      GError **error)
{
	struct guest *guest = self(base);

	/* What comes in before it is off is lost. */
	loopback_stall(guest->lb, true);
	virtual_io_sleep(guest->io, LOOPBACK_CYCLE_NS / 2);
	loopback_refuse(guest->lb, true);
	loopback_reset(guest->lb);
	loopback_restart(guest->lb);
	loopback_stall(guest->lb, false);
	virtual_io_sleep(guest->io, LOOPBACK_CYCLE_NS / 2);
	guest_boot(base, release, timeout_ns, error);
	loopback_refuse(guest->lb, false);
	return true;
}

static bool guest_stop(struct lu_guest *base, GError **error)
{
	if (!alive(self(base), error))
		return false;
	loopback_stall(self(base)->lb, true);
	return true;
}

static bool guest_cont(struct lu_guest *base, GError **error)
{
	if (!alive(self(base), error))
		return false;
	loopback_stall(self(base)->lb, false);
	return true;
}

static bool guest_call(struct lu_guest *base, const char *verb, json_t *args, int64_t timeout_ns,
		       json_t **reply, GError **error)
{
	json_decref(args);
	g_string_append_printf(self(base)->verbs, "%s ", verb);
	if (!alive(self(base), error))
		return false;
	if (reply)
		*reply = json_pack("{s:s, s:I, s:I, s:I, s:b}", "state", "running", "monotonic_ns",
				   (json_int_t)guest_now(base), "boottime_ns",
				   (json_int_t)guest_now(base) + LOOPBACK_SLEPT_NS, "realtime_ns",
				   (json_int_t)guest_now(base), "own", 0);
	return true;
}

static bool guest_jump(struct lu_guest *base, const char *verb, json_t *args, int64_t timeout_ns,
		       GError **error)
{
	struct guest *guest = self(base);

	json_decref(args);
	if (!alive(guest, error))
		return false;
	if (guest->damage)
		g_assert_true(loopback_damage(guest->lb, guest->damage));
	return guest_boot(base, guest->nowhere ? LU_RELEASE_OLD : LU_RELEASE_NEW, timeout_ns,
			  error);
}

static bool guest_sabotage(struct lu_guest *base, const char *kind, GError **error)
{
	struct guest *guest = self(base);

	loopback_stall(guest->lb, true);
	if (g_str_equal(kind, "hang")) {
		guest->hung = true;
		return true;
	}
	guest->dead = true;
	loopback_refuse(guest->lb, true);
	loopback_reset(guest->lb);
	return true;
}

static uint16_t guest_endpoint(struct lu_guest *base, unsigned service)
{
	return loopback_port(self(base)->lb);
}

static void guest_memory(struct lu_guest *base, struct lu_memory *memory)
{
	*memory = (struct lu_memory){-1, -1, 4096, 8192};
}

static const char *guest_kernel(struct lu_guest *base)
{
	return self(base)->kernel;
}

static const char *guest_release(struct lu_guest *base, enum lu_release release)
{
	return release == LU_RELEASE_OLD ? OLD : NEW;
}

static json_t *guest_describe(struct lu_guest *base)
{
	return json_pack("{s:s}", "name", "loopback");
}

static char *guest_console_tail(struct lu_guest *base, unsigned lines)
{
	return g_strdup("last words");
}

static void guest_free(struct lu_guest *base)
{
	loopback_free(self(base)->lb);
	virtual_io_free(self(base)->io);
	g_string_free(self(base)->verbs, TRUE);
	g_free(base);
}

static const struct lu_guest_ops ops = {
	.name = "loopback",
	.now = guest_now,
	.wait = guest_wait,
	.boot = guest_boot,
	.power_cycle = guest_power_cycle,
	.stop = guest_stop,
	.cont = guest_cont,
	.call = guest_call,
	.jump = guest_jump,
	.sabotage = guest_sabotage,
	.endpoint = guest_endpoint,
	.memory = guest_memory,
	.kernel = guest_kernel,
	.release = guest_release,
	.describe = guest_describe,
	.console_tail = guest_console_tail,
	.free = guest_free,
};

struct lu_guest *loopback_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline)
{
	struct guest *guest = g_new0(struct guest, 1);

	guest->base = (struct lu_guest){&ops, timeline};
	guest->io = virtual_io_new();
	guest->lb = loopback_new(guest->io, plan->workload, plan->workload_params, OLD);
	guest->verbs = g_string_new(NULL);
	return &guest->base;
}

const struct lu_io *loopback_guest_io(struct lu_guest *guest)
{
	return self(guest)->io;
}

const char *loopback_guest_verbs(struct lu_guest *guest)
{
	return self(guest)->verbs->str;
}

struct loopback *loopback_guest_service(struct lu_guest *guest)
{
	return self(guest)->lb;
}

void loopback_guest_damage_at_jump(struct lu_guest *guest, const char *kind)
{
	self(guest)->damage = kind;
}

void loopback_guest_jump_nowhere(struct lu_guest *guest)
{
	self(guest)->nowhere = true;
}

void loopback_guest_interrupt(struct lu_guest *guest, unsigned n)
{
	self(guest)->interrupt = n;
}
