/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script: the reference: what an administrator would do today with a shell script and packaged
 * tools, all at their defaults.
 *
 * Mechanism: the script below, run in the guest by a real shell (Debian's busybox) step by step:
 * criu, kexec-tools, mke2fs and nft as packaged, ext4 on a disk, the kernel image as it is shipped,
 * the running command line. It is the same text in both releases' initramfs, as a package would
 * bring it. It is not handicapped: the next kernel is loaded before the dump, the modules of both
 * are listed in load order (insmod, no search by modprobe), each step is one shell process, nothing
 * waits. It is as careful as it has to be: no packet reaches the service's port before its sockets
 * are restored, since it would be answered with a reset.
 * Assumes: as kexec does; CRIU freezes the service itself as part of the dump, locks its
 * connections by nftables, and ends it after a successful dump: the undo of a dump is a restore.
 * Blackout: begins inside `criu dump`, ends when the peers' retransmission timers have fired on the
 * new kernel. Requests that were in a receive queue at the dump are answered before that, at once
 * by the restored service: they end the longest silence (blackout_ns) but not the outage of the
 * others (max_latency_ns, ttr90_ns).
 */
#include "record/error.h"
#include "model/machine.h"
#include "model/bringup.h"
#include "strategies/kit/preflight.h"
#include "model/strategy.h"
#include "model/workload.h"

#define PIDFILE "/run/service.pid"

/* Status 69 (EX_UNAVAILABLE, sysexits.h) is how a step reports a refusal rather than a failure. */
static const char text[] =
	"#!/bin/sh\n"
	"# update-by-kexec STEP [ARGUMENT…]\n"
	"\n"
	"load_modules() # FEATURE… in load order, except those already loaded\n"
	"{\n"
	"	for feature; do\n"
	"		[ -r /etc/lubench/modules/$feature ] || continue\n"
	"		while read -r file; do\n"
	"			name=${file##*/} name=${name%.ko}\n"
	"			[ -d /sys/module/${name//-/_} ] || insmod $file || exit\n"
	"		done < /etc/lubench/modules/$feature\n"
	"	done\n"
	"}\n"
	"\n"
	"find_disk() # LABEL: the disk with the label that the administrator gave it\n"
	"{\n"
	"	for disk in /sys/block/*; do\n"
	"		serial=\n"
	"		[ -r $disk/serial ] && read -r serial < $disk/serial\n"
	"		[ \"$serial\" = $1 ] && disk=/dev/${disk##*/} && return\n"
	"	done\n"
	"	return 1\n"
	"}\n"
	"\n"
	"find_store()\n"
	"{\n"
	"	find_disk store && return\n"
	"	echo 'no disk \"store\"'\n"
	"	exit 1\n"
	"}\n"
	"\n"
	"mounted() # FOLDER\n"
	"{\n"
	"	while read -r device folder rest; do\n"
	"		[ $folder = $1 ] && return\n"
	"	done < /proc/mounts\n"
	"	return 1\n"
	"}\n"
	"\n"
	"format()\n"
	"{\n"
	"	load_modules block ext4 nft criu\n"
	"	find_store\n"
	"	# by its path: this shell prefers its built-in commands\n"
	"	/usr/sbin/mke2fs -q -F -t ext4 $disk && mount -t ext4 $disk /store\n"
	"}\n"
	"\n"
	"remount()\n"
	"{\n"
	"	mounted /store || { find_store && mount -t ext4 $disk /store; } || exit\n"
	"	mounted /data || ! find_disk data || { mkdir -p /data && mount -t ext4 $disk "
	"/data; }\n"
	"}\n"
	"\n"
	"unmount()\n"
	"{\n"
	"	sync\n"
	"	! mounted /store || umount /store\n"
	"}\n"
	"\n"
	"unmount_all() # after the dump: nobody uses the data any more\n"
	"{\n"
	"	unmount && { ! mounted /data || umount /data; }\n"
	"}\n"
	"\n"
	"# Some kernels hang when the copy of the next one covers the structure of the task that\n"
	"# jumps: among processes' pages there is none.\n"
	"find_place() # ZONE\n"
	"{\n"
	"	while read -r word size rest; do\n"
	"		[ $word = KernelPageSize: ] && page=$((size * 1024)) && break\n"
	"	done < /proc/self/smaps\n"
	"	while read -r word number rest zone; do\n"
	"		case $word in\n"
	"		Node) in=$zone ;;\n"
	"		spanned) pages=$number ;;\n"
	"		start_pfn:) [ $in = $1 ] &&\n"
	"			place=\"--mem-min=$((number * page)) \" &&\n"
	"			place=\"$place--mem-max=$(((number + pages) * page - 1))\" ;;\n"
	"		esac\n"
	"	done < /proc/zoneinfo\n"
	"	:\n"
	"}\n"
	"\n"
	"load() # the generation counts kernels, and is the last word\n"
	"{\n"
	"	read -r line < /proc/cmdline\n"
	"	generation=${line##*lubench.generation=}\n"
	"	generation=${generation%% *}\n"
	"	# what this machine's kexec has to be told: where, and other words\n"
	"	if [ -r /etc/lubench/kexec-tools ]; then\n"
	"		read -r zone words < /etc/lubench/kexec-tools\n"
	"		[ $zone = - ] || find_place $zone\n"
	"	fi\n"
	"	kexec $words $place -l /run/next/kernel --initrd=/run/next/initrd \\\n"
	"		--command-line=\"${line%% lubench.generation=*} "
	"lubench.generation=$((generation + 1))\"\n"
	"}\n"
	"\n"
	"unload()\n"
	"{\n"
	"	kexec -u\n"
	"}\n"
	"\n"
	"dump() # PID\n"
	"{\n"
	"	mkdir -p /store/images &&\n"
	"	# a database holds file locks\n"
	"	criu dump -t $1 -D /store/images --tcp-established --network-lock nftables \\\n"
	"		--file-locks || exit 69\n"
	"}\n"
	"\n"
	"bring_back()\n"
	"{\n"
	"	# Connections without window scaling come back with a scale that their peer does "
	"not\n"
	"	# know, unless it is off meanwhile (CRIU 3.17.1).\n"
	"	echo 0 > /proc/sys/net/ipv4/tcp_window_scaling\n"
	"	criu restore -d -D /store/images --tcp-established --file-locks \\\n"
	"		--pidfile " PIDFILE "\n"
	"	status=$?\n"
	"	echo 1 > /proc/sys/net/ipv4/tcp_window_scaling\n"
	"	return $status\n"
	"}\n"
	"\n"
	"undump() # PID: a successful dump has ended the service, a failed one has let "
	"it go on\n"
	"{\n"
	"	kill -0 $1 2> /dev/null || bring_back || exit\n"
	"	rm -rf /store/images\n"
	"}\n"
	"\n"
	"jump()\n"
	"{\n"
	"	kexec -e\n"
	"}\n"
	"\n"
	"start() # PORT: on the new kernel\n"
	"{\n"
	"	load_modules net block ext4 nft criu\n"
	"	nft \"add table inet hold; add chain inet hold in { type filter hook input "
	"priority 0; };\n"
	"	     add rule inet hold in tcp dport $1 drop\" &&\n"
	"	ip address add 10.0.2.15/24 dev eth0 &&\n"
	"	ip link set eth0 up &&\n"
	"	ip route add default via 10.0.2.2 &&\n"
	"	remount\n"
	"}\n"
	"\n"
	"let_in()\n"
	"{\n"
	"	nft delete table inet hold\n"
	"}\n"
	"\n"
	"finish()\n"
	"{\n"
	"	rm -rf /store/images && umount /store\n"
	"}\n"
	"\n"
	"\"$@\"\n";

static const struct lu_param params[] = {
	LU_PARAM_STORE_MB,
	LU_PARAM_PREFLIGHT,
	{},
};

struct state {
	int64_t pid; /* of the service on the old kernel */
};

static bool machine_has(char **list, const char *word)
{
	return g_strv_contains((const char *const *)list, word);
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	g_autofree char *methods = g_strjoinv(", ", machine->kexec_methods);
	g_autofree char *kinds = g_strjoinv(", ", machine->stores);

	if (!lu_bringup_movable(plan, error))
		return false;
	if (machine_has(machine->kexec_methods, "tools") && machine_has(machine->stores, "disk"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "script needs kexec-tools and a disk: machine %s has kexec by %s and stores %s",
		    machine->name, *methods ? methods : "nothing", *kinds ? kinds : "none");
	return false;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	static const char *const features[] = {"block", "ext4", "nft", "criu"};
	static const char *const programs[] = {"busybox", "criu", "kexec", "mke2fs", "nft"};
	uint64_t state = plan->workload->state_bytes(plan->workload_params) >> 20;
	unsigned store_mb = (unsigned)lu_param_int(plan->strategy_params, "store_mb");
	char **images = plan->machine->images;

	for (size_t i = 0; i < G_N_ELEMENTS(features); i++)
		if (json_object_get(plan->machine->features, features[i]))
			lu_needs_feature(needs, features[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++)
		lu_needs_program(needs, programs[i]);
	needs->store = "disk";
	/* file system overhead, including a journal, at mke2fs's defaults */
	needs->store_mb = store_mb ? store_mb : (unsigned)(state + state / 4) + 96;
	needs->stage_next = true;
	needs->kernel_image =
		machine_has(images, "bzimage") ? "bzimage" : images[0]; /* as shipped */
	needs->init_script = text;
}

/* A step of the script with at most one argument. */
static bool step(struct lu_run *run, const char *name, const char *argument, GError **error)
{
	json_t *args = argument ? json_pack("[s, s]", name, argument) : json_pack("[s]", name);
	g_autofree char *claim = g_strconcat("script.", name, NULL);
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "script.run",
			 json_pack("{s:o, s:s}", "args", args, "pidfile", PIDFILE), &reply, error))
		return false;
	lu_run_claims(run, claim, reply);
	return true;
}

static bool step_pid(struct lu_run *run, const char *name, GError **error)
{
	const struct state *state = run->state;
	g_autofree char *pid = g_strdup_printf("%" G_GINT64_FORMAT, state->pid);

	return step(run, name, pid, error);
}

static bool find_service(struct lu_run *run, GError **error)
{
	struct state *state = run->state;
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "service.status", NULL, &reply, error))
		return false;
	state->pid = json_integer_value(json_object_get(reply, "pid"));
	return true;
}

