/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checkpoint and restore of the service: criu(8), its figures, and its reasons when it will not. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/criu-environment.h"
#include "agent/verbs.h"

#define WORK_DIR CRIU_WORK
#define IMAGES	 STORE_DIR "/images"
#define PREDUMP	 "predump.%u" /* of each round, beside the images */
#define ROUNDS	 64
#define ARGS_MAX 40

static struct {
	struct request *request; /* of the criu under way */
	int64_t begin_ns;
	const char *what;
	const char *log;
	unsigned rounds; /* of pre-dump that the store holds */
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

/* What `criu --display-stats` prints, and what we call it; times are printed in us. */
static const struct {
	const char *label, *name;
	unsigned scale;
} figures[] = {
	{"Freezing time:", "freezing_ns", 1000},
	{"Frozen time:", "frozen_ns", 1000},
	{"Memory dump time:", "memdump_ns", 1000},
	{"Memory write time:", "memwrite_ns", 1000},
	{"Memory pages scanned:", "pages_scanned", 1},
	{"Memory pages skipped from parent:", "pages_skipped", 1},
	{"Memory pages written:", "pages_written", 1},
	{"Pages compared:", "pages_compared", 1},
	{"Pages skipped COW:", "pages_skipped_cow", 1},
	{"Pages restored:", "pages_restored", 1},
	{"Restore time:", "restore_ns", 1000},
	{"Forking time:", "forking_ns", 1000},
};

json_t *criu_figures(const char *output)
{
	json_t *result = json_object();

	for (unsigned i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const char *at = strstr(output, figures[i].label);

		if (at)
			json_object_set_new(
				result, figures[i].name,
				json_integer(strtoll(at + strlen(figures[i].label), NULL, 10) *
					     figures[i].scale));
	}
	return result;
}

#define REASONS 4

/*
 * CRIU's own last "Error (file.c:line): …" lines, joined; malloc'd. The last ones name the reason;
 * before them may stand those of probes that found a feature missing (tun, veth), which is no error
 * of the dump.
 */
char *criu_errors(const char *log)
{
	char *text = file_read(log, NULL), *reasons = calloc(1, 4096), *save, *line;
	char *errors[REASONS];
	unsigned n = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *error = strstr(line, "Error (");

		if (error)
			errors[n++ % REASONS] = error;
	}
	for (unsigned i = n > REASONS ? n - REASONS : 0; i < n && reasons; i++)
		snprintf(reasons + strlen(reasons), 4096 - strlen(reasons), "%s%s",
			 *reasons ? "; " : "", errors[i % REASONS]);
	free(text);
	return reasons;
}

static void refuse(struct request *request, int status, const char *output)
{
	char *reasons = criu_errors(job.log);

	reply_error(request, "refused", "%s: criu: %s", job.what,
		    reasons && *reasons ? reasons
		    : *output		? output
					: "it ended without a word");
	free(reasons);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* data is not NULL when it was a round of pre-dump. */
static void checkpoint_ended(void *data, int status, const char *output)
{
	struct request *request = job.request;
	json_t *result;

	job.request = NULL;
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

/*
 * A connection whose peer does not scale windows (libslirp does not) has no scale in CRIU's image,
 * and a socket connected in repair mode then keeps the scale it would have offered: a window of 64
 * KiB is advertised as 4 bytes, and the peer trickles. With the sysctl off during the restore the
 * default is "no scale"; connections that do scale get theirs from the image (TCP_REPAIR_OPTIONS),
 * which does not look at the sysctl. Seen with CRIU 3.17.1 on Linux 6.1.
 */
#define WINDOW_SCALING "/proc/sys/net/ipv4/tcp_window_scaling"

void criu_scale_windows(bool on)
{
	file_write(WINDOW_SCALING, on ? "1" : "0");
}

static void restore_ended(void *data, int status, const char *output)
{
	struct request *request = job.request;
	json_t *result;
	char *pid;

	job.request = NULL;
	criu_scale_windows(true);
	pid = file_read(WORK_DIR "/pid", NULL);
	if (!status_ok(status) || !pid) {
		free(pid);
		refuse(request, status, output);
		return;
	}
	service_adopt(atoi(pid), true);
	free(pid);
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

/* NULL or why not now. */
static const char *busy(void)
{
	if (job.request)
		return "another one is under way";
	if (!store_is_open())
		return "the store is not open";
	if (access(CRIU, X_OK))
		return "this guest has no " CRIU;
	return NULL;
}

/* Errors only, and the log in RAM: a log of level 4 costs more than the dump of a small service. */
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
	/* a database holds some; without it CRIU refuses a program that does */
	add(args, "--file-locks");
}

/* NULL or why this checkpoint cannot be. */
static const char *check_checkpoint(bool predump, bool parent, bool tcp)
{
	const char *why = busy();

	if (why)
		return why;
	if (!service_pid())
		return "no service runs";
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
	/* It was stopped before (service.freeze) and CRIU stops it again; with --leave-stopped CRIU
	 * would keep its connections locked and in repair mode, and an undone upgrade would leave a
	 * service that nobody reaches. */
	if (!predump)
		add(args, "--leave-running");
	if (!parent)
		return;
	snprintf(previous, sizeof(previous), "../" PREDUMP, job.rounds - 1);
	add(args, "--prev-images-dir");
	add(args, previous);
}

void verb_checkpoint(struct request *request)
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
		add(&args, "--network-lock");
		add(&args, "nftables");
	}
	run(&args, "checkpoint", WORK_DIR "/dump.log", checkpoint_ended, predump ? &job : NULL,
	    request);
}

void verb_checkpoint_discard(struct request *request)
{
	char dir[60];

	remove_tree(IMAGES);
	/* After a jump this agent has counted no round, so names are tried up to the first that is
	 * not there. */
	for (unsigned i = 0; i < ROUNDS; i++) {
		snprintf(dir, sizeof(dir), STORE_DIR "/" PREDUMP, i);
		if (access(dir, F_OK))
			break;
		remove_tree(dir);
	}
	job.rounds = 0;
	reply_ok(request, NULL);
}

void verb_restore(struct request *request)
{
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
