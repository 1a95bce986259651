/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives QEMU's migration commands on both ends and waits for their events. */
#include <inttypes.h>
#include <unistd.h>
#include "record/error.h"
#include "qemu/migration/memory-compare.h"
#include "qemu/migration/parameters.h"
#include "qemu/migration/transport.h"
#include "qemu/migration/migration.h"

struct lu_migration {
	struct lu_vm *from, *to;
	struct lu_migration_config config;
	struct lu_waiter both; /* a wait ends when either has died */
	struct lu_migration_transport transport;
	bool was_stopped;
	bool forced; /* we stopped the machine so that it converges */
	int64_t stop_ns;
	void (*step)(void *data, const char *name);
	void *data;	     /* for step */
	int64_t passes;	     /* that it was told of */
	bool still;	     /* it was told that the machine is paused */
	int64_t begin_ns;    /* of the copy */
	int64_t limit_ns;    /* downtime limit now */
	int64_t postcopy_ns; /* when it was switched to post-copy, from the beginning on; -1: never */
};

static bool both_intact(void *data, GError **error)
{
	struct lu_migration *migration = data;
	const struct lu_waiter *from = lu_vm_waiter(migration->from);
	const struct lu_waiter *to = lu_vm_waiter(migration->to);

	if (!from->intact(from->data, error))
		return false;
	if (to->intact(to->data, error))
		return true;
	g_prefix_error(error, "the other machine: ");
	return false;
}

struct lu_migration *lu_migration_new(struct lu_vm *from, struct lu_vm *to,
				      const struct lu_migration_config *config,
				      GCancellable *cancellable,
				      void (*step)(void *data, const char *name), void *data)
{
	struct lu_migration *migration = g_new0(struct lu_migration, 1);

	migration->from = from;
	migration->to = to;
	migration->config = *config;
	migration->both = (struct lu_waiter){lu_vm_waiter(from)->context, cancellable, both_intact,
					     migration};
	migration->transport = lu_migration_transport(from, to, &migration->both);
	migration->was_stopped = migration->still = lu_vm_state(from)->stopped;
	migration->step = step;
	migration->data = data;
	migration->passes = lu_vm_state(from)->passes;
	migration->limit_ns = config->downtime_limit_ns;
	migration->postcopy_ns = -1;
	return migration;
}

void lu_migration_free(struct lu_migration *migration)
{
	if (!migration)
		return;
	lu_migration_transport_close(&migration->transport);
	g_free(migration);
}

static bool execute(struct lu_migration *migration, struct lu_vm *vm, const char *command,
		    json_t *args, int64_t deadline_ns, GError **error)
{
	return lu_qmp_execute(lu_vm_qmp(vm), &migration->both, command, args, deadline_ns, NULL,
			      error);
}

static bool through_file(const struct lu_migration *migration)
{
	return migration->config.mode == LU_MIGRATION_FILE;
}

static bool is(const struct lu_vm *vm, const char *status)
{
	return !g_strcmp0(lu_vm_state(vm)->migration, status);
}

static bool ended(const struct lu_vm *vm)
{
	return is(vm, "completed") || is(vm, "failed") || is(vm, "cancelled");
}

static bool first_pass_done(void *data)
{
	const struct lu_migration *migration = data;

	return lu_vm_state(migration->from)->passes > 1 || is(migration->from, "pre-switchover") ||
	       ended(migration->from);
}

static bool copied(void *data)
{
	const struct lu_migration *migration = data;

	return is(migration->from, "pre-switchover") || ended(migration->from);
}

static bool sent(void *data)
{
	const struct lu_migration *migration = data;

	return ended(migration->from);
}

static bool received(void *data)
{
	const struct lu_migration *migration = data;

	return ended(migration->to);
}

static bool running(void *data)
{
	const struct lu_migration *migration = data;

	return !lu_vm_state(migration->to)->stopped || is(migration->to, "failed");
}

static bool back(void *data)
{
	const struct lu_migration *migration = data;

	return ended(migration->from) && !lu_vm_state(migration->from)->stopped;
}

/* QEMU counts its passes over memory, of which each is a round. */
static void tell_steps(struct lu_migration *migration)
{
	const struct lu_vm_state *state = lu_vm_state(migration->from);

	if (state->passes != migration->passes) {
		g_autofree char *name = g_strdup_printf("pre-copy round %" PRId64, state->passes);

		migration->passes = state->passes;
		migration->step(migration->data, name);
	}
	if (state->stopped && !migration->still) {
		migration->still = true;
		migration->step(migration->data, "the machine is paused");
	}
}

struct watch {
	struct lu_migration *migration;
	bool (*done)(void *data);
};

static bool look(void *data)
{
	const struct watch *watch = data;

	tell_steps(watch->migration);
	return watch->done(watch->migration);
}