static bool mount_disk(struct lu_run *run, GError **error)
{
	return find_service(run, error) && step(run, "format", NULL, error);
}

static bool unmount_disk(struct lu_run *run, GError **error)
{
	return step(run, "unmount", NULL, error);
}

static bool unmount_all(struct lu_run *run, GError **error)
{
	return step(run, "unmount_all", NULL, error);
}

static bool remount_disks(struct lu_run *run, GError **error)
{
	return step(run, "remount", NULL, error);
}

static bool copy_next(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "stage", NULL, NULL, error);
}

static bool remove_next(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "unstage", NULL, NULL, error);
}

static bool load_next(struct lu_run *run, GError **error)
{
	return step(run, "load", NULL, error);
}

static bool unload_next(struct lu_run *run, GError **error)
{
	return step(run, "unload", NULL, error);
}

/* The last step before the dump, since CRIU freezes the service and nobody can look in between. */
static bool preflight(struct lu_run *run, GError **error)
{
	const struct lu_preflight_room room = {
		.copies = 1,
		.raise = "store_mb",
		.now_mb = run->plan->needs->store_mb,
	};

	return lu_preflight(run, &room, error);
}

static bool dump(struct lu_run *run, GError **error)
{
	return step_pid(run, "dump", error);
}

static bool take_back_dump(struct lu_run *run, GError **error)
{
	return step_pid(run, "undump", error);
}

