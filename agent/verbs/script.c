/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario's script, run by the guest's own shell as its administrator would run it. The agent
 * does not interfere with it; it only learns which process was restored, which is the service from
 * then on.
 *
 * script.run {path?, args: ["dump", "10000"]?, pidfile?, jump: bool?, timeout_ms: int?} →
 *     script_ns, output_tail
 *     (last lines), pid when the script left a pidfile: that process is the service from here on,
 *     and the file is removed. Runs `/bin/sh path args…` (path: /etc/lubench/init-script) without
 *     a terminal and with stdout and stderr captured. A status other than 0 is an error
 *     with the script's last lines: refused for 69 (EX_UNAVAILABLE, sysexits.h), failed for any
 *     other. With jump the agent says "jump" before it starts the script, which is expected to
 *     leave the kernel: the next hello answers. After timeout_ms it is killed, with what it has
 *     started unless that has left its session.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/output.h"
#include "agent/service.h"
#include "agent/verb.h"

#define SCRIPT	 "/etc/lubench/init-script"
#define ARGS_MAX 16

struct script {
	struct request *request;
	int64_t begin_ns;
	pid_t pid;
	unsigned timer;
	bool late;
};

/* A restored service is not a child that the agent has started. */
static void adopt(const char *pidfile, json_t *result)
{
	long pid = pidfile ? file_number(pidfile, 0) : 0;

	if (pid > 0) {
		service_adopt((pid_t)pid, false);
		json_object_set_new(result, "pid", json_integer(service_pid()));
		unlink(pidfile);
	}
}

static void ended(void *data, int status, const char *output)
{
	struct script *script = data;
	struct request *request = script->request;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	char *words = output_tail(output);
	json_t *tail = json_string(words ? words : "");
	json_t *result = json_pack("{s:o, s:I}", "output_tail", tail ? tail : json_string(""),
				   "script_ns", (json_int_t)(now_ns() - script->begin_ns));

	bool late = script->late;

	loop_cancel(script->timer);
	free(script);
	adopt(arg_str(request, "pidfile", NULL), result);
	if (!code) {
		reply_ok(request, result);
		free(words);
		return;
	}
	json_decref(result);
	if (late) {
		reply_error(request, "failed", "killed after %lld ms: %s",
			    (long long)arg_int(request, "timeout_ms", 0), words ? words : "");
		free(words);
		return;
	}
	reply_error(request, code == EX_UNAVAILABLE ? "refused" : "failed", "status %d: %s", code,
		    words ? words : "");
	free(words);
}

/* NULL, or which argument is wrong. */
static const char *fill_argv(const char *argv[], struct request *request)
{
	json_t *args = json_object_get(request->args, "args"), *word;
	size_t i;

	argv[0] = "/bin/sh";
	argv[1] = arg_str(request, "path", SCRIPT);
	if (access(argv[1], R_OK))
		return "there is no such script";
	if (json_array_size(args) > ARGS_MAX)
		return "\"args\" has more than 16 elements";
	json_array_foreach(args, i, word)
	{
		argv[i + 2] = json_string_value(word);
		if (!argv[i + 2])
			return "\"args\" must be strings";
	}
	return NULL;
}

static void expired(void *data)
{
	struct script *script = data;

	script->timer = 0;
	script->late = true;
	/* it may lead a session of its own, and may not do so yet */
	kill(-script->pid, SIGKILL);
	kill(script->pid, SIGKILL);
}

static void script_run(struct request *request)
{
	int64_t timeout_ms = arg_int(request, "timeout_ms", 0);
	const char *argv[ARGS_MAX + 3] = {};
	const char *why = fill_argv(argv, request);
	struct script *script;

	if (why) {
		reply_error(request, "usage", "%s: %s", argv[1], why);
		return;
	}
	if (arg_bool(request, "jump", false))
		tell_jump();
	script = calloc(1, sizeof(*script));
	script->request = request;
	script->begin_ns = now_ns();
	script->pid = child_spawn(argv, ended, script);
	if (script->pid >= 0) {
		if (timeout_ms > 0)
			script->timer =
				loop_at(script->begin_ns + timeout_ms * 1000000, expired, script);
		return;
	}
	free(script);
	reply_error(request, "failed", "cannot fork");
}

const struct lu_agent_verbs lu_agent_verbs_script = {
	"script",
	{
		{"script.run", script_run},
		{},
	},
};
