/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live patches: a module whose load begins the transition of all tasks to new code. The kernel
 * has no notification of its end, so it is polled, with a deadline; past that the transition is
 * reversed.
 *
 * livepatch.apply {patch: "lu_block_lp_fix", limit_ms} → load_ns, transition_ns, looks: all tasks
 *     run the new code. refused: the kernel does not load the patch, or tasks were still in the
 *     old code at the limit, and the patch has been reverted. Undone by livepatch.undo.
 * livepatch.undo {patch} → undo_ns: all tasks run the old code, the module is unloaded
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/modules.h"
#include "agent/verb.h"

#define LIVEPATCH_DIR	"/sys/kernel/livepatch"
#define LOOK_NS		1000000
#define SYSLOG_READ_ALL 3
/* Time for the reverse transition: the kernel retries each task once a second. */
#define BACK_NS 30000000000

/* One at a time, as the kernel has one transition at a time, too. */
static struct {
	struct request *request;
	char name[64];
	bool undo;    /* the transition is reversed, on request or because the limit was reached */
	bool refused; /* because the limit was reached */
	char held[200];
	int64_t begin_ns, loaded_ns, limit_ns, deadline_ns;
	unsigned looks;
} patching;

/* A file of the patch as a number; -1: there is no such patch. */
static int patch_value(const char *file)
{
	char path[200];

	snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/%s", patching.name, file);
	return (int)file_number(path, -1);
}

static bool patch_disable(void)
{
	char path[200];

	snprintf(path, sizeof(path), LIVEPATCH_DIR "/%s/enabled", patching.name);
	return file_write(path, "0");
}

static int task_state(const char *pid, char *name, size_t size)
{
	char path[64], *text;
	int state;

	snprintf(path, sizeof(path), "/proc/%.20s/patch_state", pid);
	state = (int)file_number(path, -1);
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	text = file_read(path, NULL);
	snprintf(name, size, "%.*s", text ? (int)strcspn(text, "\n") : 0, text ? text : "");
	free(text);
	return state;
}

/* Processes that are still in the old code, which an administrator wants to know of a stalled
 * transition. Of a process only its main thread is examined. */
static void note_holders(void)
{
	DIR *dir = opendir("/proc");
	size_t fill = 0;
	struct dirent *entry;
	char name[32];

	patching.held[0] = '\0';
	while (dir && (entry = readdir(dir)))
		if (isdigit(entry->d_name[0]) &&
		    task_state(entry->d_name, name, sizeof(name)) == 0 &&
		    fill < sizeof(patching.held) - 40)
			fill += snprintf(patching.held + fill, sizeof(patching.held) - fill, "%s%s",
					 fill ? ", " : "", name);
	if (dir)
		closedir(dir);
}

static void applied(void)
{
	struct request *request = patching.request;
	int64_t now = now_ns();

	patching.request = NULL;
	reply_ok(request,
		 json_pack("{s:I, s:I, s:i}", "load_ns",
			   (json_int_t)(patching.loaded_ns - patching.begin_ns), "transition_ns",
			   (json_int_t)(now - patching.begin_ns), "looks", (int)patching.looks));
}

/* The kernel has released the patch: its folder in
 * sysfs is gone, and its module can be unloaded. */
static void undone(void)
{
	struct request *request = patching.request;
	bool unloaded = syscall(SYS_delete_module, patching.name, O_NONBLOCK) == 0;

	if (!unloaded && errno == EBUSY)
		return;
	patching.request = NULL;
	if (patching.refused)
		reply_error(request, "refused",
			    "livepatch: after %lld ms tasks were still in the old code (%s): %s "
			    "was reverted",
			    (long long)patching.limit_ns / 1000000,
			    *patching.held ? patching.held : "threads", patching.name);
	else
		reply_ok(request,
			 json_pack("{s:I}", "undo_ns", (json_int_t)(now_ns() - patching.begin_ns)));
}

static bool late(void)
{
	return now_ns() > patching.deadline_ns;
}

