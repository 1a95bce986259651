/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running machine's end of the replication: memory in pre-copy rounds while the service
 * answers, then the rest of it and CRIU's other images. Everything that the last step needs is set
 * up beforehand: both connections, the page server at the standby, and a CRIU that waits for its
 * request.
 *
 * replica.precopy {to: "10.0.3.2"} → a pre-copy round of memory: CRIU's own figures as of
 *     checkpoint, and round_ns, bytes
 * replica.arm {to: "10.0.3.2", nolock: bool} → {}: both connections of replica.dump are open, and a
 *     CRIU waits for it
 * replica.dump {tcp: bool, buildid: bool?} → dump_ns, send_ns, bytes (of CRIU's images other than
 *     pages, whose hash the standby has checked): everything has arrived. CRIU keeps the service
 *     frozen, so that it stays as it was dumped. refused when the network is up and not locked.
 *     buildid: with the build of each program and library that is mapped, for the restore.
 * replica.release {} → {}: CRIU has released the service, still stopped as it was before; files of
 *     the rounds are removed here. Undoes the three above.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/worker.h"
#include "agent/file.h"
#include "agent/interface.h"
#include "agent/loop.h"
#include "agent/net-lock.h"
#include "agent/replica/replica.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define IMAGES	    "images"
#define ROUND	    "round.%u"
#define ROUNDS_MAX  64
#define PREDUMP_LOG "predump.log"
#define DUMP_LOG    "replica-dump.log"

static struct {
	unsigned rounds; /* pre-dump rounds that the standby has */
	/* of the running pre-dump round */
	struct request *predump;
	int predump_fd;
	/* of the last step */
	struct worker *worker;
	int pages, files; /* connections */
	struct request *dump, *release;
	bool held; /* CRIU has dumped and waits */
	int64_t begin_ns, dumped_ns;
} job = {.predump_fd = -1, .pages = -1, .files = -1};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static const char *parent_of(unsigned round)
{
	static char name[32];

	if (!round)
		return REPLICA_NONE;
	snprintf(name, sizeof(name), ROUND, round - 1);
	return name;
}

/* Opens a connection for pages; round ROUNDS_MAX: of the last step. */
static int connect_pages(struct request *request, const char *folder, char *why, size_t size)
{
	char line[REPLICA_LINE];

	snprintf(line, sizeof(line), "pages %s %s", folder, parent_of(job.rounds));
	return replica_connect(arg_str(request, "to", ""), line, why, size);
}

/* CRIU failed: the service cannot be dumped, or the standby is gone. */
static void give_up(struct request *request, int pages, const char *what, const char *log,
		    const char *said)
{
	bool alone = replica_is_cut_off(pages);
	char path[80], *reasons;

	snprintf(path, sizeof(path), CRIU_WORK "/%s", log);
	reasons = criu_errors(path);
	reply_error(request, alone ? "failed" : "refused", "%s: %scriu: %s", what,
		    alone ? "the standby is gone: " : "",
		    reasons && *reasons ? reasons
		    : said && *said	? said
					: "it ended without a message");
	free(reasons);
}

/* NULL, or why it cannot be done now. */
static const char *not_ready(void)
{
	if (job.predump || job.worker)
		return "another one is running";
	if (!store_is_open())
		return "the store is not open";
	if (!service_pid())
		return service_none();
	if (access(CRIU, X_OK) < 0)
		return "this guest has no " CRIU;
	return job.rounds == ROUNDS_MAX ? "64 rounds are enough" : NULL;
}

static void predumped(void *data, int status, const char *output)
{
	struct request *request = job.predump;
	json_t *result;

	job.predump = NULL;
	service_read_by_criu("pre-dump", false);
	if (!status_ok(status))
		give_up(request, job.predump_fd, "replica.precopy", PREDUMP_LOG, output);
	close_fd(&job.predump_fd);
	if (!status_ok(status))
		return;
	job.rounds++;
	result = criu_figures(output);
	json_object_set_new(result, "round_ns", json_integer(now_ns() - job.begin_ns));
	json_object_set_new(
		result, "bytes",
		json_integer(json_integer_value(json_object_get(result, "pages_written")) *
			     sysconf(_SC_PAGESIZE)));
	reply_ok(request, result);
}

static bool spawn_predump(const char *folder)
{
	char pid[16], fd[16], images[80], parent[60];
	const char *argv[] = {CRIU,
			      "pre-dump",
			      "-t",
			      pid,
			      "-D",
			      images,
			      "-W",
			      CRIU_WORK,
			      "-o",
			      PREDUMP_LOG,
			      "-v1",
			      "--display-stats",
			      "--track-mem",
			      "--page-server",
			      "--ps-socket",
			      fd,
			      job.rounds ? "--prev-images-dir" : NULL,
			      parent,
			      NULL};

	snprintf(pid, sizeof(pid), "%d", (int)service_pid());
	snprintf(fd, sizeof(fd), "%d", job.predump_fd);
	snprintf(images, sizeof(images), STORE_DIR "/%s", folder);
	snprintf(parent, sizeof(parent), "../%s", parent_of(job.rounds));
	unlink(CRIU_WORK "/" PREDUMP_LOG);
	mkdir(images, 0700);
	return child_spawn_with(argv, job.predump_fd, predumped, NULL) >= 0;
}

