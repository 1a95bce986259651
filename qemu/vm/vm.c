/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ties a QEMU process to its three sockets, and knows whether the guest can still answer. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <glib-unix.h>
#include "record/error.h"
#include "qemu/vm/console.h"
#include "qemu/vm/args.h"
#include "qemu/vm/known-fault.h"
#include "qemu/vm/process.h"
#include "qemu/vm/vm.h"
#include "qemu/vm/qmp.h"

/* From a panic's first line to QEMU's end: the back trace is printed in between. */
#define PANIC_SETTLES_NS (1000 * LU_NS_PER_MS)
/* Between QEMU's closing its sockets and its end. */
#define EXIT_SETTLES_NS (2000 * LU_NS_PER_MS)
#define KILL_NS		(5 * LU_NS_PER_S)

enum { QUOTED_LINES = 3 };

struct lu_vm {
	struct lu_waiter waiter; /* with the death check */
	struct lu_waiter bare;	 /* without it, for waits within the check */
	struct lu_process *process;
	GSource *death;
	struct lu_qmp *qmp;
	struct lu_console *console;
	struct lu_channel *channel;
	struct lu_vm_state state;
	char *shutdown_reason;
	int64_t settle_ns; /* 0: see above */
	bool threads;	   /* one for each of several vCPUs */
	GError *broken;	   /* once set, every wait ends with it */
	bool (*depends)(void *data, GError **error);
	void *depends_data;
	const struct lu_vm_extra *extras; /* borrowed; those that know of the process */
	size_t n_extras;
};

static bool process_ended(void *data)
{
	struct lu_vm *vm = data;

	return lu_process_ended(vm->process);
}

static bool has_panicked(void *data)
{
	struct lu_vm *vm = data;

	return lu_console_panic(vm->console) || lu_process_ended(vm->process);
}

static char *quote_console(const struct lu_vm *vm)
{
	g_autofree char *tail = lu_console_words(vm->console, QUOTED_LINES);

	g_strdelimit(g_strstrip(tail), "\n", '|');
	if (!*tail)
		return g_strdup("the console is empty");
	return g_strdup_printf("last console words: %s", tail);
}

static GError *describe_death(const struct lu_vm *vm)
{
	g_autofree char *words = lu_process_last_words(vm->process);
	g_autofree char *console = quote_console(vm);

	return g_error_new(LU_ERROR, LU_ERROR_FAILED, "QEMU ended (%s%s%s); %s", words,
			   vm->shutdown_reason ? ", reason: " : "", vm->shutdown_reason ?: "",
			   console);
}

static GError *describe_crash(const struct lu_vm *vm)
{
	g_autofree char *console = quote_console(vm),
			*all = lu_console_words(vm->console, G_MAXUINT);
	const char *known = lu_vm_known_fault(lu_qmp_version(vm->qmp), vm->threads, all);

	return g_error_new(LU_ERROR, LU_ERROR_FAILED, "the guest's kernel crashed: %s; %s%s%s",
			   lu_console_panic(vm->console), console, known ? "; " : "", known ?: "");
}

/* A dying QEMU closes its sockets one after the other, and its end is seen only after that. */
static bool hung_up(const struct lu_vm *vm)
{
	return lu_qmp_closed(vm->qmp) || lu_channel_closed(vm->channel);
}

/* Read the rest of the console before judging. */
static void examine(struct lu_vm *vm)
{
	bool panicked = lu_console_panic(vm->console) != NULL;
	int64_t settle_ns = vm->settle_ns ?: panicked ? PANIC_SETTLES_NS : EXIT_SETTLES_NS;

	if (panicked || hung_up(vm))
		lu_wait_for(&vm->bare, process_ended, vm, lu_monotonic_ns() + settle_ns,
			    "end of QEMU", NULL);
	lu_wait_drain(vm->bare.context);
	vm->broken = lu_console_panic(vm->console) ? describe_crash(vm) : describe_death(vm);
}

static bool intact(void *data, GError **error)
{
	struct lu_vm *vm = data;

	if (!vm->broken && vm->depends)
		vm->depends(vm->depends_data, &vm->broken);
	if (!vm->broken)
		lu_channel_quiet(vm->channel, &vm->broken);
	if (!vm->broken) {
		if (!lu_process_ended(vm->process) && !hung_up(vm) &&
		    !lu_console_panic(vm->console))
			return true;
		examine(vm);
	}
	if (error)
		*error = g_error_copy(vm->broken);
	return false;
}

