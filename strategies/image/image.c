/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image: the next release comes as an image of its booted, idle memory, made when
 * the release was built.
 *
 * Mechanism: Erickson's fifth option. PREPARE checks whether the metadata cached in the image is
 * stale (it holds a mounted disk's inodes and pages) and refuses if so, and opens a checkpoint
 * store that outlives the old machine. FREEZE stops the service, PRESERVE checkpoints it with
 * its TCP connections and writes all caches back, SWITCH stops the old system, streams the image
 * from the modelled flash into memory and lets it run with the old one's address; RESTORE brings
 * the service back there.
 * Assumes: a service that CRIU can dump, the same kind of machine as the one the image was made on.
 * when=blackout: there is one bank of memory, which the old system needs until it is stopped, so
 * the whole stream is part of the blackout; when=ahead: there is a second bank; lazy=on: the image
 * runs first, and fetches pages on demand.
 * Blackout: begins when the service is stopped, ends when it continues and its peers have
 * retransmitted; the stream lies in between.
 */
#include "record/error.h"
#include "model/machine.h"
#include "model/bringup.h"
#include "strategies/kit/checkpoint.h"
#include "strategies/kit/quiesce.h"
#include "strategies/kit/staged.h"
#include "model/strategy.h"
#include "strategies/image/field.h"

#define MEGABYTE 1000000
#define KIBIBYTE 1024
/* What the next release needs besides a filled image and the service. */
#define ROOM_MB 192
/* Sizes of stores, so that workloads share an image. */
#define STORE_STEP_MB 256

static const char *const flashes[] = {"compactflash", "emmc", "nvme", "own", NULL};
static const char *const compressions[] = {"none", "zstd", NULL};
static const char *const moments[] = {"blackout", "ahead", NULL};
static const char *const disks[] = {"same", "changed", NULL};

static const struct lu_param params[] = {
	{"flash", LU_PARAM_CHOICE, "emmc", 0, 0, flashes,
	 "flash that the memory image is read from"},
	{"flash_mb_s", LU_PARAM_INT, "100", 1, 100000, NULL,
	 "flash=own: bandwidth, 10^6 bytes a second"},
	{"flash_latency_us", LU_PARAM_INT, "100", 0, 1000000, NULL,
	 "flash=own: latency of each request, us"},
	{"readahead_kb", LU_PARAM_INT, "128", 4, 65536, NULL, "size of a read request, KiB"},
	{"compression", LU_PARAM_CHOICE, "none", 0, 0, compressions,
	 "compression of the memory image"},
	{"dedup", LU_PARAM_BOOL, "on", 0, 0, NULL,
	 "leave out pages that are zero or equal to another"},
	{"lazy", LU_PARAM_BOOL, "off", 0, 0, NULL, "run first, fetch pages on demand"},
	{"when", LU_PARAM_CHOICE, "blackout", 0, 0, moments,
	 "stream after the old system has stopped, or before into a second bank of memory"},
	{"image_mb", LU_PARAM_INT, "0", 0, 65536, NULL,
	 "fill the memory image up to this size on flash, uncompressed, MiB; 0: do not fill"},
	{"compressible", LU_PARAM_INT, "50", 0, 100, NULL,
	 "percentage of the filling that is compressible"},
	{"disk", LU_PARAM_CHOICE, "same", 0, 0, disks,
	 "the disk \"field\": as shipped, or changed since"},
	{"force", LU_PARAM_BOOL, "off", 0, 0, NULL,
	 "continue although the memory image's cached disk metadata is stale"},
	LU_PARAM_PREDUMP,
	LU_PARAM_CRIU_LOCK,
	LU_PARAM_TIMENS,
	LU_PARAM_NUDGE,
	LU_PARAM_STORE_MB,
	LU_PARAM_PREFLIGHT,
	LU_PARAM_MANIFEST("on"),
	{},
};

static bool is(const struct lu_plan *plan, const char *param, const char *word)
{
	return g_str_equal(lu_param_str(plan->strategy_params, param), word);
}

/* Those that this machine does not have built in; the caller frees the array. */
static GPtrArray *features(const struct lu_plan *plan)
{
	static const char *const names[] = {"net", "block", "ext4", "nft", "criu-restore", "criu"};
	GPtrArray *list = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (json_object_get(plan->machine->features, names[i]))
			g_ptr_array_add(list, (gpointer)names[i]);
	g_ptr_array_add(list, NULL);
	return list;
}

static unsigned state_mb(const struct lu_plan *plan)
{
	return (unsigned)(lu_plan_state_bytes(plan) >> 20);
}

static unsigned store_mb(const struct lu_plan *plan)
{
	unsigned mb = lu_checkpoint_store_mb(plan);

	return (mb + STORE_STEP_MB - 1) / STORE_STEP_MB * STORE_STEP_MB;
}

/* A filled image and the service have to fit into memory. */
static unsigned spare_mb(const struct lu_plan *plan)
{
	unsigned image_mb = (unsigned)lu_param_int(plan->strategy_params, "image_mb");
	unsigned have = plan->memory_mb ? plan->memory_mb : plan->machine->memory_mb;
	unsigned want = image_mb ? image_mb + state_mb(plan) + ROOM_MB : 0;

	return want > have ? want - have : 0;
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	g_autoptr(GPtrArray) list = features(plan);

	for (guint i = 0; i + 1 < list->len; i++)
		lu_needs_feature(needs, list->pdata[i]);
	lu_checkpoint_needs(plan, needs);
	lu_needs_program(needs, "mke2fs");
	needs->store = "disk";
	needs->store_mb = store_mb(plan);
	needs->spare_mb = spare_mb(plan);
	needs->pin_kdat = true;
	needs->memory_image = (struct lu_image_form){
		.wanted = true,
		.zstd = is(plan, "compression", "zstd"),
		.dedup = lu_param_bool(plan->strategy_params, "dedup"),
		.touched_mb = (unsigned)lu_param_int(plan->strategy_params, "image_mb"),
		.compressible = (unsigned)lu_param_int(plan->strategy_params, "compressible"),
	};
}

static struct lu_image_load load_of(const struct lu_plan *plan)
{
	const json_t *values = plan->strategy_params;
	const struct lu_flash *preset = lu_flash_find(lu_param_str(values, "flash"));
	const struct lu_flash own = {
		.name = "own",
		.bandwidth = (double)lu_param_int(values, "flash_mb_s") * MEGABYTE,
		.latency_ns = lu_param_int(values, "flash_latency_us") * 1000,
	};

	return (struct lu_image_load){
		.flash = preset ? *preset : own,
		.readahead = (uint64_t)lu_param_int(values, "readahead_kb") * KIBIBYTE,
	};
}

static bool load_modules(struct lu_run *run, GError **error)
{
	g_autoptr(GPtrArray) list = features(run->plan);

	return lu_bringup_modules(run->guest, (const char *const *)list->pdata, run->deadline_ns,
				  NULL, error);
}

static bool inspect(struct lu_run *run, GError **error)
{
	struct image_field *field = run->state;

	if (!run->guest->ops->image_load) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "guest %s cannot load a memory image", run->guest->ops->name);
		return false;
	}
	return load_modules(run, error) &&
	       image_field_compare(field, run, is(run->plan, "disk", "changed"), error);
}

