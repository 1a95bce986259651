/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoint and restore of the service by criu(8).
 *
 * checkpoint {tcp: bool, predump: bool, parent: bool, nolock: bool, gently: bool} → CRIU's own
 *     figures freezing_ns, frozen_ns, memdump_ns, memwrite_ns, pages_scanned, pages_skipped,
 *     pages_written, and checkpoint_ns, bytes (in the store), written_bytes (of memory). nolock:
 *     CRIU does not lock each connection again by nftables. gently: at the lowest priority, and
 *     a pre-dump reads memory while the service runs. With tcp and not predump it is refused when
 *     the network is up and not locked. Undone by checkpoint.discard.
 * checkpoint.discard {} → {}: the images, their manifest, and what store.damage has filled up
 * restore {tcp: bool, nolock: bool, timens: bool?, memory: "eager"|"lazy"?, buildid: bool?, port:
 *     int?} → pid, pages_compared, pages_skipped, forking_ns, restore_ns (CRIU's figures),
 *     program_ns, arrange_ns, later_bytes, moved_bytes, parts (agent/criu/restore-memory.h). timens
 *     false: not in a time namespace. buildid: programs and libraries that it has mapped have to be
 *     of the same build, and not of the same size only. port: on which it answers, where that is to
 *     be unlocked by itself
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/environment.h"
#include "agent/criu/huge-pages.h"
#include "agent/criu/lazy-pages.h"
#include "agent/criu/restore-memory.h"
#include "agent/criu/rounds.h"
#include "agent/file.h"
#include "agent/interface.h"
#include "agent/loop.h"
#include "agent/manifest/manifest.h"
#include "agent/net-lock.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define WORK_DIR CRIU_WORK
#define FRESH	 STORE_DIR "/fresh" /* of restore_memory_lazy */
#define ARGS_MAX 40

static struct {
	struct request *request; /* of the running criu */
	int64_t begin_ns;
	const char *what;
	const char *log;
	struct restore_memory memory;
	int64_t arrange_ns;
} job;

struct args {
	const char *v[ARGS_MAX];
	unsigned n;
};

/* The service's folder of images in the store. */
static const char *images(void)
{
	static char path[sizeof(STORE_DIR) + SERVICE_NAME_MAX + 40];

	snprintf(path, sizeof(path), STORE_DIR "/%s", service_own("images"));
	return path;
}

static void add(struct args *args, const char *word)
{
	if (args->n < ARGS_MAX - 1)
		args->v[args->n++] = word;
}

static void refuse(struct request *request, int status, const char *output)
{
	char *reasons = criu_errors(job.log);

	reply_error(request, "refused", "%s: criu: %s", job.what,
		    reasons && *reasons ? reasons
		    : *output		? output
					: "it ended without a message");
	free(reasons);
}

/* data is not NULL when it was a pre-dump round. */
static void checkpoint_ended(void *data, int status, const char *output)
{
	struct request *request = job.request;
	json_t *result;

	job.request = NULL;
	verb_turn(request);
	service_read_by_criu(data ? "pre-dump" : "dump", false);
	if (data && status_ok(status))
		rounds_add();
	if (!status_ok(status)) {
		refuse(request, status, output);
		return;
	}
	result = criu_figures(output);
	json_object_set_new(result, "checkpoint_ns", json_integer(now_ns() - job.begin_ns));
	json_object_set_new(result, "bytes", json_integer(store_used()));
	json_object_set_new(
		result, "written_bytes",
		json_integer(json_integer_value(json_object_get(result, "pages_written")) *
			     sysconf(_SC_PAGESIZE)));
	reply_ok(request, result);
}

static void restore_ended(void *data, int status, const char *output)
{
	struct request *request = job.request;
	json_t *result;

	job.request = NULL;
	verb_turn(request);
	criu_scale_windows(true);
	pid_t pid = (pid_t)file_number(WORK_DIR "/pid", 0);

	if (!status_ok(status) || pid <= 0) {
		lazy_pages_stop();
		refuse(request, status, output);
		return;
	}
	service_adopt(pid, true);
	lazy_pages_hold();
	result = criu_figures(output);
	json_object_update_new(result, json_pack("{s:I, s:I, s:I}", "arrange_ns",
						 (json_int_t)job.arrange_ns, "later_bytes",
						 (json_int_t)job.memory.later_bytes, "moved_bytes",
						 (json_int_t)job.memory.moved_bytes));
	json_object_set_new(result, "pid", json_integer(service_pid()));
	json_object_set_new(result, "program_ns", json_integer(now_ns() - job.begin_ns));
	reply_ok(request, result);
}

static void run(struct args *args, const char *what, const char *log, child_fn ended, void *data,
		struct request *request)
{
	const struct criu_environment environment = {
		.nolock = arg_bool(request, "nolock", false),
		.low = arg_bool(request, "gently", false),
		.no_huge_pages = ended == restore_ended && huge_pages_kept_out(images()),
	};
	bool started;

	job.what = what;
	job.log = log;
	job.begin_ns = now_ns();
	unlink(log);
	criu_environment_set(&environment);
	started = child_spawn(args->v, ended, data) >= 0;
	criu_environment_unset();
	if (!started) {
		reply_error(request, "failed", "%s: cannot fork", what);
		return;
	}
	job.request = request;
}

/* Log errors only, to RAM: a log of level 4 costs more than the dump of a small service. */
static void add_common(struct args *args, const char *images, const char *log)
{
	add(args, "-D");
	add(args, images);
	add(args, "-W");
	add(args, WORK_DIR);
	add(args, "-o");
	add(args, log);
	add(args, "-v1");
	add(args, "--display-stats");
	/* a database holds file locks, and without this CRIU refuses to dump it */
	add(args, "--file-locks");
}

/* NULL, or why this checkpoint cannot be made. */
static const char *check_checkpoint(bool predump, bool parent, bool tcp)
{
	const char *why = criu_unready(job.request != NULL);

	if (why)
		return why;
	if (!service_pid())
		return service_none();
	if (lazy_pages_runs())
		return "its memory from the last restore is not all there yet (memory.wait)";
	if (tcp && !predump && net_interface() && !net_locked(service_port()))
		return "the network is not locked (net.lock)";
	if (parent && !rounds_made())
		return "there is no pre-dump to be the parent";
	return predump && rounds_made() == ROUNDS_MAX ? "64 rounds of pre-dump are enough" : NULL;
}

static void add_memory(struct args *args, bool predump, bool parent, bool gently)
{
	if (predump && gently) {
		add(args, "--pre-dump-mode");
		add(args, "read");
	}
	if (predump || parent)
		add(args, "--track-mem");
	/* It was stopped before (service.freeze) and CRIU leaves it stopped; with --leave-stopped
	 * CRIU would keep its connections locked and in repair mode, and after an undone upgrade no
	 * client could reach the service. */
	if (!predump)
		add(args, "--leave-running");
	if (!parent)
		return;
	add(args, "--prev-images-dir");
	add(args, rounds_beside(rounds_made() - 1));
}

static void checkpoint(struct request *request)
{
	static char pid[16];
	bool predump = arg_bool(request, "predump", false), tcp = arg_bool(request, "tcp", false);
	bool parent = arg_bool(request, "parent", false);
	const char *why = check_checkpoint(predump, parent, tcp), *dir = images();
	struct args args = {{CRIU, predump ? "pre-dump" : "dump", "-t", pid}, 4};

	if (why) {
		reply_error(request, "refused", "checkpoint: %s", why);
		return;
	}
	snprintf(pid, sizeof(pid), "%d", (int)service_pid());
	if (predump)
		dir = rounds_folder(rounds_made());
	mkdir(dir, 0700);
	add_common(&args, dir, "dump.log");
	add_memory(&args, predump, parent, arg_bool(request, "gently", false));
	if (tcp) {
		add(&args, "--tcp-established");
		/* What the service has not accepted by now: its peer learns of it by a reset. */
		add(&args, "--skip-in-flight");
		add(&args, "--network-lock");
		add(&args, "nftables");
	}
	if (!predump)
		huge_pages_keep(dir, service_pid());
	service_read_by_criu(predump ? "pre-dump" : "dump", true);
	run(&args, "checkpoint", WORK_DIR "/dump.log", checkpoint_ended, predump ? &job : NULL,
	    request);
}

static void checkpoint_discard(struct request *request)
{
	remove_tree(images());
	unlink(STORE_DIR "/" MANIFEST);
	unlink(STORE_BALLAST);
	remove_tree(FRESH);
	rounds_clear();
	reply_ok(request, NULL);
}

static void run_restore(struct request *request)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): a path of two parts */
	struct args args = {{CRIU, "restore", "-d", "--pidfile", WORK_DIR "/pid"}, 5};

	unlink(WORK_DIR "/pid");
	add_common(&args, images(), "restore.log");
	add(&args, "--file-validation");
	add(&args, arg_bool(request, "buildid", false) ? "buildid" : "filesize");
	if (arg_bool(request, "tcp", false))
		add(&args, "--tcp-established");
	if (lazy_pages_runs())
		add(&args, "--lazy-pages");
	if (!arg_bool(request, "timens", true))
		criu_drop_clocks(images());
	criu_scale_windows(false);
	run(&args, "restore", WORK_DIR "/restore.log", restore_ended, NULL, request);
}

