/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which services are stopped and come back. */
#include "strategies/kit/staged.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/quiesce.h"

static const char *const orders[] = {"none", "priority", "reverse", NULL};

const struct lu_param lu_staged_params[] = {
	{"order", LU_PARAM_CHOICE, "priority", .choices = orders,
	 .help = "services stop and come back all together, or one by one: by priority the most "
		 "critical stops last and comes back first; reverse: the other way round"},
	{NULL},
};

static bool is(const struct lu_run *run, const char *order)
{
	return g_str_equal(lu_param_str(run->params, "order"), order);
}

static bool in_stages(const struct lu_run *run)
{
	return lu_plan_services(run->plan) > 1 && !is(run, "none");
}

/* The run of the service that comes back as the i-th. */
static struct lu_run turn(const struct lu_run *run, unsigned i)
{
	unsigned last = lu_plan_services(run->plan) - 1;

	return lu_run_of(run, in_stages(run) && is(run, "reverse") ? last - i : i);
}

bool lu_each_service(struct lu_run *run, size_t state_size,
		     bool (*one)(struct lu_run *run, GError **error), GError **error)
{
	for (unsigned i = lu_plan_services(run->plan); i-- > 0;) {
		struct lu_run its = lu_run_of(run, i);

		its.state = (char *)run->state + i * state_size;
		if (!one(&its, error))
			return false;
	}
	return true;
}

/* Of the only service, phases say it already. */
static void say(struct lu_run *its, const char *what)
{
	if (its->service)
		lu_run_step(its, what);
}

/* alone: its network is locked, too, by itself; else that of all follows. */
static bool stop(struct lu_run *its, bool alone, GError **error)
{
	say(its, "freeze");
	return alone ? lu_quiesce(its, error) : lu_quiesce_stop(its, error);
}

static bool save(struct lu_run *its, const struct lu_staging *staging, GError **error)
{
	say(its, "save");
	return staging->save(its, error);
}

static bool restore(struct lu_run *its, const struct lu_staging *staging, GError **error)
{
	say(its, "restore");
	return staging->restore(its, error);
}

static bool settle(struct lu_run *its, const struct lu_staging *staging, GError **error)
{
	if (!staging->settle)
		return true;
	say(its, "settle");
	return staging->settle(its, error);
}

static bool resume(struct lu_run *its, bool alone, GError **error)
{
	say(its, "resume");
	return alone ? lu_quiesce_end(its, error) : lu_quiesce_wake(its, error);
}

/* From here on nothing reaches any of them, nor any other port. */
static bool lock_all(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.lock", NULL, NULL, error);
}

static bool unlock_all(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error);
}

bool lu_staged_freeze(struct lu_run *run, const struct lu_staging *staging, GError **error)
{
	bool staged = in_stages(run);

	if (lu_plan_services(run->plan) == 1)
		return lu_quiesce(run, error);
	for (unsigned i = lu_plan_services(run->plan); i-- > 0;) {
		struct lu_run its = turn(run, i);

		if (!stop(&its, staged, error) || (staged && i > 0 && !save(&its, staging, error)))
			return false;
	}
	return lock_all(run, error);
}

bool lu_staged_thaw(struct lu_run *run, GError **error)
{
	return unlock_all(run, error) && lu_each_service(run, 0, lu_quiesce_thaw, error);
}

bool lu_staged_save(struct lu_run *run, const struct lu_staging *staging, GError **error)
{
	unsigned n = in_stages(run) ? 1 : lu_plan_services(run->plan);

	for (unsigned i = 0; i < n; i++) {
		struct lu_run its = turn(run, i);

		if (!save(&its, staging, error))
			return false;
	}
	return true;
}

bool lu_staged_restore(struct lu_run *run, const struct lu_staging *staging, GError **error)
{
	unsigned n = in_stages(run) ? 1 : lu_plan_services(run->plan);

	for (unsigned i = 0; i < n; i++) {
		struct lu_run its = turn(run, i);

		if (i > 0) {
			struct lu_run before = turn(run, i - 1);

			if (!settle(&before, staging, error))
				return false;
		}
		if (!restore(&its, staging, error))
			return false;
	}
	return true;
}

/* The first answers; the others follow, each on its port only, until the last one's is open. */
static bool resume_in_turn(struct lu_run *run, const struct lu_staging *staging, GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(run->plan); i++) {
		struct lu_run its = turn(run, i);

		if (i > 0) {
			struct lu_run before = turn(run, i - 1);

			if (!settle(&before, staging, error) || !restore(&its, staging, error))
				return false;
		}
		if (!resume(&its, true, error))
			return false;
	}
	return unlock_all(run, error);
}

bool lu_staged_resume(struct lu_run *run, const struct lu_staging *staging, GError **error)
{
	if (lu_plan_services(run->plan) == 1)
		return lu_quiesce_end(run, error);
	if (in_stages(run))
		return resume_in_turn(run, staging, error);
	if (!unlock_all(run, error))
		return false;
	for (unsigned i = 0; i < lu_plan_services(run->plan); i++) {
		struct lu_run its = turn(run, i);

		if (!resume(&its, false, error))
			return false;
	}
	return true;
}

static const struct lu_staging by_criu = {lu_checkpoint_dump, lu_checkpoint_restore, NULL};

bool lu_staged_criu_freeze(struct lu_run *run, GError **error)
{
	return lu_staged_freeze(run, &by_criu, error);
}

bool lu_staged_criu_save(struct lu_run *run, GError **error)
{
	return lu_staged_save(run, &by_criu, error);
}

bool lu_staged_criu_restore(struct lu_run *run, GError **error)
{
	return lu_staged_restore(run, &by_criu, error);
}

bool lu_staged_criu_resume(struct lu_run *run, GError **error)
{
	return lu_staged_resume(run, &by_criu, error);
}