static bool close_field(struct lu_run *run, GError **error)
{
	return image_field_close(run, error);
}

static bool mount_store(struct lu_run *run, bool format, GError **error)
{
	return lu_run_call(run, "store.open",
			   json_pack("{s:s, s:b}", "kind", "disk", "format", (int)format), NULL,
			   error);
}

static bool open_store(struct lu_run *run, GError **error)
{
	return mount_store(run, true, error);
}

static bool close_store(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "store.close", NULL, NULL, error);
}

static bool start_machine(struct lu_run *run, GError **error)
{
	bool lazy = lu_param_bool(run->params, "lazy");

	return run->guest->ops->standby_start(run->guest, lazy ? LU_STANDBY_LAZY : LU_STANDBY_IMAGE,
					      LU_RELEASE_NEW, lu_run_left(run), error);
}

static bool drop(struct lu_run *run, GError **error)
{
	return run->guest->ops->standby_drop(run->guest, error);
}

static bool stream(struct lu_run *run, GError **error)
{
	const struct lu_image_load load = load_of(run->plan);

	return run->guest->ops->image_load(run->guest, &load, lu_run_left(run), error);
}

static bool stream_ahead(struct lu_run *run, GError **error)
{
	return !is(run->plan, "when", "ahead") || stream(run, error);
}