static bool jump(struct lu_run *run, GError **error)
{
	return lu_run_jump(run, "script.run", json_pack("{s:[s], s:b}", "args", "jump", "jump", 1),
			   error);
}

static bool start(struct lu_run *run, GError **error)
{
	g_autofree char *port = g_strdup_printf(
		"%u", lu_workload_port(run->plan->workload, run->plan->workload_params));

	return step(run, "start", port, error);
}

static bool restore(struct lu_run *run, GError **error)
{
	return step(run, "bring_back", NULL, error);
}

static bool let_in(struct lu_run *run, GError **error)
{
	return step(run, "let_in", NULL, error);
}

static bool finish(struct lu_run *run, GError **error)
{
	return step(run, "finish", NULL, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "insmod; mke2fs; mount", mount_disk, unmount_disk},
	{LU_PREPARE, "copy the next release", copy_next, remove_next},
	{LU_PREPARE, "kexec -l", load_next, unload_next},
	{LU_PREPARE, "preflight", preflight},
	{LU_PRESERVE, "criu dump", dump, take_back_dump},
	{LU_PRESERVE, "sync; umount", unmount_all, remount_disks},
	{LU_SWITCH, "kexec -e", jump},
	{LU_RESTORE, "init script: insmod; nft; ip; mount", start},
	{LU_RESTORE, "init script: criu restore", restore},
	{LU_RESUME, "init script: nft delete", let_in},
	{LU_FINISH, "rm; umount", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_script = {
	.name = "script",
	.summary = "the reference: a shell script with criu and kexec-tools at their defaults",
	.params = params,
	.phases = phases,
	.state_size = sizeof(struct state),
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = true,
	.check = check,
	.needs = needs,
};