static void replica_precopy(struct request *request)
{
	const char *reason = not_ready();
	char folder[32], why[300];

	if (reason) {
		reply_error(request, "refused", "replica.precopy: %s", reason);
		return;
	}
	job.begin_ns = now_ns();
	snprintf(folder, sizeof(folder), ROUND, job.rounds);
	job.predump_fd = connect_pages(request, folder, why, sizeof(why));
	if (job.predump_fd < 0) {
		reply_error(request, "failed", "replica.precopy: %s", why);
		return;
	}
	replica_set_deadline(job.predump_fd, false);
	job.predump = request;
	service_read_by_criu("pre-dump", true);
	if (spawn_predump(folder))
		return;
	job.predump = NULL;
	close_fd(&job.predump_fd);
	reply_error(request, "failed", "replica.precopy: cannot fork");
}

/* "ok", or the standby's error. */
static const char *send_images(size_t *len)
{
	static char said[REPLICA_LINE];
	uint8_t *bundle = bundle_pack(STORE_DIR "/" IMAGES, len);
	bool sent = bundle && replica_write(job.files, bundle, *len) &&
		    replica_read_line(job.files, said);

	if (!sent)
		snprintf(said, sizeof(said), "sending CRIU's images: %s", strerror(errno));
	free(bundle);
	return said;
}

/* The dump is complete: send the images to the standby while CRIU keeps the service frozen. */
static void dumped(void *data)
{
	struct request *request = job.dump;
	const char *said;
	size_t len = 0;

	job.dump = NULL;
	job.held = true;
	job.dumped_ns = now_ns();
	said = send_images(&len);
	if (strcmp(said, "ok")) {
		reply_error(request, "failed", "replica.dump: %s", said);
		return;
	}
	reply_ok(request,
		 json_pack("{s:I, s:I, s:I}", "dump_ns", (json_int_t)(job.dumped_ns - job.begin_ns),
			   "send_ns", (json_int_t)(now_ns() - job.dumped_ns), "bytes",
			   (json_int_t)len));
}

static void clear(void)
{
	char path[80];

	close_fd(&job.pages);
	close_fd(&job.files);
	remove_tree(STORE_DIR "/" IMAGES);
	for (unsigned i = 0; i < job.rounds; i++) {
		snprintf(path, sizeof(path), STORE_DIR "/" ROUND, i);
		remove_tree(path);
	}
	job.rounds = 0;
}

static void ended(void *data, bool ok, pid_t pid, const char *why)
{
	job.worker = NULL;
	job.held = false;
	if (job.dump)
		give_up(job.dump, job.pages, "replica.dump", DUMP_LOG, why);
	job.dump = NULL;
	close_fd(&job.pages);
	close_fd(&job.files);
	if (job.release) {
		clear();
		reply_ok(job.release, NULL);
	}
	job.release = NULL;
}

static const struct worker_ops worker_ops = {dumped, ended};

/* Gets everything ready for the dump; false with the reason in why. */
static bool get_ready(struct request *request, char *why, size_t size)
{
	struct worker_how how = {.nolock = arg_bool(request, "nolock", false)};

	job.pages = connect_pages(request, IMAGES, why, size);
	if (job.pages < 0)
		return false;
	replica_set_deadline(job.pages, false);
	job.files = replica_connect(arg_str(request, "to", ""), "files " IMAGES, why, size);
	if (job.files < 0)
		return false;
	mkdir(STORE_DIR "/" IMAGES, 0700);
	how.inherit = job.pages;
	job.worker = worker_start(&how, &worker_ops, NULL);
	if (!job.worker)
		snprintf(why, size, "cannot start criu: %s", strerror(errno));
	return job.worker;
}

static void replica_arm(struct request *request)
{
	const char *reason = not_ready();
	char why[300];

	if (reason) {
		reply_error(request, "refused", "replica.arm: %s", reason);
	} else if (!get_ready(request, why, sizeof(why))) {
		close_fd(&job.pages);
		close_fd(&job.files);
		reply_error(request, "failed", "replica.arm: %s", why);
	} else {
		reply_ok(request, NULL);
	}
}

static void replica_dump(struct request *request)
{
	static char parent[60];
	struct worker_order order = {
		.images = STORE_DIR "/" IMAGES,
		.log = DUMP_LOG,
		.tcp = arg_bool(request, "tcp", false),
		.buildid = arg_bool(request, "buildid", false),
		.pid = service_pid(),
		.parent = job.rounds ? parent : NULL,
		.pages = job.pages,
	};

	if (!job.worker || job.dump || job.held) {
		reply_error(request, "refused", "replica.dump: nothing is armed (replica.arm)");
		return;
	}
	if (order.tcp && net_interface() && !net_locked(service_port())) {
		reply_error(request, "refused",
			    "replica.dump: the network is not locked (net.lock)");
		return;
	}
	snprintf(parent, sizeof(parent), "../%s", parent_of(job.rounds));
	unlink(CRIU_WORK "/" DUMP_LOG);
	job.begin_ns = now_ns();
	job.dump = request;
	if (!worker_dump(job.worker, &order)) {
		job.dump = NULL;
		reply_error(request, "failed", "replica.dump: criu does not listen");
	}
}

/* CRIU releases the service before this answers. */
static void replica_release(struct request *request)
{
	if (job.held || job.dump) {
		job.release = request;
		if (job.held)
			worker_release(job.worker);
		return;
	}
	if (job.worker)
		worker_dismiss(job.worker);
	job.worker = NULL;
	clear();
	reply_ok(request, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_replica_send = {
	"replica-send",
	{
		{"replica.precopy", replica_precopy},
		{"replica.arm", replica_arm},
		{"replica.dump", replica_dump},
		{"replica.release", replica_release},
		{},
	},
};