/* Written back, because the other machine reads it from the disk. */
static bool write_out(struct lu_run *run, GError **error)
{
	return close_store(run, error) &&
	       lu_bringup_data_hold(run->guest, run->plan, run->deadline_ns, error);
}

static bool take_back(struct lu_run *run, GError **error)
{
	return lu_bringup_data_release(run->guest, run->plan, run->deadline_ns, error) &&
	       close_store(run, error) && mount_store(run, false, error);
}

/* With one bank of memory the image overwrites the running system: its first byte is
 * the point of no return. */
static bool jump(struct lu_run *run, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;

	return ops->stop(run->guest, error) &&
	       (is(run->plan, "when", "ahead") || stream(run, error)) &&
	       ops->standby_switch(run->guest, lu_run_left(run), error);
}

static bool bring_up(struct lu_run *run, GError **error)
{
	return mount_store(run, false, error) &&
	       lu_bringup_data(run->guest, run->plan, run->deadline_ns, error) &&
	       lu_bringup_net(run->guest, true, run->deadline_ns, error);
}

static bool use_field(struct lu_run *run, GError **error)
{
	return image_field_use(run->state, run, error);
}

static bool finish(struct lu_run *run, GError **error)
{
	return run->guest->ops->image_rest(run->guest, lu_run_left(run), error) &&
	       lu_checkpoint_discard(run, error) && close_store(run, error) && drop(run, error);
}

static void judge(struct lu_run *run, json_t *oracles)
{
	image_field_judge(run->state, oracles);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "compare the disk with what the image expects", inspect, close_field},
	{LU_PREPARE, "open the checkpoint store", open_store, close_store},
	{LU_PREPARE, "preflight", lu_checkpoint_preflight},
	{LU_PREPARE, "power on the other machine", start_machine, drop},
	{LU_PREPARE, "stream the image ahead", stream_ahead},
	{LU_PREPARE, "pre-copy memory", lu_checkpoint_ahead, lu_checkpoint_discard},
	{LU_FREEZE, "freeze the service, lock its network", lu_staged_criu_freeze, lu_staged_thaw},
	{LU_PRESERVE, "checkpoint the service", lu_staged_criu_save, lu_checkpoint_discard},
	{LU_PRESERVE, "write back the disks", write_out, take_back},
	{LU_SWITCH, "stream the image, jump into it", jump},
	{LU_RESTORE, "bring up disks and network", bring_up},
	{LU_RESTORE, "restore the service", lu_staged_criu_restore},
	{LU_RESUME, "resume the service", lu_staged_criu_resume},
	{LU_FINISH, "use the field disk", use_field},
	{LU_FINISH, "free the checkpoint, end the old machine", finish},
	{},
};

/* Flash figures that are ignored would make a comparison misleading. */
static bool check_flash(const struct lu_plan *plan, GError **error)
{
	const json_t *values = plan->strategy_params;

	if (is(plan, "flash", "own") || (lu_param_int(values, "flash_mb_s") == 100 &&
					 lu_param_int(values, "flash_latency_us") == 100))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "flash_mb_s and flash_latency_us are those of flash=own; flash=%s has its own",
		    lu_param_str(values, "flash"));
	return false;
}

static bool check_lazy(const struct lu_plan *plan, GError **error)
{
	if (!lu_param_bool(plan->strategy_params, "lazy") || is(plan, "when", "blackout"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "lazy=on fetches after the jump, when=ahead before it: use one of them");
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	return lu_bringup_movable(plan, error) && check_flash(plan, error) &&
	       check_lazy(plan, error);
}

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_image = {
	.name = "image",
	.summary = "streams a memory image of the next release from flash and jumps into it",
	.params = params,
	.several = lu_staged_params,
	.phases = phases,
	.state_size = sizeof(struct image_field),
	.updates = updates,
	.keeps_state = true,
	.once = "only the new release comes as a memory image",
	.switches = true,
	.check = check,
	.needs = needs,
	.judge = judge,
	.clear = image_field_clear,
};