static void qmp_event(void *data, const char *name, json_t *details, int64_t t_ns)
{
	struct lu_vm *vm = data;

	if (g_str_equal(name, "STOP")) {
		vm->state.stopped = true;
		vm->state.stop_ns = t_ns;
	} else if (g_str_equal(name, "RESUME")) {
		vm->state.stopped = false;
		vm->state.resume_ns = t_ns;
	} else if (g_str_equal(name, "MIGRATION")) {
		vm->state.migration =
			g_intern_string(json_string_value(json_object_get(details, "status")));
	} else if (g_str_equal(name, "MIGRATION_PASS")) {
		vm->state.passes = json_integer_value(json_object_get(details, "pass"));
	} else if (g_str_equal(name, "SHUTDOWN")) {
		g_free(vm->shutdown_reason);
		vm->shutdown_reason =
			g_strdup(json_string_value(json_object_get(details, "reason")));
	}
}

/* Only wakes the context; the wait itself checks for the death. */
static gboolean died(int fd, GIOCondition condition, gpointer data)
{
	return G_SOURCE_REMOVE;
}

static void watch_death(struct lu_vm *vm)
{
	vm->death = g_unix_fd_source_new(lu_process_pidfd(vm->process), G_IO_IN);
	g_source_set_callback(vm->death, G_SOURCE_FUNC(died), NULL, NULL);
	g_source_attach(vm->death, vm->waiter.context);
}

/* [0] is ours, [1] the child's. */
struct pairs {
	int qmp[2], console[2], agent[2];
};

static bool pairs_open(struct pairs *pairs, GError **error)
{
	int *all[] = {pairs->qmp, pairs->console, pairs->agent};

	memset(pairs, -1, sizeof(*pairs));
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, all[i]) < 0) {
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "socketpair: %s",
				    g_strerror(errno));
			return false;
		}
	return true;
}

static void close_end(const struct pairs *pairs, int end)
{
	const int *all[] = {pairs->qmp, pairs->console, pairs->agent};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i][end] >= 0)
			close(all[i][end]);
}

/* The descriptors that QEMU's command line names by number; -1 is fine. */
static GArray *descriptors(const struct lu_vm_spec *spec, const struct lu_vm_sockets *sockets)
{
	const int own[] = {
		sockets->qmp,	      sockets->console, sockets->agent,
		spec->payload.initrd, spec->next,	spec->store,
		spec->data_disk,      spec->net,	spec->link_number ? spec->link : -1,
		spec->field,	      spec->memory};
	GArray *all = g_array_new(FALSE, FALSE, sizeof(int));

	g_array_append_vals(all, own, G_N_ELEMENTS(own));
	for (size_t i = 0; i < spec->n_extras; i++)
		g_array_append_vals(all, spec->extras[i].fds, spec->extras[i].n_fds);
	return all;
}

static struct lu_process *spawn(const struct lu_vm_spec *spec, const struct pairs *pairs,
				GError **error)
{
	struct lu_vm_sockets sockets = {pairs->qmp[1], pairs->console[1], pairs->agent[1]};
	g_autoptr(GPtrArray) args = lu_qemu_args(spec, &sockets);
	g_autoptr(GArray) keep = descriptors(spec, &sockets);

	return lu_process_spawn((const char *const *)args->pdata, (const int *)(void *)keep->data,
				keep->len, error);
}

static bool start_extras(struct lu_vm *vm, const struct lu_vm_spec *spec, GError **error)
{
	vm->settle_ns = spec->settle_ns;
	vm->threads = lu_qemu_has_threads(spec);
	vm->extras = spec->extras;
	vm->n_extras = lu_vm_extras_start(spec->extras, spec->n_extras, lu_vm_pid(vm), error);
	return vm->n_extras == spec->n_extras;
}

/* Takes our ends of the pairs. */
static struct lu_vm *vm_new(const struct lu_vm_spec *spec, struct lu_process *process,
			    const struct pairs *pairs)
{
	struct lu_vm *vm = g_new0(struct lu_vm, 1);

	vm->bare = (struct lu_waiter){.context = spec->context};
	vm->waiter = (struct lu_waiter){spec->context, spec->cancellable, intact, vm};
	vm->process = process;
	vm->state.stopped = spec->incoming;
	vm->state.stop_ns = vm->state.resume_ns = -1;
	vm->qmp = lu_qmp_new(spec->context, pairs->qmp[0], qmp_event, vm);
	vm->console = lu_console_new(spec->context, pairs->console[0]);
	if (spec->console_held)
		lu_console_gate(vm->console, LU_GATE_HOLD);
	vm->channel = lu_channel_new(spec->context, pairs->agent[0], spec->channel_ops, spec->data);
	watch_death(vm);
	return vm;
}