static bool await(struct lu_migration *migration, bool (*done)(void *data), int64_t deadline_ns,
		  const char *what, GError **error)
{
	struct watch watch = {migration, done};

	return lu_wait_for(&migration->both, look, &watch, deadline_ns, what, error);
}

/* QEMU reports the reason of a failure, if it has one. */
static bool complain(struct lu_migration *migration, struct lu_vm *vm, int64_t deadline_ns,
		     GError **error)
{
	json_t *info = lu_migration_claims(migration, deadline_ns);
	const char *why = json_string_value(json_object_get(info, "error-desc"));

	if (both_intact(migration, error))
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "QEMU's migration %s: %s",
			    lu_vm_state(vm)->migration ?: "did not begin",
			    why ?: "no reason given");
	json_decref(info);
	return false;
}

static bool expect(struct lu_migration *migration, struct lu_vm *vm, const char *status,
		   int64_t deadline_ns, GError **error)
{
	return is(vm, status) || complain(migration, vm, deadline_ns, error);
}

/* One pass over all memory first, so that fewer pages have to be fetched on demand. */
static bool begin_postcopy(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	if (migration->config.mode != LU_MIGRATION_POSTCOPY)
		return true;
	if (!await(migration, first_pass_done, deadline_ns, "first pass over memory", error))
		return false;
	return copied(migration) || execute(migration, migration->from, "migrate-start-postcopy",
					    NULL, deadline_ns, error);
}

static bool rounds_are_up(const struct lu_migration *migration)
{
	unsigned most = migration->config.max_rounds;

	return most && lu_vm_state(migration->from)->passes > most;
}

static bool copied_or_up(void *data)
{
	return copied(data) || rounds_are_up(data);
}

/* When the limit is to be raised, or post-copy to begin; INT64_MAX: never. */
static int64_t next_change_ns(const struct lu_migration *migration)
{
	const struct lu_migration_config *config = &migration->config;
	const struct lu_precopy_ramp *ramp = &config->ramp;
	int64_t elapsed_ns = lu_monotonic_ns() - migration->begin_ns;
	int64_t next_ns = config->postcopy_after_ns ?: INT64_MAX;

	if (ramp->step_ns && migration->limit_ns < ramp->most_ns)
		next_ns = MIN(next_ns, (elapsed_ns / ramp->every_ns + 1) * ramp->every_ns);
	return next_ns == INT64_MAX ? next_ns : migration->begin_ns + next_ns;
}

static bool raise_limit(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	int64_t limit_ns =
		lu_precopy_limit(migration->config.downtime_limit_ns, &migration->config.ramp,
				 lu_monotonic_ns() - migration->begin_ns);

	if (limit_ns == migration->limit_ns)
		return true;
	migration->limit_ns = limit_ns;
	return execute(migration, migration->from, "migrate-set-parameters",
		       json_pack("{s:I}", "downtime-limit", (json_int_t)(limit_ns / LU_NS_PER_MS)),
		       deadline_ns, error);
}

static bool start_postcopy(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	int64_t elapsed_ns = lu_monotonic_ns() - migration->begin_ns;

	if (!migration->config.postcopy_after_ns ||
	    elapsed_ns < migration->config.postcopy_after_ns)
		return true;
	migration->postcopy_ns = elapsed_ns;
	return execute(migration, migration->from, "migrate-start-postcopy", NULL, deadline_ns,
		       error);
}

/* That the time for a change has come ends no migration. */
static bool await_change(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	int64_t change_ns = next_change_ns(migration), until_ns = MIN(change_ns, deadline_ns);
	GError *why = NULL;

	if (await(migration, copied_or_up, until_ns, "last pass over memory", &why))
		return true;
	if (until_ns < deadline_ns && g_error_matches(why, LU_ERROR, LU_ERROR_TIMEOUT)) {
		g_error_free(why);
		return true;
	}
	g_propagate_error(error, why);
	return false;
}

/* Until the rest fits, the rounds are up, or the destination is to fetch the rest. */
static bool send_rounds(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	while (!copied_or_up(migration) && migration->postcopy_ns < 0) {
		if (!await_change(migration, deadline_ns, error))
			return false;
		if (copied_or_up(migration))
			break;
		if (!raise_limit(migration, deadline_ns, error) ||
		    !start_postcopy(migration, deadline_ns, error))
			return false;
	}
	return true;
}

/* A migration that does not converge is bounded all the same: it is given up, or the machine is
 * stopped for as long as the rest takes. */
