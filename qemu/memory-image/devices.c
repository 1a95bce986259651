/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/memory-image/devices.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "record/error.h"

#define FD_NAME "devices"
#define FD_URI	"fd:" FD_NAME

static bool execute(struct lu_vm *vm, const char *command, json_t *args, int64_t deadline_ns,
		    GError **error)
{
	return lu_qmp_execute(lu_vm_qmp(vm), lu_vm_waiter(vm), command, args, deadline_ns, NULL,
			      error);
}

static bool set_up(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error)
{
	json_t *list = json_pack("[{s:s, s:b}, {s:s, s:b}]", "capability", "events", "state", 1,
				 "capability", "x-ignore-shared", "state", 1);

	return execute(vm, "migrate-set-capabilities", json_pack("{s:o}", "capabilities", list),
		       deadline_ns, error) &&
	       lu_qmp_pass_fd(lu_vm_qmp(vm), lu_vm_waiter(vm), FD_NAME, fd, deadline_ns, error);
}

static bool ended(void *data)
{
	const char *status = lu_vm_state(data)->migration;

	return !g_strcmp0(status, "completed") || !g_strcmp0(status, "failed");
}

static bool expect_end(struct lu_vm *vm, const char *what, int64_t deadline_ns, GError **error)
{
	json_auto_t *info = NULL;

	if (!lu_wait_for(lu_vm_waiter(vm), ended, vm, deadline_ns, what, error))
		return false;
	if (!g_strcmp0(lu_vm_state(vm)->migration, "completed"))
		return true;
	lu_qmp_execute(lu_vm_qmp(vm), lu_vm_waiter(vm), "query-migrate", NULL, deadline_ns, &info,
		       NULL);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s: QEMU: %s", what,
		    json_string_value(json_object_get(info, "error-desc")) ?: "failed");
	return false;
}

bool lu_postcopy_allow(struct lu_vm *vm, int64_t deadline_ns, GError **error)
{
	json_t *list = json_pack("[{s:s, s:b}, {s:s, s:b}]", "capability", "events", "state", 1,
				 "capability", "postcopy-ram", "state", 1);
	g_autoptr(GError) why = NULL;

	if (execute(vm, "migrate-set-capabilities", json_pack("{s:o}", "capabilities", list),
		    deadline_ns, &why))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "a machine cannot run before its memory is loaded: %s (is "
		    "vm.unprivileged_userfaultfd 1?)",
		    why->message);
	return false;
}

bool lu_postcopy_listen(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error)
{
	return lu_qmp_pass_fd(lu_vm_qmp(vm), lu_vm_waiter(vm), FD_NAME, fd, deadline_ns, error) &&
	       execute(vm, "migrate-incoming", json_pack("{s:s}", "uri", FD_URI), deadline_ns,
		       error);
}

bool lu_devices_save(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error)
{
	return set_up(vm, fd, deadline_ns, error) &&
	       execute(vm, "migrate", json_pack("{s:s}", "uri", FD_URI), deadline_ns, error) &&
	       expect_end(vm, "end of saving the devices", deadline_ns, error);
}

/* Through a new open file description, so that it is read from the beginning. */
bool lu_devices_load(struct lu_vm *vm, int fd, int64_t deadline_ns, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int own = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (own < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "device state: %s",
			    g_strerror(errno));
		return false;
	}
	ok = set_up(vm, own, deadline_ns, error) &&
	     execute(vm, "migrate-incoming", json_pack("{s:s}", "uri", FD_URI), deadline_ns,
		     error) &&
	     expect_end(vm, "end of loading the devices", deadline_ns, error);
	close(own);
	return ok;
}
