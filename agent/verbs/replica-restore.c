/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Restores the service from the CRIU images that the other machine has sent, by a CRIU that waits
 * for them.
 *
 * replica.ready {nolock: bool, huge_pages: bool?} → {}: a CRIU has been started and waits; nolock:
 *     it does not lock each connection again by nftables; huge_pages false: what it restores has none
 * replica.restore {tcp: bool, timens: bool?, buildid: bool?} → pid, restore_ns: the service, stopped;
 *     timens false: not in a time namespace. buildid: compare the builds that replica.dump has kept
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/criu/criu.h"
#include "agent/criu/worker.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define IMAGES STORE_DIR "/images"
#define LOG    "replica-restore.log"

static struct {
	struct worker *worker;
	struct request *request;
	int64_t begin_ns;
} job;

static void ended(void *data, bool ok, pid_t pid, const char *why)
{
	struct request *request = job.request;
	char *reasons;

	job.worker = NULL;
	job.request = NULL;
	criu_scale_windows(true);
	if (!request)
		return;
	if (ok && pid > 0) {
		service_adopt(pid, true);
		reply_ok(request, json_pack("{s:i, s:I}", "pid", (int)pid, "restore_ns",
					    (json_int_t)(now_ns() - job.begin_ns)));
		return;
	}
	reasons = criu_errors(CRIU_WORK "/" LOG);
	reply_error(request, "refused", "replica.restore: criu: %s",
		    reasons && *reasons ? reasons
		    : why		? why
					: "no message");
	free(reasons);
}

static const struct worker_ops worker_ops = {.ended = ended};

static void replica_ready(struct request *request)
{
	const struct worker_how how = {-1, arg_bool(request, "nolock", false),
				       !arg_bool(request, "huge_pages", true)};

	if (service_pid() || job.worker) {
		reply_error(request, "usage",
			    "replica.ready: called before, or a service runs already");
		return;
	}
	job.worker = worker_start(&how, &worker_ops, NULL);
	if (!job.worker) {
		reply_error(request, "unsupported", "replica.ready: %s: %s", CRIU, strerror(errno));
		return;
	}
	criu_scale_windows(false);
	reply_ok(request, NULL);
}

static void replica_restore(struct request *request)
{
	const struct worker_order order = {
		.images = IMAGES,
		.log = LOG,
		.tcp = arg_bool(request, "tcp", false),
		.buildid = arg_bool(request, "buildid", false),
	};

	if (!job.worker || job.request) {
		reply_error(request, "refused",
			    "replica.restore: nothing is ready (replica.ready)");
		return;
	}
	if (!arg_bool(request, "timens", true))
		criu_drop_clocks(IMAGES);
	unlink(CRIU_WORK "/" LOG);
	job.begin_ns = now_ns();
	job.request = request;
	if (!worker_restore(job.worker, &order)) {
		job.request = NULL;
		reply_error(request, "failed", "replica.restore: criu does not listen");
	}
}

const struct lu_agent_verbs lu_agent_verbs_replica_restore = {
	"replica-restore",
	{
		{"replica.ready", replica_ready},
		{"replica.restore", replica_restore},
		{},
	},
};
