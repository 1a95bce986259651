/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script: the peer: what an administrator would do today with a shell script and packaged tools,
 *all at their defaults.
 *
 *	mount /dev/vdb /store; kexec -l vmlinuz --initrd=initrd --reuse-cmdline
 *	criu dump -t PID -D /store --tcp-established; umount /store; kexec -e
 *	(init script of the new initramfs) modprobe …; ip addr add …; mount /dev/vdb /store; criu
 *restore -d -D /store …
 *
 * Mechanism: each line above is one of the agent's verbs, which runs the same program or makes the
 *same system call. That is kinder to the peer than a real shell (no fork and exec of mount,
 *modprobe and ip), so what is measured between the two strategies is the method: image form,
 *checksum, command line, store, freeze, and peers' timers. Not crippled: the next kernel is loaded
 *before the dump, the umount is the sync, nothing waits. Assumes: as kexec does; CRIU freezes the
 *service itself, as part of the dump. Blackout: begins inside `criu dump`, ends when the peers'
 *retransmission timers have fired on the new kernel.
 */
#include "core/error.h"
#include "core/machine.h"
#include "iface/bringup.h"
#include "iface/strategy.h"
#include "iface/workload.h"

static bool machine_has(char **list, const char *word)
{
	return g_strv_contains((const char *const *)list, word);
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	g_autofree char *methods = g_strjoinv(", ", machine->kexec_methods);
	g_autofree char *kinds = g_strjoinv(", ", machine->stores);

	if (machine_has(machine->kexec_methods, "tools") && machine_has(machine->stores, "disk"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "script takes kexec-tools and a disk: machine %s has kexec by %s and stores %s",
		    machine->name, *methods ? methods : "nothing", *kinds ? kinds : "none");
	return false;
}

/* The image as distributions ship it. */
static const char *image(const struct lu_plan *plan)
{
	return machine_has(plan->machine->images, "bzimage") ? "bzimage" : plan->machine->images[0];
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	static const char *const features[] = {"block", "ext4", "nft", "criu"};
	uint64_t state = plan->workload->state_bytes(plan->workload_params) >> 20;

	for (size_t i = 0; i < G_N_ELEMENTS(features); i++)
		if (json_object_get(plan->machine->features, features[i]))
			lu_needs_feature(needs, features[i]);
	lu_needs_program(needs, "criu");
	lu_needs_program(needs, "mke2fs");
	lu_needs_program(needs, "kexec");
	needs->store = "disk";
	needs->store_mb = (unsigned)(state + state / 4) + 64;
	needs->stage_next = true;
	needs->image = image(plan);
}

static bool load_modules(struct lu_run *run, bool next_kernel, GError **error)
{
	static const char *const names[] = {"net", "block", "ext4", "nft", "criu"};
	const char *list[G_N_ELEMENTS(names) + 1] = {};
	size_t n = 0;

	/* the running kernel has had its network since it booted */
	for (size_t i = next_kernel ? 0 : 1; i < G_N_ELEMENTS(names); i++)
		if (json_object_get(run->plan->machine->features, names[i]))
			list[n++] = names[i];
	return lu_bringup_modules(run->guest, list, run->deadline_ns, NULL, error);
}

static bool mount_store(struct lu_run *run, bool format, GError **error)
{
	json_t *args = json_pack("{s:s, s:b}", "kind", "disk", "format", (int)format);

	return lu_run_call(run, "store.open", args, NULL, error);
}

static bool open_store(struct lu_run *run, GError **error)
{
	return load_modules(run, false, error) && mount_store(run, true, error);
}

static bool close_store(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "store.close", NULL, NULL, error);
}

static bool stage_next(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "stage", NULL, NULL, error);
}

static bool unstage_next(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "unstage", NULL, NULL, error);
}

/* kexec -l with its defaults: purgatory verifies, the command line is the running one's. */
static bool load_next(struct lu_run *run, GError **error)
{
	json_t *args = json_pack("{s:s, s:s, s:b, s:s}", "method", "tools", "image",
				 image(run->plan), "checksum", 1, "append", "");

	return lu_run_call(run, "kexec.load", args, NULL, error);
}

static bool unload_next(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "kexec.unload", NULL, NULL, error);
}

/* The phase is there so that PREPARE ends where the dump begins. */
static bool left_to_criu(struct lu_run *run, GError **error)
{
	return true;
}

/* CRIU locks the network before it dumps sockets; the agent does it for it, with a lock that takes
 * less time. */
static bool dump(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "net.lock", NULL, NULL, error) ||
	    !lu_run_call(run, "checkpoint", json_pack("{s:b}", "tcp", 1), &reply, error))
		return false;
	lu_run_claims(run, "criu.dump", reply);
	return true;
}

/* A dump that went through leaves the service stopped, one that did not leaves it running;
 * restored, it is as it was dumped. */
static bool let_go_on(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "net.unlock", NULL, NULL, error) &&
	       lu_run_call(run, "service.thaw", NULL, NULL, error);
}

static bool take_back_dump(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "checkpoint.discard", NULL, NULL, error) && let_go_on(run, error);
}

static bool jump(struct lu_run *run, GError **error)
{
	return lu_run_jump(run, "kexec.jump", NULL, error);
}

static bool bring_up(struct lu_run *run, GError **error)
{
	return load_modules(run, true, error) && mount_store(run, false, error) &&
	       lu_bringup_net(run->guest, true, run->deadline_ns, error);
}

static bool restore(struct lu_run *run, GError **error)
{
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "restore", json_pack("{s:b}", "tcp", 1), &reply, error))
		return false;
	lu_run_claims(run, "criu.restore", reply);
	return true;
}

static bool finish(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "checkpoint.discard", NULL, NULL, error) && close_store(run, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "mount the disk", open_store, close_store},
	{LU_PREPARE, "copy the next release", stage_next, unstage_next},
	{LU_PREPARE, "kexec -l", load_next, unload_next},
	{LU_FREEZE, "leave freezing to criu", left_to_criu},
	{LU_PRESERVE, "criu dump", dump, take_back_dump},
	{LU_PRESERVE, "unmount the disk", close_store},
	{LU_SWITCH, "kexec -e", jump},
	{LU_RESTORE, "init script: modules, network, disk", bring_up},
	{LU_RESTORE, "init script: criu restore", restore},
	{LU_RESUME, "init script: let it go on", let_go_on},
	{LU_FINISH, "remove the images", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_script = {
	.name = "script",
	.summary = "the peer: criu and kexec-tools with their defaults, as a shell script would",
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
