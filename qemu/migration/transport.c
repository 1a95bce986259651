/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/migration/transport.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"

#define FD_NAME "migration"
#define FD_URI	"fd:" FD_NAME

struct lu_migration_transport lu_migration_transport(struct lu_vm *from, struct lu_vm *to,
						     const struct lu_waiter *waiter)
{
	return (struct lu_migration_transport){
		.from = from, .to = to, .waiter = waiter, .file = -1, .listener = -1};
}

void lu_migration_transport_close(struct lu_migration_transport *transport)
{
	if (transport->file >= 0)
		close(transport->file);
	if (transport->listener >= 0)
		close(transport->listener);
	lu_rate_limiter_free(transport->limiter);
}

static bool execute(struct lu_migration_transport *transport, struct lu_vm *vm, const char *command,
		    json_t *args, int64_t deadline_ns, GError **error)
{
	return lu_qmp_execute(lu_vm_qmp(vm), transport->waiter, command, args, deadline_ns, NULL,
			      error);
}

static bool failed(GError **error, const char *what)
{
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: %s", what, g_strerror(errno));
	return false;
}

static bool pass(struct lu_migration_transport *transport, struct lu_vm *vm, int fd,
		 int64_t deadline_ns, GError **error)
{
	return lu_qmp_pass_fd(lu_vm_qmp(vm), transport->waiter, FD_NAME, fd, deadline_ns, error);
}

static bool listen_at(struct lu_migration_transport *transport, int fd, int64_t deadline_ns,
		      GError **error)
{
	return pass(transport, transport->to, fd, deadline_ns, error) &&
	       execute(transport, transport->to, "migrate-incoming",
		       json_pack("{s:s}", "uri", FD_URI), deadline_ns, error);
}

static bool send_to(struct lu_migration_transport *transport, int fd, int64_t deadline_ns,
		    GError **error)
{
	if (!pass(transport, transport->from, fd, deadline_ns, error))
		return false;
	transport->begun = true;
	return execute(transport, transport->from, "migrate", json_pack("{s:s}", "uri", FD_URI),
		       deadline_ns, error);
}

/* pair[1] sends to pair[0]. */
static bool make_pair(struct lu_migration_transport *transport,
		      const struct lu_migration_config *config, int pair[2], GError **error)
{
	int ends[2];

	if (!config->transport_rate)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ||
		       failed(error, "socketpair");
	transport->limiter = lu_rate_limiter_new(&lu_io_host, config->transport_rate, ends, error);
	pair[0] = ends[1];
	pair[1] = ends[0];
	return transport->limiter != NULL;
}

static bool join_by_socket(struct lu_migration_transport *transport,
			   const struct lu_migration_config *config, int64_t deadline_ns,
			   GError **error)
{
	int pair[2];
	bool ok;

	if (!make_pair(transport, config, pair, error))
		return false;
	ok = listen_at(transport, pair[0], deadline_ns, error) &&
	     send_to(transport, pair[1], deadline_ns, error);
	close(pair[0]);
	close(pair[1]);
	return ok;
}

/*
 * multifd opens further connections, so there has to be an address. It has a name only until the
 * destination listens: afterwards an open descriptor of the socket serves as its address.
 */
static bool listen_unnamed(struct lu_migration_transport *transport, const char *dir,
			   int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_build_filename(dir, "migration", NULL);
	g_autofree char *uri = g_strconcat("unix:", path, NULL);
	bool ok = execute(transport, transport->to, "migrate-incoming",
			  json_pack("{s:s}", "uri", uri), deadline_ns, error);

	if (ok) {
		transport->listener = open(path, O_PATH | O_CLOEXEC);
		ok = transport->listener >= 0 || failed(error, path);
	}
	unlink(path);
	return ok;
}

static bool join_by_channels(struct lu_migration_transport *transport, int64_t deadline_ns,
			     GError **error)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", error);

	if (!dir)
		return false;
	bool listening = listen_unnamed(transport, dir, deadline_ns, error);

	rmdir(dir);
	if (!listening)
		return false;
	g_autofree char *uri =
		g_strdup_printf("unix:/proc/%d/fd/%d", (int)getpid(), transport->listener);

	transport->begun = true;
	return execute(transport, transport->from, "migrate", json_pack("{s:s}", "uri", uri),
		       deadline_ns, error);
}

bool lu_migration_join(struct lu_migration_transport *transport,
		       const struct lu_migration_config *config, int64_t deadline_ns,
		       GError **error)
{
	return config->channels ? join_by_channels(transport, deadline_ns, error)
				: join_by_socket(transport, config, deadline_ns, error);
}

bool lu_migration_save(struct lu_migration_transport *transport, int64_t deadline_ns,
		       GError **error)
{
	transport->file = memfd_create("machine", MFD_CLOEXEC);
	if (transport->file < 0)
		return failed(error, "memfd");
	return send_to(transport, transport->file, deadline_ns, error);
}

/* A new open file description, so that it is read from the beginning. */
int lu_migration_load(struct lu_migration_transport *transport, int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", transport->file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		failed(error, "the saved machine");
		return -1;
	}
	if (listen_at(transport, fd, deadline_ns, error))
		return fd;
	close(fd);
	return -1;
}