static void lazy_pages_ready(const char *why)
{
	struct request *request = job.request;

	job.request = NULL;
	verb_turn(request);
	if (why)
		reply_error(request, "failed", "restore: %s", why);
	else
		run_restore(request);
}

static void restore_as(struct request *request, const char *memory)
{
	bool lazy = !strcmp(memory, "lazy");
	int64_t begin_ns = now_ns();

	job.memory = (struct restore_memory){0};
	if (lazy && !restore_memory_lazy(images(), &job.memory)) {
		reply_error(request, "failed", "restore: memory=lazy: %s", job.memory.why);
		return;
	}
	job.arrange_ns = now_ns() - begin_ns;
	if (!lazy) {
		run_restore(request);
		return;
	}
	job.request = request;
	if (lazy_pages_start(images(), lazy_pages_ready))
		return;
	job.request = NULL;
	reply_error(request, "failed", "restore: cannot start criu lazy-pages");
}

static void restore(struct request *request)
{
	const char *why = criu_unready(job.request != NULL);

	if (!why && service_pid())
		why = "a service runs already";
	service_set_port((int)arg_int(request, "port", 0));
	if (!why && arg_bool(request, "nolock", false) && net_interface() &&
	    !net_locked(service_port()))
		why = "the network is not locked (net.lock), so CRIU has to do it";
	if (why)
		reply_error(request, "refused", "restore: %s", why);
	else
		restore_as(request, arg_str(request, "memory", "eager"));
}

const struct lu_agent_verbs lu_agent_verbs_criu = {
	"criu",
	{
		{"checkpoint", checkpoint},
		{"checkpoint.discard", checkpoint_discard},
		{"restore", restore},
		{},
	},
};