static void give_up(void)
{
	struct request *request = patching.request;

	note_holders();
	patching.request = NULL;
	reply_error(request, "failed", "livepatch: %s cannot be reverted: %s", patching.name,
		    *patching.held ? patching.held : "its module is in use");
}

/* Reverse to the old code, which the tasks that block the transition still run. */
static void turn_round(void)
{
	note_holders();
	patching.refused = true;
	patching.undo = true;
	patching.deadline_ns = now_ns() + BACK_NS;
	patch_disable();
}

static void look(void *data)
{
	int transition = patch_value("transition");

	patching.looks++;
	if (patching.undo && transition < 0)
		undone();
	else if (!patching.undo && transition == 0)
		applied();
	else if (!patching.undo && late())
		turn_round();
	else if (patching.undo && late())
		give_up();
	if (patching.request)
		loop_at(now_ns() + LOOK_NS, look, NULL);
}

static bool begin(struct request *request, bool undo)
{
	const char *name = arg_str(request, "patch", "");

	if (patching.request) {
		reply_error(request, "usage", "livepatch: another transition is in progress");
		return false;
	}
	if (!*name || strchr(name, '/') || strlen(name) >= sizeof(patching.name)) {
		reply_error(request, "usage", "livepatch: \"patch\" is needed");
		return false;
	}
	memset(&patching, 0, sizeof(patching));
	memcpy(patching.name, name, strlen(name) + 1);
	patching.undo = undo;
	patching.begin_ns = now_ns();
	patching.limit_ns = arg_int(request, "limit_ms", 15000) * 1000000;
	patching.deadline_ns = patching.begin_ns + (undo ? BACK_NS : patching.limit_ns);
	return true;
}

static const char *last_of(const char *log, const char *text)
{
	const char *found = NULL;

	while ((log = strstr(log, text)))
		found = log++;
	return found;
}

/* The kernel's log on the patch: the first failure since
 * it was enabled, else its last line. "": nothing. */
static void last_words(char *words, size_t size)
{
	static char log[1 << 16];
	int n = klogctl(SYSLOG_READ_ALL, log, sizeof(log) - 1);
	const char *found, *enabled;
	char enabling[100];

	log[n > 0 ? n : 0] = '\0';
	snprintf(enabling, sizeof(enabling), "livepatch: enabling patch '%s'", patching.name);
	enabled = last_of(log, enabling);
	found = enabled ? strstr(enabled, "livepatch: failed") : last_of(log, "livepatch: ");
	snprintf(words, size, "%.*s", found ? (int)strcspn(found, "\n") : 0, found ? found : "");
}

static void tell_refused(struct request *request, const char *why)
{
	char words[200];

	last_words(words, sizeof(words));
	reply_error(request, "refused", "livepatch: the kernel does not load it: %s",
		    *words ? words : why);
}

static void livepatch_apply(struct request *request)
{
	char why[400];

	if (!begin(request, false))
		return;
	if (access(LIVEPATCH_DIR, R_OK)) {
		reply_error(request, "unsupported",
			    "livepatch: this kernel has no live patching (no " LIVEPATCH_DIR ")");
	} else if (modules_load_feature(patching.name, "", why, sizeof(why)) < 0) {
		tell_refused(request, why);
	} else {
		patching.request = request;
		patching.loaded_ns = now_ns();
		look(NULL);
	}
}

/* A patch that is not loaded needs no undo. */
static void livepatch_undo(struct request *request)
{
	if (!begin(request, true))
		return;
	if (patch_value("transition") < 0) {
		syscall(SYS_delete_module, patching.name, O_NONBLOCK);
		reply_ok(request, NULL);
		return;
	}
	patching.request = request;
	if (patch_value("enabled") == 1 && !patch_disable()) {
		patching.request = NULL;
		reply_error(request, "failed", "livepatch: %s cannot be disabled: %s",
			    patching.name, strerror(errno));
		return;
	}
	look(NULL);
}

const struct lu_agent_verbs lu_agent_verbs_livepatch = {
	"livepatch",
	{
		{"livepatch.apply", livepatch_apply},
		{"livepatch.undo", livepatch_undo},
		{},
	},
};
