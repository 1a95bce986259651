/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives QEMU's migration commands on both ends and waits for their events. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/error.h"
#include "guest/link.h"
#include "guest/memory-compare.h"
#include "guest/migration-parameters.h"
#include "guest/migration.h"

#define FD_NAME "move"
#define FD_URI	"fd:" FD_NAME

struct lu_migration {
	struct lu_vm *from, *to;
	struct lu_move move;
	struct lu_waiter both; /* a wait ends when either has died */
	bool begun, was_stopped;
	bool forced; /* stopped by us, so that it ends */
	int file;    /* -1: none */
	int meeting; /* where to meet, without a name; -1: none */
	struct lu_link *link;
	int64_t stop_ns;
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
				      const struct lu_move *move, GCancellable *cancellable)
{
	struct lu_migration *migration = g_new0(struct lu_migration, 1);

	migration->from = from;
	migration->to = to;
	migration->move = *move;
	migration->both = (struct lu_waiter){lu_vm_waiter(from)->context, cancellable, both_intact,
					     migration};
	migration->file = migration->meeting = -1;
	migration->was_stopped = lu_vm_state(from)->stopped;
	return migration;
}

void lu_migration_free(struct lu_migration *migration)
{
	if (!migration)
		return;
	if (migration->file >= 0)
		close(migration->file);
	if (migration->meeting >= 0)
		close(migration->meeting);
	lu_link_free(migration->link);
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
	return migration->move.mode == LU_MOVE_FILE;
}

static bool failed(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what, g_strerror(errno));
	return false;
}

static bool pass(struct lu_migration *migration, struct lu_vm *vm, int fd, int64_t deadline_ns,
		 GError **error)
{
	return lu_qmp_pass_fd(lu_vm_qmp(vm), &migration->both, FD_NAME, fd, deadline_ns, error);
}

static bool listen_at(struct lu_migration *migration, int fd, int64_t deadline_ns, GError **error)
{
	return pass(migration, migration->to, fd, deadline_ns, error) &&
	       execute(migration, migration->to, "migrate-incoming",
		       json_pack("{s:s}", "uri", FD_URI), deadline_ns, error);
}

static bool send_to(struct lu_migration *migration, int fd, int64_t deadline_ns, GError **error)
{
	if (!pass(migration, migration->from, fd, deadline_ns, error))
		return false;
	migration->begun = true;
	return execute(migration, migration->from, "migrate", json_pack("{s:s}", "uri", FD_URI),
		       deadline_ns, error);
}

/* pair[1] sends to pair[0]. */
static bool make_pair(struct lu_migration *migration, int pair[2], GError **error)
{
	int ends[2];

	if (!migration->move.link)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ||
		       failed(error, "socketpair");
	migration->link = lu_link_new(migration->move.link, ends, error);
	pair[0] = ends[1];
	pair[1] = ends[0];
	return migration->link != NULL;
}

static bool join_by_socket(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	int pair[2];
	bool ok;

	if (!make_pair(migration, pair, error))
		return false;
	ok = listen_at(migration, pair[0], deadline_ns, error) &&
	     send_to(migration, pair[1], deadline_ns, error);
	close(pair[0]);
	close(pair[1]);
	return ok;
}

/*
 * Further streams are connections of their own, so there has to be an address. It has a name only
 * until the other one listens: an open descriptor of the socket leads there as well.
 */
static bool listen_unnamed(struct lu_migration *migration, const char *dir, int64_t deadline_ns,
			   GError **error)
{
	g_autofree char *path = g_build_filename(dir, "move", NULL);
	g_autofree char *uri = g_strconcat("unix:", path, NULL);
	bool ok = execute(migration, migration->to, "migrate-incoming",
			  json_pack("{s:s}", "uri", uri), deadline_ns, error);

	if (ok) {
		migration->meeting = open(path, O_PATH | O_CLOEXEC);
		ok = migration->meeting >= 0 || failed(error, path);
	}
	unlink(path);
	return ok;
}

static bool join_by_channels(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", error);

	if (!dir)
		return false;
	bool listening = listen_unnamed(migration, dir, deadline_ns, error);

	rmdir(dir);
	if (!listening)
		return false;
	g_autofree char *uri =
		g_strdup_printf("unix:/proc/%d/fd/%d", (int)getpid(), migration->meeting);

	migration->begun = true;
	return execute(migration, migration->from, "migrate", json_pack("{s:s}", "uri", uri),
		       deadline_ns, error);
}