static bool bound_rounds(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	const struct lu_migration_config *config = &migration->config;

	if (config->mode != LU_MIGRATION_PRECOPY)
		return true;
	if (!send_rounds(migration, deadline_ns, error))
		return false;
	if (copied(migration) || migration->postcopy_ns >= 0)
		return true;
	migration->forced = config->force;
	if (config->force)
		return execute(migration, migration->from, "stop", NULL, deadline_ns, error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "did not converge: after %u passes over memory the rest still does not fit the "
		    "downtime limit of %" PRId64 " ms",
		    config->max_rounds, (int64_t)(migration->limit_ns / LU_NS_PER_MS));
	return false;
}

/* Have a machine that is still arriving stay stopped after it has arrived. */
static bool hold(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	return !migration->config.compare ||
	       execute(migration, migration->to, "stop", NULL, deadline_ns, error);
}

bool lu_migration_copy(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	bool file = through_file(migration);

	migration->step(migration->data, "set the migration up");
	if (!hold(migration, deadline_ns, error) ||
	    !lu_migration_set_up(migration->from, migration->to, &migration->config,
				 &migration->both, deadline_ns, error))
		return false;
	if (file ? !lu_migration_save(&migration->transport, deadline_ns, error)
		 : !lu_migration_join(&migration->transport, &migration->config, deadline_ns,
				      error))
		return false;
	migration->begin_ns = lu_monotonic_ns();
	return begin_postcopy(migration, deadline_ns, error) &&
	       bound_rounds(migration, deadline_ns, error) &&
	       await(migration, copied, deadline_ns, "end of the copy", error) &&
	       expect(migration, migration->from, file ? "completed" : "pre-switchover",
		      deadline_ns, error);
}

static bool load_file(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	int fd = lu_migration_load(&migration->transport, deadline_ns, error);
	bool ok = fd >= 0 && await(migration, received, deadline_ns, "end of the load", error);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool send_rest(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	return execute(migration, migration->from, "migrate-continue",
		       json_pack("{s:s}", "state", "pre-switchover"), deadline_ns, error);
}

static bool compare(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	return !migration->config.compare ||
	       lu_memory_compare(migration->from, migration->to, &migration->both, deadline_ns,
				 error);
}

/* A machine that was stopped before the migration arrives stopped. */
static bool go_on_there(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	if (!migration->forced && !through_file(migration) && !migration->config.compare)
		return true;
	return await(migration, received, deadline_ns, "end of the migration", error) &&
	       expect(migration, migration->to, "completed", deadline_ns, error) &&
	       compare(migration, deadline_ns, error) &&
	       execute(migration, migration->to, "cont", NULL, deadline_ns, error);
}

bool lu_migration_finish(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	bool file = through_file(migration);

	migration->stop_ns = lu_vm_state(migration->from)->stop_ns;
	if (file ? !load_file(migration, deadline_ns, error)
		 : !send_rest(migration, deadline_ns, error))
		return false;
	if (!go_on_there(migration, deadline_ns, error) ||
	    !await(migration, running, deadline_ns, "start of the other machine", error))
		return false;
	if (lu_vm_state(migration->to)->stopped)
		return complain(migration, migration->to, deadline_ns, error);
	return await(migration, sent, deadline_ns, "end of the migration", error) &&
	       expect(migration, migration->from, "completed", deadline_ns, error);
}

/* The destination may be dead: only the source, which continues, counts here. */
bool lu_migration_cancel(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	const struct lu_waiter *waiter = lu_vm_waiter(migration->from);

	if (!migration->transport.begun || through_file(migration))
		return true;
	if (!lu_qmp_execute(lu_vm_qmp(migration->from), waiter, "migrate_cancel", NULL, deadline_ns,
			    NULL, error))
		return false;
	if (migration->was_stopped)
		return true;
	if (migration->forced &&
	    (!lu_wait_for(waiter, sent, migration, deadline_ns, "end of the migration", error) ||
	     !lu_qmp_execute(lu_vm_qmp(migration->from), waiter, "cont", NULL, deadline_ns, NULL,
			     error)))
		return false;
	return lu_wait_for(waiter, back, migration, deadline_ns, "return to the old machine",
			   error);
}

json_t *lu_migration_claims(struct lu_migration *migration, int64_t deadline_ns)
{
	json_t *info = NULL;

	lu_qmp_execute(lu_vm_qmp(migration->from), lu_vm_waiter(migration->from), "query-migrate",
		       NULL, deadline_ns, &info, NULL);
	return info;
}

int64_t lu_migration_downtime_ns(const struct lu_migration *migration)
{
	int64_t resume_ns = lu_vm_state(migration->to)->resume_ns;

	return migration->stop_ns >= 0 && resume_ns >= 0 ? resume_ns - migration->stop_ns : -1;
}

int64_t lu_migration_limit_ns(const struct lu_migration *migration)
{
	return migration->config.ramp.step_ns ? migration->limit_ns : -1;
}

int64_t lu_migration_postcopy_ns(const struct lu_migration *migration)
{
	return migration->postcopy_ns;
}
