/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/migration/transport.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"

#define FD_NAME "move"
#define FD_URI	"fd:" FD_NAME

struct lu_migration_way lu_migration_way(struct lu_vm *from, struct lu_vm *to,
					 const struct lu_waiter *waiter)
{
	return (struct lu_migration_way){
		.from = from, .to = to, .waiter = waiter, .file = -1, .meeting = -1};
}

void lu_migration_way_close(struct lu_migration_way *way)
{
	if (way->file >= 0)
		close(way->file);
	if (way->meeting >= 0)
		close(way->meeting);
	lu_link_free(way->link);
}

static bool execute(struct lu_migration_way *way, struct lu_vm *vm, const char *command,
		    json_t *args, int64_t deadline_ns, GError **error)
{
	return lu_qmp_execute(lu_vm_qmp(vm), way->waiter, command, args, deadline_ns, NULL, error);
}

static bool failed(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what, g_strerror(errno));
	return false;
}

static bool pass(struct lu_migration_way *way, struct lu_vm *vm, int fd, int64_t deadline_ns,
		 GError **error)
{
	return lu_qmp_pass_fd(lu_vm_qmp(vm), way->waiter, FD_NAME, fd, deadline_ns, error);
}

static bool listen_at(struct lu_migration_way *way, int fd, int64_t deadline_ns, GError **error)
{
	return pass(way, way->to, fd, deadline_ns, error) &&
	       execute(way, way->to, "migrate-incoming", json_pack("{s:s}", "uri", FD_URI),
		       deadline_ns, error);
}

static bool send_to(struct lu_migration_way *way, int fd, int64_t deadline_ns, GError **error)
{
	if (!pass(way, way->from, fd, deadline_ns, error))
		return false;
	way->begun = true;
	return execute(way, way->from, "migrate", json_pack("{s:s}", "uri", FD_URI), deadline_ns,
		       error);
}

/* pair[1] sends to pair[0]. */
static bool make_pair(struct lu_migration_way *way, const struct lu_move *move, int pair[2],
		      GError **error)
{
	int ends[2];

	if (!move->link)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ||
		       failed(error, "socketpair");
	way->link = lu_link_new(move->link, ends, error);
	pair[0] = ends[1];
	pair[1] = ends[0];
	return way->link != NULL;
}

static bool join_by_socket(struct lu_migration_way *way, const struct lu_move *move,
			   int64_t deadline_ns, GError **error)
{
	int pair[2];
	bool ok;

	if (!make_pair(way, move, pair, error))
		return false;
	ok = listen_at(way, pair[0], deadline_ns, error) &&
	     send_to(way, pair[1], deadline_ns, error);
	close(pair[0]);
	close(pair[1]);
	return ok;
}

/*
 * Further streams are connections of their own, so there has to be an address. It has a name only
 * until the other one listens: an open descriptor of the socket leads there as well.
 */
static bool listen_unnamed(struct lu_migration_way *way, const char *dir, int64_t deadline_ns,
			   GError **error)
{
	g_autofree char *path = g_build_filename(dir, "move", NULL);
	g_autofree char *uri = g_strconcat("unix:", path, NULL);
	bool ok = execute(way, way->to, "migrate-incoming", json_pack("{s:s}", "uri", uri),
			  deadline_ns, error);

	if (ok) {
		way->meeting = open(path, O_PATH | O_CLOEXEC);
		ok = way->meeting >= 0 || failed(error, path);
	}
	unlink(path);
	return ok;
}

static bool join_by_channels(struct lu_migration_way *way, int64_t deadline_ns, GError **error)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", error);

	if (!dir)
		return false;
	bool listening = listen_unnamed(way, dir, deadline_ns, error);

	rmdir(dir);
	if (!listening)
		return false;
	g_autofree char *uri = g_strdup_printf("unix:/proc/%d/fd/%d", (int)getpid(), way->meeting);

	way->begun = true;
	return execute(way, way->from, "migrate", json_pack("{s:s}", "uri", uri), deadline_ns,
		       error);
}

bool lu_migration_join(struct lu_migration_way *way, const struct lu_move *move,
		       int64_t deadline_ns, GError **error)
{
	return move->channels ? join_by_channels(way, deadline_ns, error)
			      : join_by_socket(way, move, deadline_ns, error);
}

bool lu_migration_save(struct lu_migration_way *way, int64_t deadline_ns, GError **error)
{
	way->file = memfd_create("machine", MFD_CLOEXEC);
	if (way->file < 0)
		return failed(error, "memfd");
	return send_to(way, way->file, deadline_ns, error);
}

/* A descriptor of its own, so that it is read from the beginning. */
int lu_migration_load(struct lu_migration_way *way, int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", way->file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		failed(error, "the saved machine");
		return -1;
	}
	if (listen_at(way, fd, deadline_ns, error))
		return fd;
	close(fd);
	return -1;
}