struct lu_vm *lu_vm_start(const struct lu_vm_spec *spec, int64_t deadline_ns, GError **error)
{
	struct lu_process *process = NULL;
	struct pairs pairs;
	struct lu_vm *vm;

	if (pairs_open(&pairs, error))
		process = spawn(spec, &pairs, error);
	close_end(&pairs, 1);
	if (!process) {
		close_end(&pairs, 0);
		return NULL;
	}
	vm = vm_new(spec, process, &pairs);
	if (!start_extras(vm, spec, error) ||
	    !lu_qmp_handshake(vm->qmp, &vm->waiter, deadline_ns, error))
		g_clear_pointer(&vm, lu_vm_free);
	return vm;
}

void lu_vm_free(struct lu_vm *vm)
{
	if (!vm)
		return;
	g_source_destroy(vm->death);
	g_source_unref(vm->death);
	lu_process_free(vm->process);
	lu_vm_extras_end(vm->extras, vm->n_extras);
	lu_qmp_free(vm->qmp);
	lu_console_free(vm->console);
	lu_channel_free(vm->channel);
	g_free(vm->shutdown_reason);
	g_clear_error(&vm->broken);
	g_free(vm);
}

const struct lu_waiter *lu_vm_waiter(const struct lu_vm *vm)
{
	return &vm->waiter;
}

void lu_vm_depend(struct lu_vm *vm, bool (*depends)(void *data, GError **error), void *data)
{
	vm->depends = depends;
	vm->depends_data = data;
}

struct lu_channel *lu_vm_channel(const struct lu_vm *vm)
{
	return vm->channel;
}

const struct lu_vm_state *lu_vm_state(const struct lu_vm *vm)
{
	return &vm->state;
}

struct lu_qmp *lu_vm_qmp(const struct lu_vm *vm)
{
	return vm->qmp;
}

pid_t lu_vm_pid(const struct lu_vm *vm)
{
	return lu_process_pid(vm->process);
}

const char *lu_vm_qemu_version(const struct lu_vm *vm)
{
	return lu_qmp_version(vm->qmp);
}

char *lu_vm_console_tail(const struct lu_vm *vm, unsigned lines)
{
	return lu_console_tail(vm->console, lines);
}

void lu_vm_console_gate(struct lu_vm *vm, enum lu_gate_state state)
{
	lu_console_gate(vm->console, state);
}

static bool is_stopped(void *data)
{
	struct lu_vm *vm = data;

	return vm->state.stopped;
}

static bool is_running(void *data)
{
	struct lu_vm *vm = data;

	return !vm->state.stopped;
}

bool lu_vm_stop(struct lu_vm *vm, int64_t deadline_ns, GError **error)
{
	return lu_qmp_execute(vm->qmp, &vm->waiter, "stop", NULL, deadline_ns, NULL, error) &&
	       lu_wait_for(&vm->waiter, is_stopped, vm, deadline_ns, "STOP event from QEMU", error);
}

bool lu_vm_cont(struct lu_vm *vm, int64_t deadline_ns, int64_t *stopped_ns, GError **error)
{
	vm->state.resume_ns = -1;
	if (!lu_qmp_execute(vm->qmp, &vm->waiter, "cont", NULL, deadline_ns, NULL, error) ||
	    !lu_wait_for(&vm->waiter, is_running, vm, deadline_ns, "RESUME event from QEMU", error))
		return false;
	if (stopped_ns)
		*stopped_ns = vm->state.stop_ns >= 0 && vm->state.resume_ns >= 0
				      ? vm->state.resume_ns - vm->state.stop_ns
				      : -1;
	return true;
}

bool lu_vm_wait_running(struct lu_vm *vm, int64_t deadline_ns, GError **error)
{
	return lu_wait_for(&vm->waiter, is_running, vm, deadline_ns, "RESUME event from QEMU",
			   error);
}

/* One turn of the main loop to see the guest's kick, another for the frames that it scheduled. */
void lu_vm_drain(struct lu_vm *vm, int64_t deadline_ns)
{
	for (int round = 0; round < 2; round++)
		if (!lu_qmp_execute(vm->qmp, &vm->bare, "query-status", NULL, deadline_ns, NULL,
				    NULL))
			return;
}

bool lu_vm_kill(struct lu_vm *vm, GError **error)
{
	lu_process_kill(vm->process);
	return lu_wait_for(&vm->bare, process_ended, vm, lu_monotonic_ns() + KILL_NS,
			   "end of the killed QEMU", error);
}

bool lu_vm_wait_panic(struct lu_vm *vm, int64_t deadline_ns, GError **error)
{
	return lu_wait_for(&vm->bare, has_panicked, vm, deadline_ns, "panic on the guest's console",
			   error);
}
