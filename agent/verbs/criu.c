/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoint and restore of the service by criu(8).
 *
 * checkpoint {tcp: bool, predump: bool, parent: bool, nolock: bool} → CRIU's own figures
 *     freezing_ns, frozen_ns, memdump_ns, memwrite_ns, pages_scanned, pages_skipped,
 *     pages_written, and checkpoint_ns, bytes. nolock: CRIU does not lock each connection again
 *     by nftables. With tcp and not predump it is refused when the network is up and not locked.
 *     Undone by checkpoint.discard.
 * checkpoint.discard {} → {}
 * restore {tcp: bool, nolock: bool} → pid, pages_compared, pages_skipped, forking_ns, restore_ns
 *     (CRIU's figures), program_ns
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
#include "agent/file.h"
#include "agent/interface.h"
#include "agent/loop.h"
#include "agent/net-lock.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define WORK_DIR CRIU_WORK
#define IMAGES	 STORE_DIR "/images"
#define PREDUMP	 "predump.%u" /* one folder for each round, beside the images */
#define ROUNDS	 64
#define ARGS_MAX 40

static struct {
	struct request *request; /* of the running criu */
	int64_t begin_ns;
	const char *what;
	const char *log;
	unsigned rounds; /* of pre-dump in the store */
} job;

struct args {
	const char *v[ARGS_MAX];
	unsigned n;
};

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
	service_read_by_criu(data ? "pre-dump" : "dump", false);
	if (data && status_ok(status))
		job.rounds++;
	if (!status_ok(status)) {
		refuse(request, status, output);
		return;
	}
	result = criu_figures(output);
	json_object_set_new(result, "checkpoint_ns", json_integer(now_ns() - job.begin_ns));
	json_object_set_new(result, "bytes", json_integer(store_used()));
	reply_ok(request, result);
}

static void restore_ended(void *data, int status, const char *output)
{
	struct request *request = job.request;
	json_t *result;

	job.request = NULL;
	criu_scale_windows(true);
	pid_t pid = (pid_t)file_number(WORK_DIR "/pid", 0);

	if (!status_ok(status) || pid <= 0) {
		refuse(request, status, output);
		return;
	}
	service_adopt(pid, true);
	result = criu_figures(output);
	json_object_set_new(result, "pid", json_integer(service_pid()));
	json_object_set_new(result, "program_ns", json_integer(now_ns() - job.begin_ns));
	reply_ok(request, result);
}

static void run(struct args *args, const char *what, const char *log, child_fn ended, void *data,
		struct request *request)
{
	const struct criu_environment environment = {.nolock = arg_bool(request, "nolock", false)};
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

/* NULL, or why CRIU cannot be run now. */
static const char *busy(void)
{
	if (job.request)
		return "another one is running";
	if (!store_is_open())
		return "the store is not open";
	if (access(CRIU, X_OK))
		return "this guest has no " CRIU;
	return NULL;
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
	const char *why = busy();

	if (why)
		return why;
	if (!service_pid())
		return service_none();
	if (tcp && !predump && net_interface() && !net_locked())
		return "the network is not locked (net.lock)";
	if (parent && !job.rounds)
		return "there is no pre-dump to be the parent";
	return predump && job.rounds == ROUNDS ? "64 rounds of pre-dump are enough" : NULL;
}

static void add_memory(struct args *args, bool predump, bool parent)
{
	static char previous[40];

	if (predump || parent)
		add(args, "--track-mem");
	/* It was stopped before (service.freeze) and CRIU leaves it stopped; with --leave-stopped
	 * CRIU would keep its connections locked and in repair mode, and after an undone upgrade no
	 * client could reach the service. */
	if (!predump)
		add(args, "--leave-running");
	if (!parent)
		return;
	snprintf(previous, sizeof(previous), "../" PREDUMP, job.rounds - 1);
	add(args, "--prev-images-dir");
	add(args, previous);
}

static void checkpoint(struct request *request)
{
	static char pid[16], dir[60];
	bool predump = arg_bool(request, "predump", false), tcp = arg_bool(request, "tcp", false);
	bool parent = arg_bool(request, "parent", false);
	const char *why = check_checkpoint(predump, parent, tcp);
	struct args args = {{CRIU, predump ? "pre-dump" : "dump", "-t", pid}, 4};

	if (why) {
		reply_error(request, "refused", "checkpoint: %s", why);
		return;
	}
	snprintf(pid, sizeof(pid), "%d", (int)service_pid());
	if (predump)
		snprintf(dir, sizeof(dir), STORE_DIR "/" PREDUMP, job.rounds);
	else
		strcpy(dir, IMAGES);
	mkdir(dir, 0700);
	add_common(&args, dir, "dump.log");
	add_memory(&args, predump, parent);
	if (tcp) {
		add(&args, "--tcp-established");
		/* What the service has not accepted by now: its peer learns of it by a reset. */
		add(&args, "--skip-in-flight");
		add(&args, "--network-lock");
		add(&args, "nftables");
	}
	service_read_by_criu(predump ? "pre-dump" : "dump", true);
	run(&args, "checkpoint", WORK_DIR "/dump.log", checkpoint_ended, predump ? &job : NULL,
	    request);
}

static void checkpoint_discard(struct request *request)
{
	char dir[60];

	remove_tree(IMAGES);
	/* After a jump the number of rounds is unknown to this agent, so names are tried up to the
	 * first that does not exist. */
	for (unsigned i = 0; i < ROUNDS; i++) {
		snprintf(dir, sizeof(dir), STORE_DIR "/" PREDUMP, i);
		if (access(dir, F_OK))
			break;
		remove_tree(dir);
	}
	job.rounds = 0;
	reply_ok(request, NULL);
}

static void restore(struct request *request)
{
	/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): a path of two parts */
	struct args args = {{CRIU, "restore", "-d", "--pidfile", WORK_DIR "/pid"}, 5};
	const char *why = busy();

	if (!why && service_pid())
		why = "a service runs already";
	if (!why && arg_bool(request, "nolock", false) && net_interface() && !net_locked())
		why = "the network is not locked (net.lock), so CRIU has to do it";
	if (why) {
		reply_error(request, "refused", "restore: %s", why);
		return;
	}
	unlink(WORK_DIR "/pid");
	add_common(&args, IMAGES, "restore.log");
	add(&args, "--file-validation");
	add(&args, "filesize");
	if (arg_bool(request, "tcp", false))
		add(&args, "--tcp-established");
	criu_scale_windows(false);
	run(&args, "restore", WORK_DIR "/restore.log", restore_ended, NULL, request);
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