static bool join(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	return migration->move.channels ? join_by_channels(migration, deadline_ns, error)
					: join_by_socket(migration, deadline_ns, error);
}

static bool save_to_file(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	migration->file = memfd_create("machine", MFD_CLOEXEC);
	if (migration->file < 0)
		return failed(error, "memfd");
	return send_to(migration, migration->file, deadline_ns, error);
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

static bool await(struct lu_migration *migration, bool (*done)(void *data), int64_t deadline_ns,
		  const char *what, GError **error)
{
	return lu_wait_for(&migration->both, done, migration, deadline_ns, what, error);
}

/* QEMU keeps the reason of a failure, if it has one at all. */
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

/* Once over all memory, so that less has to be fetched later. */
static bool begin_postcopy(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	if (migration->move.mode != LU_MOVE_POSTCOPY)
		return true;
	if (!await(migration, first_pass_done, deadline_ns, "first pass over memory", error))
		return false;
	return copied(migration) || execute(migration, migration->from, "migrate-start-postcopy",
					    NULL, deadline_ns, error);
}

static bool rounds_are_up(void *data)
{
	const struct lu_migration *migration = data;

	return copied(data) || lu_vm_state(migration->from)->passes > migration->move.max_rounds;
}

/* One that does not converge ends all the same: given up, or at a standstill for as long as the
 * rest takes. */
static bool bound_rounds(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	const struct lu_move *move = &migration->move;

	if (move->mode != LU_MOVE_PRECOPY || !move->max_rounds)
		return true;
	if (!await(migration, rounds_are_up, deadline_ns, "last pass over memory", error))
		return false;
	if (copied(migration))
		return true;
	migration->forced = move->force;
	if (move->force)
		return execute(migration, migration->from, "stop", NULL, deadline_ns, error);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "did not converge: after %u passes over memory the rest still does not fit the "
		    "downtime limit of %" PRId64 " ms",
		    move->max_rounds, (int64_t)(move->downtime_limit_ns / LU_NS_PER_MS));
	return false;
}

/* A machine that has not come yet is to stand still when it has. */
static bool hold(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	return !migration->move.compare ||
	       execute(migration, migration->to, "stop", NULL, deadline_ns, error);
}

bool lu_migration_copy(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	bool file = through_file(migration);

	if (!hold(migration, deadline_ns, error) ||
	    !lu_migration_set_up(migration->from, migration->to, &migration->move, &migration->both,
				 deadline_ns, error))
		return false;
	if (file ? !save_to_file(migration, deadline_ns, error)
		 : !join(migration, deadline_ns, error))
		return false;
	return begin_postcopy(migration, deadline_ns, error) &&
	       bound_rounds(migration, deadline_ns, error) &&
	       await(migration, copied, deadline_ns, "end of the copy", error) &&
	       expect(migration, migration->from, file ? "completed" : "pre-switchover",
		      deadline_ns, error);
}

/* A descriptor of its own, so that it is read from the beginning. */
static bool load_file(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", migration->file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return failed(error, "the saved machine");
	ok = listen_at(migration, fd, deadline_ns, error) &&
	     await(migration, received, deadline_ns, "end of the load", error);
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
	return !migration->move.compare || lu_memory_compare(migration->from, migration->to,
							     &migration->both, deadline_ns, error);
}

/* A machine that stood still before it moved arrives as one that does. */
static bool go_on_there(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	if (!migration->forced && !through_file(migration) && !migration->move.compare)
		return true;
	return await(migration, received, deadline_ns, "end of the move", error) &&
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

/* The other one may be dead: only the one that goes on counts here. */
bool lu_migration_cancel(struct lu_migration *migration, int64_t deadline_ns, GError **error)
{
	const struct lu_waiter *waiter = lu_vm_waiter(migration->from);

	if (!migration->begun || through_file(migration))
		return true;
	if (!lu_qmp_execute(lu_vm_qmp(migration->from), waiter, "migrate_cancel", NULL, deadline_ns,
			    NULL, error))
		return false;
	if (migration->was_stopped)
		return true;
	if (migration->forced &&
	    (!lu_wait_for(waiter, sent, migration, deadline_ns, "end of the move", error) ||
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

int64_t lu_migration_still_ns(const struct lu_migration *migration)
{
	int64_t resume_ns = lu_vm_state(migration->to)->resume_ns;

	return migration->stop_ns >= 0 && resume_ns >= 0 ? resume_ns - migration->stop_ns : -1;
}
