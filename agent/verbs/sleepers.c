/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of those processes of the service that sleep.
 *
 * checkpoint.sleepers {window_ms} → tasks, asleep, trees, written_bytes, sleepers_ns: the memory of
 *     each tree of processes that has not run for that long is the first round of pre-dump; tasks:
 *     how many processes there are. None asleep: there is no round. Undone by checkpoint.discard.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/environment.h"
#include "agent/criu/pagemap.h"
#include "agent/criu/rounds.h"
#include "agent/criu/sleepers.h"
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/store.h"
#include "agent/verb.h"

#define LOG "sleepers.log"
#define ONE STORE_DIR "/sleepers" /* of the tree that is being read */

static struct {
	struct request *request;
	struct sleepers before, after;
	pid_t tops[SLEEPERS_MAX];
	size_t trees, next, asleep;
	unsigned pages_id; /* the last one in the round's folder */
	json_int_t written;
	int64_t begin_ns;
} job;

static void next_tree(void);

static void give_up(const char *what, const char *said)
{
	struct request *request = job.request;

	job.request = NULL;
	remove_tree(ONE);
	reply_error(request, "refused", "checkpoint.sleepers: %s: %s", what, said);
}

/* Each run of CRIU numbers its files of pages from 1; in the round's folder they are numbered on. */
static bool move_pages(unsigned pid)
{
	char from[80], to[80];
	struct pagemap map;
	bool ok;

	snprintf(from, sizeof(from), ONE "/pagemap-%u.img", pid);
	if (!pagemap_load(&map, from))
		return false;
	snprintf(from, sizeof(from), ONE "/pages-%u.img", map.pages_id);
	map.pages_id = ++job.pages_id;
	snprintf(to, sizeof(to), "%s/pages-%u.img", rounds_folder(0), map.pages_id);
	ok = rename(from, to) == 0;
	snprintf(to, sizeof(to), "%s/pagemap-%u.img", rounds_folder(0), pid);
	ok = ok && pagemap_save(&map, to);
	page_runs_free(&map.runs);
	return ok;
}

/* The inventory says when the dump was, by which CRIU knows a pid that has been used again: that of
 * the first tree is the earliest. */
static bool move_tree(void)
{
	char to[80];
	struct dirent *entry;
	DIR *folder = opendir(ONE);
	bool ok = folder;
	unsigned pid;

	while (ok && (entry = readdir(folder)))
		/* NOLINTNEXTLINE(cert-err34-c): a name that does not fit is another file's */
		if (sscanf(entry->d_name, "pagemap-%u.img", &pid) == 1)
			ok = move_pages(pid);
	if (folder)
		closedir(folder);
	snprintf(to, sizeof(to), "%s/inventory.img", rounds_folder(0));
	return ok && (!access(to, F_OK) || rename(ONE "/inventory.img", to) == 0);
}

static void dumped(void *data, int status, const char *output)
{
	char *reasons;

	verb_turn(job.request);
	service_read_by_criu("pre-dump", false);
	if (!status_ok(status)) {
		reasons = criu_errors(CRIU_WORK "/" LOG);
		give_up("criu", reasons && *reasons ? reasons : output);
		free(reasons);
		return;
	}
	json_t *figures = criu_figures(output);

	job.written += json_integer_value(json_object_get(figures, "pages_written")) *
		       (json_int_t)page_bytes();
	json_decref(figures);
	if (!move_tree()) {
		give_up("moving its images", "the store is full or damaged");
		return;
	}
	next_tree();
}

static void finish(void)
{
	struct request *request = job.request;

	job.request = NULL;
	remove_tree(ONE);
	if (job.trees)
		rounds_add();
	reply_ok(request,
		 json_pack("{s:I, s:I, s:I, s:I, s:I}", "tasks", (json_int_t)job.after.n, "asleep",
			   (json_int_t)job.asleep, "trees", (json_int_t)job.trees, "written_bytes",
			   job.written, "sleepers_ns", (json_int_t)(now_ns() - job.begin_ns)));
}

static void next_tree(void)
{
	const struct criu_environment environment = {.low = true};
	const char *folder = ONE;
	char pid[16];
	const char *const argv[] = {
		CRIU,	       "pre-dump",	  "-t",	  pid, "-D",  folder,
		"-W",	       CRIU_WORK,	  "-o",	  LOG, "-v1", "--display-stats",
		"--track-mem", "--pre-dump-mode", "read", NULL};
	bool started;

	if (job.next == job.trees) {
		finish();
		return;
	}
	snprintf(pid, sizeof(pid), "%d", (int)job.tops[job.next++]);
	remove_tree(ONE);
	mkdir(ONE, 0700);
	mkdir(rounds_folder(0), 0700);
	unlink(CRIU_WORK "/" LOG);
	service_read_by_criu("pre-dump", true);
	criu_environment_set(&environment);
	started = child_spawn(argv, dumped, NULL) >= 0;
	criu_environment_unset();
	if (!started)
		give_up("criu", "cannot fork");
}

static void look_again(void *data)
{
	verb_turn(job.request);
	if (!service_pid()) {
		give_up("the service", service_none());
		return;
	}
	sleepers_count(&job.after, service_pid());
	job.trees = sleepers_trees(&job.before, &job.after, job.tops, &job.asleep);
	next_tree();
}

static const char *not_ready(void)
{
	const char *why = criu_unready(job.request != NULL);

	if (!why && rounds_made())
		why = "sleeping processes come first, and there is a round already";
	return why || service_pid() ? why : service_none();
}

static void checkpoint_sleepers(struct request *request)
{
	const char *why = not_ready();

	if (why) {
		reply_error(request, "refused", "checkpoint.sleepers: %s", why);
		return;
	}
	job.request = request;
	job.begin_ns = now_ns();
	job.next = job.pages_id = 0;
	job.written = 0;
	sleepers_count(&job.before, service_pid());
	loop_at(now_ns() + (int64_t)arg_int(request, "window_ms", 100) * 1000000, look_again, NULL);
}

const struct lu_agent_verbs lu_agent_verbs_sleepers = {
	"sleepers",
	{
		{"checkpoint.sleepers", checkpoint_sleepers},
		{},
	},
};
